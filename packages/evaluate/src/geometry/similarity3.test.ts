import { randomNormals } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { alignPoints, movePoints, type Similarity3 } from "./similarity3.js";

/** The rotation about an axis by an angle (Rodrigues). */
function rotation([x, y, z]: readonly [number, number, number], angle: number): number[] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const n = Math.hypot(x, y, z);
  const [a, b, d] = [x / n, y / n, z / n];
  return [
    [c + a * a * (1 - c), a * b * (1 - c) - d * s, a * d * (1 - c) + b * s],
    [b * a * (1 - c) + d * s, c + b * b * (1 - c), b * d * (1 - c) - a * s],
    [d * a * (1 - c) - b * s, d * b * (1 - c) + a * s, c + d * d * (1 - c)],
  ].flat();
}

function times(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) =>
    [0, 1, 2].reduce((sum, k) => sum + a[3 * Math.floor(i / 3) + k]! * b[3 * k + (i % 3)]!, 0),
  );
}

function determinant([a, b, c, d, e, f, g, h, i]: readonly number[]): number {
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!);
}

function cost(from: ArrayLike<number>, to: ArrayLike<number>, motion: Similarity3): number {
  return movePoints(from, motion).reduce((sum, x, i) => sum + (x - to[i]!) ** 2, 0);
}

describe("aligning points", () => {
  it.each([[1], [0.003], [250]])("recovers a similarity of scale %d", (scale) => {
    const from = randomNormals(30, 1);
    for (const angle of [0, 0.4, 2, Math.PI]) {
      const truth: Similarity3 = {
        scale,
        rotation: rotation([1, -2, 0.5], angle),
        translation: [10, -3, 700],
      };
      const found = alignPoints(from, movePoints(from, truth));
      expect(found.scale / scale).toBeCloseTo(1, 10);
      for (const [i, r] of truth.rotation.entries()) expect(found.rotation[i]).toBeCloseTo(r, 9);
      for (const [i, t] of truth.translation.entries())
        expect(found.translation[i]).toBeCloseTo(t, 9);
    }
  });

  it("is the least of its neighbours, with scale and without", () => {
    for (const seed of [2, 3, 4]) {
      const from = randomNormals(24, seed);
      const to = randomNormals(24, seed + 100);
      for (const scaled of [true, false]) {
        const best = alignPoints(from, to, { scale: scaled });
        if (!scaled) expect(best.scale).toBe(1);
        const least = cost(from, to, best);
        for (const sign of [-1e-3, 1e-3]) {
          const others: Similarity3[] = [0, 1, 2].flatMap((k) => {
            const axis = [0, 0, 0] as [number, number, number];
            axis[k] = 1;
            const shifted = [...best.translation] as [number, number, number];
            shifted[k]! += sign;
            const turned = times(rotation(axis, sign), best.rotation);
            return [
              { ...best, translation: shifted },
              { ...best, rotation: turned },
            ];
          });
          if (scaled) others.push({ ...best, scale: best.scale * (1 + sign) });
          for (const other of others) expect(cost(from, to, other)).toBeGreaterThan(least);
        }
      }
    }
  });

  it("never reflects, in space or in a plane", () => {
    const from = randomNormals(30, 6);
    const mirrored = from.map((x, i) => (i % 3 === 0 ? -x : x));
    expect(determinant(alignPoints(from, mirrored).rotation)).toBeCloseTo(1, 12);
    const flat = from.map((x, i) => (i % 3 === 2 ? 0 : x));
    const turned = movePoints(flat, {
      scale: 2,
      rotation: rotation([1, 1, 1], 1),
      translation: [1, 2, 3],
    });
    const found = alignPoints(flat, turned);
    expect(determinant(found.rotation)).toBeCloseTo(1, 12);
    expect(cost(flat, turned, found)).toBeLessThan(1e-20);
  });

  it("needs three points that are not on a line", () => {
    const two = [0, 0, 0, 1, 0, 0];
    expect(() => alignPoints(two, two)).toThrow("three or more");
    const line = [0, 0, 0, 1, 1, 1, 2, 2, 2, 5, 5, 5];
    expect(() => alignPoints(line, line)).toThrow("on a line");
    expect(() => alignPoints(line, two)).toThrow("three or more");
    expect(() => alignPoints(line.with(4, NaN), line)).toThrow("finite");
  });
});
