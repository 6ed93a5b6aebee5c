import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { readImage } from "../image/decode.node.js";
import type { Image } from "../image/image.js";
import { exposureOf } from "./exposure.js";
import { DEFAULT_IRIS, irisColourOf } from "./iris-colour.js";

const fixture = (name: string) => new URL(`../../test/fixtures/${name}`, import.meta.url);

let photo: Image;
let landmarks: Float32Array;

beforeAll(async () => {
  photo = await readImage(fixture("astronaut.jpg").pathname);
  const points = JSON.parse(readFileSync(fixture("astronaut-landmarks.json"), "utf8")) as number[];
  landmarks = Float32Array.from({ length: 3 * 478 }, (_, i) =>
    i % 3 < 2 ? points[2 * Math.floor(i / 3) + (i % 3)]! : 0,
  );
});

const darkened = (factor: number): Image => ({
  ...photo,
  data: photo.data.map((value) => Math.round(factor * value)),
});

describe("exposureOf", () => {
  it("is 1 for a well lit portrait and falls with its brightness", () => {
    expect(exposureOf(photo, landmarks)).toBeGreaterThan(0.8);
    const dark = exposureOf(darkened(0.6), landmarks);
    expect(dark).toBeLessThan(0.9);
    expect(dark / exposureOf(darkened(0.5), landmarks)).toBeCloseTo(1.2, 1);
    expect(exposureOf(darkened(0.01), landmarks)).toBe(0.4);
  });

  it("is 1 where eyes are too small to tell", () => {
    expect(
      exposureOf(
        photo,
        landmarks.map((value) => value / 100),
      ),
    ).toBe(1);
  });
});

describe("irisColourOf", () => {
  it("finds the colour that irises were painted in, whatever surrounds them", () => {
    const painted = { ...photo, data: photo.data.slice() };
    for (const centre of [468, 473]) {
      const [cx, cy] = [landmarks[3 * centre]!, landmarks[3 * centre + 1]!];
      const ring = [1, 2, 3, 4].map((k) =>
        Math.hypot(landmarks[3 * (centre + k)]! - cx, landmarks[3 * (centre + k) + 1]! - cy),
      );
      const radius = ring.reduce((a, b) => a + b) / 4;
      for (let y = Math.floor(cy - radius); y <= cy + radius; y++) {
        for (let x = Math.floor(cx - radius); x <= cx + radius; x++) {
          if (Math.hypot(x + 0.5 - cx, y + 0.5 - cy) > radius) continue;
          painted.data.set([70, 120, 160], 3 * (y * photo.width + x));
        }
      }
    }
    expect(irisColourOf(painted, landmarks)).toEqual([70, 120, 160]);
  });

  it("falls back to brown where no iris lies in the picture", () => {
    expect(
      irisColourOf(
        photo,
        landmarks.map((value) => value - 1e5),
      ),
    ).toEqual(DEFAULT_IRIS);
  });
});
