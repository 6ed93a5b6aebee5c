import { describe, expect, it } from "vitest";
import { cropToMask, nowMask } from "./now-crop.js";
import { NOW_LANDMARKS, nowLandmarks } from "./now-landmarks.js";

describe("the mask of a scan", () => {
  it("lies about a point between nose and eyes", () => {
    // Outer corners 100 apart, bridge (0, 40, 10), bottom of the nose (0, -10, 10): 50 apart.
    const landmarks = Float64Array.of(
      ...[-50, 40, 0, -20, 40, 8, 20, 40, 12, 50, 40, 0, 0, -10, 10],
      ...[-30, -40, 0, 30, -40, 0],
    );
    const { centre, radius } = nowMask(landmarks);
    expect(centre[0]).toBeCloseTo(0, 12);
    expect(centre[1]).toBeCloseTo(5, 12);
    expect(centre[2]).toBeCloseTo(10, 12);
    expect(radius).toBeCloseTo(105, 12);
  });

  it("keeps its border and the triangles that lie within", () => {
    const scan = {
      positions: Float64Array.of(0, 0, 0, 3, 4, 0, 0, 5, 0, 5.001, 0, 0, 0, 0, -5),
      triangles: Uint32Array.of(0, 1, 2, 0, 1, 3),
    };
    const crop = cropToMask(scan, { centre: [0, 0, 0], radius: 5 });
    expect([...crop.positions]).toEqual([0, 0, 0, 3, 4, 0, 0, 5, 0, 0, 0, -5]);
    expect([...crop.triangles]).toEqual([0, 1, 2]);
  });
});

describe("nowLandmarks", () => {
  it("takes corners of the eyes, the nose and the mouth in the benchmark's order", () => {
    const points = Float64Array.from({ length: 204 }, (_, i) => Math.floor(i / 3) + (i % 3) / 10);
    const landmarks = nowLandmarks(points);
    expect([0, 1, 2, 3, 4, 5, 6].map((i) => landmarks[3 * i])).toEqual([
      36, 39, 42, 45, 33, 48, 54,
    ]);
    expect(landmarks[20]).toBeCloseTo(54.2);
    expect(NOW_LANDMARKS.length).toBe(7);
    expect(() => nowLandmarks(points.subarray(3))).toThrow("68 points");
  });
});
