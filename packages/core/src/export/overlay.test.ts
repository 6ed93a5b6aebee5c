import { beforeAll, describe, expect, test } from "vitest";
import { sampleHead } from "../../test/sample-head.js";
import type { Image } from "../image/image.js";
import { loadModel } from "../models/store/store.node.js";
import { surfacePositions } from "../models/surface-points.js";
import type { TexturedHead } from "../models/textured-head.js";
import { renderHead } from "../portrait/render-head.js";
import { type Camera, project } from "../render/camera.js";
import { AMBIENT, STUDIO } from "../render/lighting.js";
import { overlayOnPhoto } from "./overlay.js";
import { headSheet } from "./sheet.js";

const [WIDTH, HEIGHT] = [200, 160];
const camera: Camera = {
  position: [60, 40, 900],
  lookAt: [0, 0, 0],
  focalLength: 480,
  roll: 0.1,
  principalPoint: [110, 85],
};
const grey: Image = {
  width: WIDTH,
  height: HEIGHT,
  data: new Uint8Array(3 * WIDTH * HEIGHT).fill(90),
};

describe("a face over a photo", () => {
  let head: TexturedHead;
  let overlay: Image;
  /** Pixels of MediaPipe's landmarks. */
  let at: (landmark: number) => number;

  beforeAll(async () => {
    head = sampleHead(await loadModel("default"), { size: 128 });
    overlay = overlayOnPhoto(grey, head, camera, AMBIENT);
    const { mean, triangles, landmarks } = head.model;
    const screen = project(surfacePositions(mean, triangles, landmarks!.mediapipe478!), camera);
    at = (i) => Math.floor(screen[3 * i + 1]!) * WIDTH + Math.floor(screen[3 * i]!);
  });

  const pixel = (image: Image, i: number) => [...image.data.subarray(3 * i, 3 * i + 3)];

  test("is the rendered head inside the face and the photo outside", () => {
    const options = { camera, lighting: AMBIENT, width: WIDTH, height: HEIGHT };
    const whole = renderHead(head, options).image;
    // Tip of the nose, cheeks, between the brows, chin.
    for (const landmark of [4, 50, 280, 9, 199]) {
      const expected = pixel(whole, at(landmark));
      pixel(overlay, at(landmark)).forEach((value, c) => {
        expect(Math.abs(value - expected[c]!)).toBeLessThanOrEqual(2);
      });
    }
    // The crown of the head is in the picture, but no part of the face.
    const crown = at(10) - 14 * WIDTH;
    expect(whole.alpha![crown]).toBe(255);
    expect(pixel(overlay, crown)).toEqual([90, 90, 90]);
    expect(pixel(overlay, 0)).toEqual([90, 90, 90]);
  });

  test("stays away where the mask says that something is before it", () => {
    const data = Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) =>
      Math.floor(i / WIDTH) < Math.floor(at(4) / WIDTH) - 8 ? 0 : 1,
    );
    const masked = overlayOnPhoto(grey, head, camera, AMBIENT, {
      width: WIDTH,
      height: HEIGHT,
      data,
    });
    expect(pixel(masked, at(9))).toEqual([90, 90, 90]);
    expect(pixel(masked, at(199))).toEqual(pixel(overlay, at(199)));
    const small = { width: 2, height: 2, data: new Float32Array(4) };
    expect(() => overlayOnPhoto(grey, head, camera, AMBIENT, small)).toThrow(/2 x 2 pixels/);
  });

  test("leaves the photo alone where the head is not in it", () => {
    const aside = { ...camera, principalPoint: [2000, 85] as const };
    expect(overlayOnPhoto(grey, head, aside, AMBIENT)).toBe(grey);
  });

  test("the sheet shows nine pictures", () => {
    const sheet = headSheet({ photo: grey, head, camera, lighting: STUDIO, size: 64 });
    expect(sheet.width).toBe(8 + 3 * 72);
    expect(sheet.height).toBeGreaterThan(8 + 3 * 72);
    // The photo's middle, and the face over it.
    expect(pixel(sheet, 40 * sheet.width + 40)).toEqual([90, 90, 90]);
    expect(pixel(sheet, 40 * sheet.width + 112)[0]).toBeGreaterThan(120);
  });
});
