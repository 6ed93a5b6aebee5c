import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { readImage } from "../image/decode.node.js";
import type { Image } from "../image/image.js";
import { applySimilarity } from "../image/similarity.js";
import { toTensor } from "../image/tensor.js";
import { alignForRecognition, parseRecognition, SFACE } from "../networks/recognition.js";
import { segmentFace } from "../networks/segmentation.js";
import { type FitFrame, fitFrame, recognitionResampling } from "./fit-frame.js";

const fixture = (name: string) => new URL(`../../test/fixtures/${name}`, import.meta.url);

let photo: Image;
let landmarks: Float32Array;
let frame: FitFrame;

beforeAll(async () => {
  photo = await readImage(fixture("astronaut.jpg").pathname);
  const points = JSON.parse(readFileSync(fixture("astronaut-landmarks.json"), "utf8")) as number[];
  landmarks = Float32Array.from({ length: 3 * 478 }, (_, i) =>
    i % 3 < 2 ? points[2 * Math.floor(i / 3) + (i % 3)]! : 0,
  );
  frame = fitFrame(photo, landmarks, segmentFace(photo, landmarks), 256);
});

/** `rows plane columns^T` */
function resampled(description: typeof SFACE): Float64Array {
  const { rows, columns } = recognitionResampling(description, frame.side);
  const { width, height } = description.input;
  const out = new Float64Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const line = new Float64Array(frame.side);
      for (let j = 0; j < frame.side; j++) {
        const weight = rows[y * frame.side + j]!;
        if (weight === 0) continue;
        for (let i = 0; i < frame.side; i++) {
          line[i]! += weight * frame.photo[(c * frame.side + j) * frame.side + i]!;
        }
      }
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let i = 0; i < frame.side; i++) sum += columns[x * frame.side + i]! * line[i]!;
        out[(c * height + y) * width + x] = sum;
      }
    }
  }
  return out;
}

describe("fitFrame", () => {
  it("shows the recognition network's picture as it aligns it itself", () => {
    const expected = toTensor(alignForRecognition(photo, landmarks, SFACE), { scale: 1 / 255 });
    const actual = resampled(SFACE);
    const mean = expected.reduce((sum, v, i) => sum + Math.abs(v - actual[i]!), 0) / actual.length;
    expect(mean).toBeLessThan(0.012);
  });

  it("does so for networks of another size", () => {
    const description = parseRecognition({
      ...SFACE,
      input: { width: 160, height: 160 },
      layers: [],
    });
    const expected = toTensor(alignForRecognition(photo, landmarks, description), {
      scale: 1 / 255,
    });
    const actual = resampled(description);
    const mean = expected.reduce((sum, v, i) => sum + Math.abs(v - actual[i]!), 0) / actual.length;
    expect(mean).toBeLessThan(0.015);
  });

  it("holds the face's pixels, and not what shows between the lips", () => {
    const seen = new Set(frame.pixels);
    const at = (landmark: number) => {
      const { scale, rotation, tx, ty } = frame.toPhoto;
      const [dx, dy] = [landmarks[3 * landmark]! - tx, landmarks[3 * landmark + 1]! - ty];
      const x = (Math.cos(rotation) * dx + Math.sin(rotation) * dy) / scale;
      const y = (Math.cos(rotation) * dy - Math.sin(rotation) * dx) / scale;
      return Math.floor(y) * frame.side + Math.floor(x);
    };
    // Both cheeks and the tip of the nose; the smile shows teeth between 13 and 14.
    for (const landmark of [50, 280, 4]) expect(seen.has(at(landmark))).toBe(true);
    const lips = [13, 14].map(at);
    expect(seen.has(Math.floor((lips[0]! + lips[1]!) / 2))).toBe(false);
    expect(frame.pixels.length / frame.side ** 2).toBeGreaterThan(0.2);
  });

  it("gives the colours of the pixels' places", () => {
    for (const i of [0, 1000, frame.pixels.length - 1]) {
      const pixel = frame.pixels[i]!;
      expect(frame.centres[2 * i]).toBe((pixel % 256) + 0.5);
      expect(frame.centres[2 * i + 1]).toBe(Math.floor(pixel / 256) + 0.5);
      for (let c = 0; c < 3; c++) {
        expect(frame.colours[3 * i + c]).toBe(frame.photo[c * 256 * 256 + pixel]);
      }
    }
    const corner = applySimilarity(frame.toPhoto, [0, 0]);
    expect(corner.every(Number.isFinite)).toBe(true);
  });
});
