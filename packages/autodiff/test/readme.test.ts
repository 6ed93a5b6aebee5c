/** The README's code, run as a reader would paste it. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conv, Graph, globalAveragePool, relu, writeModel } from "../src/index.js";
import { bundleOf, executablePath, launch, serve, urlOf } from "./devices/browser.js";
import { generator, uniform } from "./finite-differences.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cache = join(root, ".cache");

/** Any model that takes an image of the README's size. */
function anyModel(): Uint8Array {
  const graph = new Graph();
  const image = graph.input("image", "float32", [1, 3, 112, 112]);
  const weights = Float32Array.from(uniform(generator(1), 8 * 3 * 9));
  const w = graph.constant(weights, "float32", [8, 3, 3, 3]);
  const features = globalAveragePool(relu(conv(image, w, undefined, { strides: [2, 2] })));
  return writeModel({ inputs: { image }, outputs: { features } });
}

/** The code block after `<!-- tested: NAME -->`. */
function block(file: string, name: string): string {
  const text = readFileSync(join(root, file), "utf8");
  const found = new RegExp(`<!-- tested: ${name} -->\\n\`\`\`js\\n([\\s\\S]*?)\`\`\``).exec(text);
  if (!found) throw new Error(`${file} has no block "${name}"`);
  return found[1]!;
}

const withoutBrowser = !executablePath && !process.env.CI;
if (withoutBrowser) console.log("No Chromium is installed: the README's page is not tested.");

describe("the README's code", () => {
  // Inside the checkout, so that the package resolves as it does for its users: to its build.
  let folder: string;
  beforeAll(() => {
    mkdirSync(cache, { recursive: true });
    folder = mkdtempSync(join(cache, "readme-"));
    writeFileSync(join(folder, "model.onnx"), anyModel());
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(["README.md", "packages/autodiff/README.md"])("runs in Node: %s", async (file) => {
    writeFileSync(join(folder, "example.mjs"), block(file, "node"));
    const { stdout } = await promisify(execFile)("node", ["example.mjs"], { cwd: folder });
    expect(stdout).toMatch(/loss: Float32Array\(1\) \[ \d/);
    expect(stdout).toMatch(/gradient: Float32Array\(37632\)/);
  });

  it.skipIf(withoutBrowser)("runs in a web page", async () => {
    const contents = block("packages/autodiff/README.md", "browser");
    const files = await bundleOf({
      stdin: { contents, resolveDir: folder, sourcefile: "page.js" },
      entryNames: "page",
      splitting: true,
    });
    const server = await serve({ readme: files.set("model.onnx", anyModel()) });
    const browser = await launch(["--disable-gpu"]);
    try {
      const page = await browser.newPage();
      const logged = page.waitForEvent("console");
      await page.goto(`${urlOf(server)}readme/`);
      const message = await logged;
      expect(message.type(), message.text()).toBe("log");
      const sizes = await message.args()[0]!.evaluate(({ loss, gradient }) => {
        return [loss[0] > 0, loss.length, gradient.length];
      });
      expect(sizes).toEqual([true, 1, 3 * 112 * 112]);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
