import { describe, expect, it } from "vitest";
import { IBUG68, IBUG68_MIRROR } from "../../networks/ibug68.js";
import { ibug68Positions, JAW_COUNT } from "./embed-ibug68.js";
import { MEDIAPIPE_MIRROR } from "./embed-mirror.js";

describe("the tables of landmarks", () => {
  it("pair each of the 478 with its counterpart", () => {
    expect(MEDIAPIPE_MIRROR).toHaveLength(478);
    for (const [i, j] of MEDIAPIPE_MIRROR.entries()) expect(MEDIAPIPE_MIRROR[j]).toBe(i);
    // Outer corners of the eyes, of the mouth, the irises; the tip of the nose is its own.
    expect([33, 61, 468, 4].map((i) => MEDIAPIPE_MIRROR[i])).toEqual([263, 291, 473, 4]);
  });

  it("have mirror images for iBUG's features", () => {
    for (let i = JAW_COUNT; i < 68; i++) {
      const there = IBUG68[IBUG68_MIRROR[i]!]!;
      expect(MEDIAPIPE_MIRROR[IBUG68[i]!], `iBUG ${i}`).toBe(there);
    }
  });
});

it("ibug68Positions spreads the jaw along the outline, and mirrors with the face", () => {
  // Left landmarks at x > 0, mirrored exactly.
  const points = new Float32Array(3 * 478);
  for (const [i, j] of MEDIAPIPE_MIRROR.entries()) {
    if (j < i) continue;
    const [x, y, z] = [i === j ? 0 : -10 - (i % 7), i % 11, i % 13];
    points.set([x, y, z], 3 * i);
    if (j !== i) points.set([-x, y, z], 3 * j);
  }
  const result = ibug68Positions(points);
  for (let i = 0; i < 68; i++) {
    const j = IBUG68_MIRROR[i]!;
    const expected = [-result[3 * j]!, result[3 * j + 1]!, result[3 * j + 2]!];
    expected.forEach((value, k) => {
      expect(result[3 * i + k]!).toBeCloseTo(value, 4);
    });
  }
  // Its ends are landmarks: before the ears, and the chin.
  for (const [i, landmark] of [
    [0, 127],
    [8, 152],
    [16, 356],
  ] as const) {
    for (let k = 0; k < 3; k++) {
      expect(result[3 * i + k]!).toBeCloseTo(points[3 * landmark + k]!, 4);
    }
  }
});
