import { randomNormals, randomUniform } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { bumpySurface } from "../../test/bumpy-surface.js";
import { ClosestPointSearch } from "./closest-points.js";
import type { Mesh } from "./mesh.js";
import { closestOnTriangle } from "./point-triangle.js";

/** Triangles of random corners here and there, some without area, some sharing corners. */
function soup(vertexCount: number, triangleCount: number, seed: number): Mesh {
  const positions = randomNormals(3 * vertexCount, seed).map((x) => 50 * x);
  const next = randomUniform(seed);
  const first = () => Math.floor(next() * (vertexCount - 4));
  const triangles = Uint32Array.from({ length: triangleCount }, first).reduce<number[]>(
    (all, v, t) => all.concat(v, v + 1 + (t % 3), t % 10 === 0 ? v : v + 4 - (t % 2)),
    [],
  );
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
}

/** One triangle after the other. */
function bruteForce({ positions, triangles }: Mesh, points: Float64Array) {
  const out = new Float64Array(3);
  return Array.from({ length: points.length / 3 }, (_, i) => {
    const best = { squared: Infinity, triangle: -1, point: [0, 0, 0] };
    for (let t = 0; t < triangles.length / 3; t++) {
      const corners = Float64Array.from(
        { length: 9 },
        (_, k) => positions[3 * triangles[3 * t + Math.floor(k / 3)]! + (k % 3)]!,
      );
      const [x, y, z] = points.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
      const squared = closestOnTriangle(corners, 0, x, y, z, out);
      if (squared < best.squared) Object.assign(best, { squared, triangle: t, point: [...out] });
    }
    return { ...best, distance: Math.sqrt(best.squared) };
  });
}

describe("the closest points of a mesh", () => {
  it.each([
    ["triangles all over", soup(60, 200, 1), 80],
    ["a surface", bumpySurface(400), 100],
    ["one triangle", soup(6, 1, 3), 50],
  ])("are those of brute force on %s", (_, mesh, spread) => {
    const points = Float64Array.from(randomNormals(3 * 200, 5), (x) => spread * x);
    const found = new ClosestPointSearch(mesh).find(points);
    bruteForce(mesh, points).forEach(({ distance, triangle, point }, i) => {
      expect(found.distances[i]).toBe(distance);
      expect(found.triangles[i]).toBe(triangle);
      expect([...found.points.subarray(3 * i, 3 * i + 3)]).toEqual(point);
    });
  });

  it("of several triangles equally near is the first", () => {
    // Fans about vertex 0 in any order: its apex is the closest point of all six.
    const positions = Float64Array.of(0, 0, 5, 1, 0, 0, 0, 1, 0, -1, 0, 0, 0, -1, 0);
    for (const order of [
      [1, 2, 3, 4],
      [4, 3, 2, 1],
      [3, 1, 4, 2],
    ]) {
      const triangles = Uint32Array.from(order.flatMap((v) => [0, v, (v % 4) + 1]));
      const search = new ClosestPointSearch({ positions, triangles });
      const { triangles: found, points } = search.find(Float64Array.of(0, 0, 9));
      expect([...found]).toEqual([0]);
      expect([...points]).toEqual([0, 0, 5]);
    }
  });

  it("do not depend on the bounds that make it faster", () => {
    const mesh = bumpySurface(900);
    const points = Float64Array.from(mesh.positions, (x, i) => (i % 7 ? x + Math.sin(i) : x));
    const search = new ClosestPointSearch(mesh);
    const free = search.find(points);
    const bounds: Record<string, (d: number, i: number) => number> = {
      exact: (d) => d,
      wide: (d) => d + 2,
      "too small": (d) => d / 3,
      nothing: () => 0,
      negative: () => -1,
      mixed: (d, i) => [NaN, Infinity, d, d + 1, d / 2][i % 5]!,
    };
    for (const [name, bound] of Object.entries(bounds)) {
      const within = free.distances.map(bound);
      expect(search.find(points, within), name).toEqual(free);
    }
    expect(search.find(points, new Float64Array(0))).toEqual(free);
  });

  it("are exact for meshes far from the origin, tiny or huge", () => {
    const mesh = bumpySurface(400);
    const points = mesh.positions.map((x, i) => x + Math.sin(i));
    const { distances } = new ClosestPointSearch(mesh).find(points);
    // Powers of two and shifts that double precision holds: nothing is rounded but the results.
    for (const [scale, shift, digits] of [
      [1, 2 ** 24, 7],
      [2 ** -60, 0, 12],
      [2 ** 150, 0, 12],
    ] as const) {
      const move = (x: number) => scale * x + shift;
      const search = new ClosestPointSearch({ ...mesh, positions: mesh.positions.map(move) });
      const moved = search.find(points.map(move)).distances;
      moved.forEach((distance, i) => {
        expect(distance / scale).toBeCloseTo(distances[i]!, digits);
      });
    }
  });

  it("never lie on a triangle with a corner that is not finite", () => {
    const { positions, triangles } = soup(30, 60, 8);
    positions[3 * 7 + 1] = NaN;
    positions[3 * 9] = Infinity;
    const points = Float64Array.from(randomNormals(60, 9), (x) => 50 * x);
    const found = new ClosestPointSearch({ positions, triangles }).find(points);
    const whole = Uint32Array.from({ length: 60 }, (_, t) => t).filter((t) =>
      triangles.subarray(3 * t, 3 * t + 3).every((v) => v !== 7 && v !== 9),
    );
    const without = Uint32Array.from(
      [...whole].flatMap((t) => [...triangles.subarray(3 * t, 3 * t + 3)]),
    );
    bruteForce({ positions, triangles: without }, points).forEach(({ distance, triangle }, i) => {
      expect(found.distances[i]).toBe(distance);
      expect(found.triangles[i]).toBe(whole[triangle]);
    });
  });

  it("need a triangle and finite points", () => {
    const none = { positions: new Float64Array(9), triangles: new Uint32Array(0) };
    expect(() => new ClosestPointSearch(none)).toThrow("The mesh has no triangles");
    const bad = { positions: new Float64Array(9).fill(NaN), triangles: Uint32Array.of(0, 1, 2) };
    expect(() => new ClosestPointSearch(bad)).toThrow("The mesh has no triangles");
    const search = new ClosestPointSearch(bumpySurface(9));
    expect(() => search.find(Float64Array.of(0, 0, 0, 1, NaN, 2))).toThrow("Point 1 of 2");
    expect(search.find(new Float64Array(0)).distances).toHaveLength(0);
  });
});
