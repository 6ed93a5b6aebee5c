import { faceRegions, mirrored } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { farthest, frame } from "../../test/painted-face.js";
import { FACE_PARTS, faceWindows } from "./face-windows.js";

describe.each([16, 64, 256])("at %i texels", (size) => {
  const { parts } = faceWindows(frame, size);

  test("windows sum to 1 and lie in [0, 1]", () => {
    const sums = new Float64Array(size * size);
    for (const part of FACE_PARTS) {
      parts[part].values.forEach((value, i) => {
        sums[i]! += value;
      });
      expect(parts[part].values.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    expect(
      farthest(
        sums,
        sums.map(() => 1),
      ),
    ).toBeLessThan(1e-5);
  });

  test("both sides come from one donor", () => {
    for (const part of FACE_PARTS) {
      const { values } = parts[part];
      expect(farthest(values, mirrored(values, size, 1))).toBeLessThan(1e-5);
    }
  });

  test("are 0 outside of their bounds", () => {
    for (const part of FACE_PARTS) {
      const { values, bounds } = parts[part];
      const { left, top, right, bottom } = bounds;
      const strays = values.filter((value, i) => {
        const [x, y] = [i % size, Math.floor(i / size)];
        return value !== 0 && (x < left || x >= right || y < top || y >= bottom);
      });
      expect(strays).toHaveLength(0);
    }
  });
});

test("no feature lies where two windows meet", () => {
  const size = 256;
  const { parts } = faceWindows(frame, size);
  const { brows, eyes, lips, nostrils } = faceRegions(frame, size);
  const least = (mask: Float32Array, part: (typeof FACE_PARTS)[number]) =>
    Math.min(...Array.from(mask, (value, i) => (value > 0.5 ? parts[part].values[i]! : 1)));
  expect(least(brows, "eyes")).toBeGreaterThan(0.99);
  expect(least(eyes, "eyes")).toBeGreaterThan(0.99);
  expect(least(nostrils, "nose")).toBeGreaterThan(0.98);
  expect(least(lips, "mouth")).toBeGreaterThan(0.98);
});
