/** The package in a web page: Chromium, bundled by esbuild, on wasm with and without threads. */
import type { Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, executablePath, launch, serve, TestPage, urlOf } from "./browser.js";
import { expectAgreement } from "./compare.js";
import { arraysCase, deviceCase } from "./graph.js";
import type { Options } from "./page.js";
import { plain } from "./plain.js";
import { runOn } from "./run.js";

const skipped = !executablePath && !process.env.CI;
if (skipped) console.log("No Chromium is installed: the package is not tested in a browser.");

describe.skipIf(skipped)("in Chromium", () => {
  let browser: Browser | undefined;
  let server: Server | undefined;

  beforeAll(async () => {
    server = await serve({ chunks: await bundle(true), single: await bundle(false) });
    browser = await launch(["--disable-gpu"]);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test.each<[string, string, Options]>([
    ["one thread", "chunks", { threads: 1 }],
    ["two threads", "chunks", { threads: 2 }],
    ["two threads, a page of one file", "single", { threads: 2, wasmPaths: "/runtime/" }],
  ])("wasm agrees with cpu: %s", async (_, folder, options) => {
    const opened = await TestPage.open(browser!, `${urlOf(server!)}${folder}/`);
    const { page, problems } = opened;
    expectAgreement(await opened.runGraph(options), await runOn("cpu", deviceCase()));
    expect(await opened.runArrays(options)).toEqual(plain(arraysCase().expected));
    expect(page.workers()).toHaveLength(options.threads! - 1);
    expect(problems).toEqual([]);
    await page.close();
  });
});
