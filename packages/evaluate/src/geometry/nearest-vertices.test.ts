import { randomNormals } from "@ganfit/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NearestVertexSearch } from "./nearest-vertices.js";

function bruteForce(points: Float64Array, queries: Float64Array) {
  const indices: number[] = [];
  const distances: number[] = [];
  for (let q = 0; q < queries.length; q += 3) {
    const all = Array.from({ length: points.length / 3 }, (_, i) => {
      const [x, y, z] = [0, 1, 2].map((k) => points[3 * i + k]! - queries[q + k]!);
      return x! * x! + y! * y! + z! * z!;
    });
    const least = Math.min(...all);
    indices.push(all.indexOf(least));
    distances.push(Math.sqrt(least));
  }
  return { indices: Uint32Array.from(indices), distances: Float64Array.from(distances) };
}

describe("the nearest vertices", () => {
  it.each([1, 2, 8, 9, 100, 1000])("of %d are those of brute force", (count) => {
    const points = Float64Array.from(randomNormals(3 * count, count));
    const queries = Float64Array.from(randomNormals(600, 7), (x) => 1.5 * x);
    expect(new NearestVertexSearch(points).find(queries)).toEqual(bruteForce(points, queries));
    expect(new NearestVertexSearch(points).find(points).distances.every((d) => d === 0)).toBe(true);
  });

  it("are the first of several equally near ones", () => {
    // Few whole numbers: many points are the same, and many as near as others.
    const whole = fc.integer({ min: -3, max: 3 });
    const points = fc.array(fc.tuple(whole, whole, whole), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(points, points, (all, asked) => {
        const [a, b] = [Float64Array.from(all.flat()), Float64Array.from(asked.flat())];
        expect(new NearestVertexSearch(a).find(b)).toEqual(bruteForce(a, b));
      }),
      { seed: 1, numRuns: 200 },
    );
    const same = new NearestVertexSearch(new Float64Array(3 * 5000));
    expect(same.find(Float64Array.of(1, 2, 2))).toEqual({
      indices: Uint32Array.of(0),
      distances: Float64Array.of(3),
    });
  });

  it("need a point, and finite ones", () => {
    expect(() => new NearestVertexSearch(new Float64Array(0))).toThrow("no vertices");
    expect(() => new NearestVertexSearch(Float64Array.of(0, NaN, 0))).toThrow("not finite");
    const search = new NearestVertexSearch(new Float64Array(3));
    expect(() => search.find(Float64Array.of(0, 0, Infinity))).toThrow("Point 0 of 1");
  });
});
