import { randomNormals, randomUniform } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { closestOnTriangle } from "./point-triangle.js";
import { movePoints, type Similarity3 } from "./similarity3.js";

type Point = readonly [number, number, number];

function closest(corners: ArrayLike<number>, [x, y, z]: Point) {
  const out = new Float64Array(3);
  const squared = closestOnTriangle(Float64Array.from(corners), 0, x, y, z, out);
  return { distance: Math.sqrt(squared), point: [...out] };
}

/** Least distance by descent on the weights of the corners, projected on what they may be. */
function leastDistance(corners: ArrayLike<number>, p: Point): number {
  const at = (w: readonly number[], k: number) =>
    w[0]! * corners[k]! + w[1]! * corners[3 + k]! + w[2]! * corners[6 + k]!;
  const distance = (w: readonly number[]) =>
    Math.hypot(at(w, 0) - p[0], at(w, 1) - p[1], at(w, 2) - p[2]);
  // Golden section in one weight of golden sections in the other: a convex function of two.
  const golden = (f: (t: number) => number) => {
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const a = high - 0.6180339887498949 * (high - low);
      const b = low + 0.6180339887498949 * (high - low);
      if (f(a) < f(b)) high = b;
      else low = a;
    }
    return f((low + high) / 2);
  };
  return golden((s) => golden((t) => distance([1 - s, s * (1 - t), s * t])));
}

/** A turn about all axes and a shift. */
const MOTION: Similarity3 = {
  scale: 1,
  rotation: [2 / 3, -1 / 3, 2 / 3, 2 / 3, 2 / 3, -1 / 3, -1 / 3, 2 / 3, 2 / 3],
  translation: [3, -5, 11],
};

describe("the closest point of a triangle", () => {
  it("is what a search over its points finds", () => {
    const numbers = randomNormals(12 * 300, 1);
    for (let i = 0; i < numbers.length; i += 12) {
      const corners = numbers.subarray(i, i + 9);
      const p = [...numbers.subarray(i + 9, i + 12)] as unknown as Point;
      const { distance, point } = closest(corners, p);
      expect(distance).toBeCloseTo(leastDistance(corners, p), 6);
      expect(Math.hypot(...point.map((x, k) => x - p[k]!))).toBeCloseTo(distance, 12);
    }
  });

  it("lies on corners, edges and inside", () => {
    const corners = [0, 0, 0, 4, 0, 0, 0, 2, 0];
    expect(closest(corners, [-1, -1, 3]).point).toEqual([0, 0, 0]);
    expect(closest(corners, [6, -1, 3]).point).toEqual([4, 0, 0]);
    expect(closest(corners, [-1, 5, 3]).point).toEqual([0, 2, 0]);
    expect(closest(corners, [3, -1, 3]).point).toEqual([3, 0, 0]);
    expect(closest(corners, [-2, 0.5, 3]).point).toEqual([0, 0.5, 0]);
    expect(closest(corners, [3, 3, 0]).point).toEqual([2, 1, 0]);
    expect(closest(corners, [1, 0.5, -7])).toEqual({ distance: 7, point: [1, 0.5, 0] });
  });

  it.each([1e-2, 1e-3, 1e-5, 1e-7, 1e-9, 1e-13, 0])(
    "is exact in slivers of height %d, in any pose",
    (height) => {
      const next = randomUniform(2);
      for (let i = 0; i < 200; i++) {
        // Each corner may come first; one of them stands over the other two or beside them.
        const flat = [-30, 0, 0, 70, 0, 0, 200 * next() - 80, height, 0];
        const turned = Array.from({ length: 9 }, (_, k) => flat[(k + 3 * (i % 3)) % 9]!);
        const corners = movePoints(turned, MOTION);
        const [x, y, z] = [300 * next() - 120, 4 * (next() - 0.5), 4 * (next() - 0.5)];
        const p = movePoints([x, y, z], MOTION) as unknown as Point;
        // As a segment: off by no more than the height.
        const ends = [flat[0]!, flat[3]!, flat[6]!];
        const beyond = Math.max(Math.min(...ends) - x, 0, x - Math.max(...ends));
        const segment = Math.hypot(beyond, y, z);
        const { distance, point } = closest(corners, p);
        expect(Math.abs(distance - segment)).toBeLessThanOrEqual(height + 1e-11);
        expect(Math.hypot(...point.map((c, k) => c - p[k]!))).toBeCloseTo(distance, 10);
      }
      // Above the middle of the inside.
      const corners = movePoints([-30, 0, 0, 70, 0, 0, 20, height, 0], MOTION);
      const above = movePoints([20, height / 3, 5], MOTION) as unknown as Point;
      expect(closest(corners, above).distance).toBeCloseTo(5, 12);
    },
  );

  it("is the point where all corners are one", () => {
    expect(closest([1, 2, 3, 1, 2, 3, 1, 2, 3], [1, 2, 7])).toEqual({
      distance: 4,
      point: [1, 2, 3],
    });
  });

  it("is found as well when two corners are one", () => {
    expect(closest([0, 0, 0, 0, 0, 0, 4, 0, 0], [1, 3, 0]).point).toEqual([1, 0, 0]);
    expect(closest([4, 0, 0, 0, 0, 0, 4, 0, 0], [1, 3, 0]).point).toEqual([1, 0, 0]);
    expect(closest([4, 0, 0, 0, 0, 0, 0, 0, 0], [1, 3, 0]).point).toEqual([1, 0, 0]);
  });
});
