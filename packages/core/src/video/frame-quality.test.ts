import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readImage } from "../image/decode.node.js";
import type { Image } from "../image/image.js";
import { warpSimilarity } from "../image/warp.js";
import type { Face } from "../networks/faces.js";
import { cropOfLandmarks } from "../networks/landmarks.js";
import { frameQuality } from "./frame-quality.js";

const FIXTURES = new URL("../../test/fixtures/", import.meta.url);
const photo = await readImage(fileURLToPath(new URL("astronaut.jpg", FIXTURES)));
const flat: number[] = JSON.parse(
  readFileSync(new URL("astronaut-landmarks.json", FIXTURES), "utf8"),
);
const points = Float32Array.from({ length: 3 * (flat.length / 2) }, (_, i) =>
  i % 3 === 2 ? 0 : flat[2 * Math.floor(i / 3) + (i % 3)]!,
);

function faceOf(landmarks: Float32Array): Face {
  const region = cropOfLandmarks(landmarks);
  const box = { x: 0, y: 0, width: region.size, height: region.size };
  const pose = { roll: 0, yaw: Math.PI / 6, pitch: -Math.PI / 12 };
  return { ...pose, box, region, landmarks, confidence: 0.9, score: 0.8, cutByBorder: false };
}

/** The photo `factor` times as large or small. */
function scaled(image: Image, factor: number): Image {
  const [width, height] = [image.width * factor, image.height * factor].map(Math.round);
  const toInput = { scale: 1 / factor, rotation: 0, tx: 0, ty: 0 };
  return warpSimilarity(image, toInput, width!, height!);
}

const sharpness = (image: Image, factor = 1) =>
  frameQuality(image, faceOf(points.map((value) => factor * value))).sharpness;

it("gives angles in degrees and passes on what the face says", () => {
  const { yaw, pitch, confidence } = frameQuality(photo, faceOf(points));
  expect(yaw).toBeCloseTo(30, 9);
  expect(pitch).toBeCloseTo(-15, 9);
  expect(confidence).toBe(0.9);
});

it("knows a blurred face from a sharp one", () => {
  const blurred = scaled(scaled(photo, 0.25), 4);
  expect(sharpness(blurred)).toBeLessThan(0.25 * sharpness(photo));
});

it("does not take size for sharpness", () => {
  expect(sharpness(scaled(photo, 2), 2)).toBeGreaterThan(0.6 * sharpness(photo));
  expect(sharpness(scaled(photo, 2), 2)).toBeLessThan(1.3 * sharpness(photo));
});

it("sees no sharpness in a plain picture", () => {
  expect(sharpness({ ...photo, data: photo.data.slice().fill(90) })).toBe(0);
});

it("measures the eye that is less open", () => {
  expect(frameQuality(photo, faceOf(points)).eyesOpen).toBeGreaterThan(0.2);
  const winking = points.slice();
  // The left eye, 40 pixels wide, its lids 2 apart.
  for (const [point, x, y] of [
    [362, 100, 50],
    [263, 140, 50],
    [386, 120, 49],
    [374, 120, 51],
  ] as const) {
    winking.set([x, y, 0], 3 * point);
  }
  expect(frameQuality(photo, faceOf(winking)).eyesOpen).toBeCloseTo(0.05, 6);
});
