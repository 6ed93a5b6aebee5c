/** An exported head in three.js and Chromium, beside our own picture of it. */
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bundleOf,
  executablePath,
  launch,
  serve,
  TestPage,
  urlOf,
} from "../../autodiff/test/devices/browser.js";
import { writeGlb } from "../src/export/glb.js";
import { faceRegion } from "../src/export/overlay.js";
import { encodePng, writeImage } from "../src/image/encode.node.js";
import type { Image } from "../src/image/image.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import { loadModel } from "../src/models/store/store.node.js";
import { portraitCamera } from "../src/portrait/portrait-camera.js";
import { renderHead } from "../src/portrait/render-head.js";
import { AMBIENT } from "../src/render/lighting.js";
import { sampleHead } from "./sample-head.js";

const skipped = !executablePath && !process.env.CI;
if (skipped) console.log("No Chromium is installed: exported heads are not opened in a browser.");

const SIZE = 360;
/** WebGL on the processor. */
const FLAGS = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];

describe.skipIf(skipped)("in Chromium", () => {
  let browser: Browser | undefined;
  let server: Server | undefined;

  beforeAll(async () => {
    const entry = fileURLToPath(new URL("glb-page.ts", import.meta.url));
    server = await serve({ glb: await bundleOf({ entryPoints: { page: entry } }) });
    browser = await launch(FLAGS);
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("three.js shows the head that we show", async () => {
    const head = sampleHead(await loadModel("default"), {
      seed: 6,
      identity: 0.8,
      expression: { jawOpen: 0.5, mouthSmileLeft: 0.6, eyeBlinkRight: 0.4 },
    });
    const vertices = evaluateModel(head.model, head.identity, head.expression);
    const fov = 18;
    const camera = portraitCamera(vertices, { yaw: 25, width: SIZE, height: SIZE, fov });
    const glb = await writeGlb(head, { encode: encodePng, generator: "ganfit's tests" });
    const opened = await TestPage.open(browser!, `${urlOf(server!)}glb/`);
    const metres = (point: readonly number[]) => point.map((value) => value / 1000);
    const base64 = await opened.page.evaluate(([bytes, view]) => globalThis.drawGlb(bytes, view), [
      Buffer.from(glb).toString("base64"),
      {
        width: SIZE,
        height: SIZE,
        position: metres(camera.position),
        lookAt: metres(camera.lookAt),
        fov,
      },
    ] as const);
    expect(opened.problems).toEqual([]);
    const theirs: Image = { width: SIZE, height: SIZE, data: Buffer.from(base64, "base64") };

    const options = { camera, lighting: AMBIENT, width: SIZE, height: SIZE };
    const ours = renderHead(head, { ...options, background: [255, 255, 255] });
    if (process.env.GANFIT_PICTURES) {
      await writeImage(`${process.env.GANFIT_PICTURES}/glb-theirs.png`, theirs);
      await writeImage(`${process.env.GANFIT_PICTURES}/glb-ours.png`, ours.image);
    }
    const face = renderHead(head, { ...options, opacity: faceRegion(head.model)! });
    const everywhere = new Float32Array(SIZE * SIZE).fill(1);
    expect(psnr(ours.image, theirs, face.coverage.data)).toBeGreaterThan(30);
    expect(psnr(ours.image, theirs, everywhere)).toBeGreaterThan(30);

    // The measure can fail: another expression is another picture.
    const neutral = { ...options, expression: new Float32Array(head.expression.length) };
    const other = renderHead(head, { ...neutral, background: [255, 255, 255] });
    expect(psnr(other.image, theirs, face.coverage.data)).toBeLessThan(25);
  });
});

/** Decibels, over the pixels weighted. */
function psnr(a: Image, b: Image, weights: Float32Array): number {
  let error = 0;
  let sum = 0;
  weights.forEach((weight, i) => {
    sum += 3 * weight;
    for (let c = 0; c < 3; c++) error += weight * (a.data[3 * i + c]! - b.data[3 * i + c]!) ** 2;
  });
  return 10 * Math.log10(255 ** 2 / (error / sum));
}
