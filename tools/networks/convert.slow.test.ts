import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, Graph, importModel, readModel } from "@ganfit/autodiff";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bundleOf,
  executablePath,
  launch,
  serve,
  TestPage,
  urlOf,
} from "../../packages/autodiff/test/devices/browser.js";
import { decodeImage } from "../../packages/core/src/image/decode.node.js";
import { warpToTensor } from "../../packages/core/src/image/warp.js";
import { cropOf } from "../../packages/core/src/networks/region.js";
import { faceDetector, faceLandmarks, sourceNetworks } from "./build.js";

const ASSETS = fileURLToPath(new URL("../../packages/core/assets/networks/", import.meta.url));
const FIXTURE = fileURLToPath(
  new URL("../../packages/core/test/fixtures/astronaut.jpg", import.meta.url),
);
const WASM = fileURLToPath(new URL("../wasm/", import.meta.resolve("@litertjs/core")));

const cases = [
  {
    file: "face-detector.onnx",
    source: "face_detector.tflite",
    build: faceDetector,
    side: 128,
    range: { mean: 127.5, scale: 1 / 127.5 },
    // Its outputs in the order of the TFLite file's.
    outputs: ["regressors", "scores"],
  },
  {
    file: "face-landmarks.onnx",
    source: "face_landmarks_detector.tflite",
    build: faceLandmarks,
    side: 256,
    range: { scale: 1 / 255 },
    outputs: ["landmarks", "presence"],
  },
] as const;

describe.each(cases)("$file", ({ file, source, build, side, range, outputs }) => {
  const original = async () => (await sourceNetworks())[source]!;

  it("is what the script builds", async () => {
    const written = await readFile(join(ASSETS, file));
    expect(Buffer.compare(written, build(await original()))).toBe(0);
  });

  describe.skipIf(!executablePath)("on the original runtime, LiteRT in a browser", () => {
    let page: TestPage;
    const closing: (() => unknown)[] = [];
    beforeAll(async () => {
      const entry = fileURLToPath(new URL("litert.page.ts", import.meta.url));
      const files = await bundleOf({ entryPoints: { page: entry } });
      for (const name of ["litert_wasm_internal", "litert_wasm_compat_internal"]) {
        for (const extension of ["js", "wasm"]) {
          const bytes = await readFile(join(WASM, `${name}.${extension}`));
          files.set(`${name}.${extension}`, bytes);
        }
      }
      const server = await serve({ litert: files });
      closing.push(() => server.close());
      const browser = await launch([]);
      closing.unshift(() => browser.close());
      page = await TestPage.open(browser, `${urlOf(server)}litert/`);
    });
    afterAll(async () => {
      for (const close of closing) await close();
    });

    it.each([
      ["the portrait's face", { x: 225, y: 128, size: 160, rotation: 0 }],
      ["the whole picture", { x: 256, y: 256, size: 512, rotation: 0 }],
      ["a turned part of it", { x: 220, y: 150, size: 250, rotation: 0.5 }],
    ])("gives the same for %s", async (_, region) => {
      const image = await decodeImage(await readFile(FIXTURE));
      const crop = cropOf(region, side);
      const planes = warpToTensor(image, crop, side, side, range);
      const pixels = warpToTensor(image, crop, side, side, { ...range, layout: "hwc" });
      const expected = await page.page.evaluate((request) => globalThis.runTflite(request), {
        model: base64Of(forOneImage(await original(), side)),
        input: base64Of(new Uint8Array(pixels.buffer)),
        shape: [1, side, side, 3],
      });
      const actual = await run(await readFile(join(ASSETS, file)), planes);
      outputs.forEach((name, i) => {
        expect(actual[name]!.length).toBe(expected[i]!.length);
        // Values are up to 256 pixels, and logits up to 100: a few units in float32's last place.
        expect(largestDifference(actual[name]!, expected[i]!)).toBeLessThan(1e-3);
      });
      // LiteRT logs as errors what it merely reports.
      expect(page.problems.filter((problem) => !/^console: (INFO|WARNING)/.test(problem))).toEqual(
        [],
      );
    });
  });
});

/**
 * LiteRT's page takes no input whose size the file leaves open: the shape signature `-1 x side x side
 * x 3` becomes `1 x side x side x 3`. Nothing else changes.
 */
function forOneImage(tflite: Uint8Array, side: number): Uint8Array {
  const vector = (first: number) => Buffer.from(Int32Array.of(4, first, side, side, 3).buffer);
  const fixed = Buffer.from(tflite);
  const at = fixed.indexOf(vector(-1));
  if (at >= 0) vector(1).copy(fixed, at);
  return fixed;
}

async function run(bytes: Uint8Array, image: Float32Array) {
  const model = readModel(bytes);
  const graph = new Graph();
  const shape = model.inputs[0]!.shape!.map(Number);
  const input = graph.input("image", "float32", shape);
  const program = await compile(graph, {
    inputs: { image: input },
    outputs: importModel(model, graph, { image: input }),
  });
  const results = await program.run({ image });
  await program.dispose();
  return results as Record<string, Float32Array>;
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
