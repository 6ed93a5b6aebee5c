/** A real browser on a page of ours: bundling, serving and opening it. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Options } from "./page.js";
import { numbersOf, type Plain } from "./plain.js";

const EXECUTABLES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Undefined where no browser is installed. */
export const executablePath = EXECUTABLES.find(existsSync);

const FLAGS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Headless, with a fresh profile. */
export function launch(flags: readonly string[]): Promise<Browser> {
  if (!executablePath) throw new Error(`no browser among ${EXECUTABLES.join(", ")}`);
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

/** What a page is served from, by file name; its script is `page.js`. */
export type PageFiles = Map<string, string | Uint8Array>;

/** The scripts of the shared test page: chunks, or all in one. */
export function bundle(splitting: boolean): Promise<PageFiles> {
  return bundleOf({ entryPoints: [fileURLToPath(new URL("page.ts", import.meta.url))], splitting });
}

export async function bundleOf(options: BuildOptions): Promise<PageFiles> {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    format: "esm",
    platform: "browser",
    outdir: "/",
    write: false,
  });
  return new Map(outputFiles!.map(({ path, text }) => [basename(path), text]));
}

const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * Serves the scripts of several pages, each under a folder of its own, and onnxruntime-web's files
 * in `runtime/` and beside each page. The headers make pages cross-origin isolated: threads share
 * memory, which browsers allow to no other page.
 */
export async function serve(pages: Readonly<Record<string, PageFiles>>): Promise<Server> {
  const runtime = dirname(fileURLToPath(import.meta.resolve("onnxruntime-web")));
  const server = createServer(async (request, response) => {
    const [folder = "", file = ""] = new URL(request.url!, "http://localhost").pathname
      .slice(1)
      .split("/");
    const body =
      file === ""
        ? '<!doctype html><link rel="icon" href="data:,"><script type="module" src="page.js"></script>'
        : (pages[folder]?.get(file) ??
          (await readFile(join(runtime, basename(file))).catch(() => undefined)));
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": TYPES[extname(file) || ".html"] ?? "application/octet-stream",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** An open test page and all that went wrong on it: errors thrown or logged, files not found. */
export class TestPage {
  readonly problems: string[] = [];

  private constructor(readonly page: Page) {
    const { problems } = this;
    page.on("pageerror", (error) => problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(`console: ${message.text()}`);
    });
    page.on("requestfailed", (request) => {
      problems.push(`not loaded: ${request.url()} ${request.failure()?.errorText}`);
    });
    page.on("response", (response) => {
      if (!response.ok()) problems.push(`${response.status()}: ${response.url()}`);
    });
  }

  static async open(browser: Browser, url: string): Promise<TestPage> {
    const opened = new TestPage(await browser.newPage());
    await opened.page.goto(url);
    return opened;
  }

  async runGraph(options: Options): Promise<Record<string, number[]>> {
    const run = this.page.evaluate((given) => globalThis.runGraph(given), options);
    return numbersOf(await this.explained(run));
  }

  async runArrays(options: Options): Promise<Plain> {
    return this.explained(this.page.evaluate((given) => globalThis.runArrays(given), options));
  }

  /** What stands on the console usually says more than the exception. */
  private async explained<T>(run: Promise<T>): Promise<T> {
    return run.catch((error: Error) => {
      throw new Error([error.message, ...this.problems].join("\n"), { cause: error });
    });
  }
}
