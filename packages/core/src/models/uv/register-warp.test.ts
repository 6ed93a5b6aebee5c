import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splineWarp } from "./register-warp.js";

const coordinate = fc.noBias(fc.integer({ min: -100_000, max: 100_000 })).map((n) => n / 1000);
const points = fc.sample(coordinate, { seed: 9, numRuns: 90 });

describe("splineWarp", () => {
  it("goes through the points when they are hard", () => {
    const to = points.map((value, i) => value + 5 * Math.sin(i));
    const warp = splineWarp(points, to, new Array(30).fill(0));
    for (let i = 0; i < 90; i += 3) {
      const p = warp(points[i]!, points[i + 1]!, points[i + 2]!);
      p.forEach((value, k) => {
        expect(value).toBeCloseTo(to[i + k]!, 6);
      });
    }
  });

  it("is exactly affine for an affine change, soft or hard", () => {
    const affine = (x: number, y: number, z: number) => [x + 0.2 * y + 3, 1.1 * y - z, 0.9 * z + 7];
    const to: number[] = [];
    for (let i = 0; i < 90; i += 3) to.push(...affine(points[i]!, points[i + 1]!, points[i + 2]!));
    for (const softness of [0, 50]) {
      const p = splineWarp(points, to, new Array(30).fill(softness))(12, -34, 56);
      affine(12, -34, 56).forEach((value, k) => {
        expect(p[k]!).toBeCloseTo(value, 6);
      });
    }
  });

  it("misses soft points less far than an affine map and farther than a hard spline", () => {
    const to = points.map((value, i) => value + 10 * Math.sin(value * i));
    const miss = (softness: number) => {
      const warp = splineWarp(points, to, new Array(30).fill(softness));
      let sum = 0;
      for (let i = 0; i < 90; i += 3) {
        const p = warp(points[i]!, points[i + 1]!, points[i + 2]!);
        sum += Math.hypot(...p.map((value, k) => value - to[i + k]!));
      }
      return sum;
    };
    expect(miss(10)).toBeGreaterThan(miss(1));
    expect(miss(10)).toBeLessThan(miss(1e6));
  });

  it("refuses hard points at the same place", () => {
    const twice = [...points.slice(0, 30), ...points.slice(0, 30)];
    const to = points.slice(0, 60);
    expect(() => splineWarp(twice, to, new Array(20).fill(0))).toThrow(RangeError);
  });
});
