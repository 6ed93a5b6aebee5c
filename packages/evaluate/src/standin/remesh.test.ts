import { expect, test } from "vitest";
import { coarsen } from "./coarsen.js";
import { refine } from "./refine.js";

/** A bumpy square of `side x side` vertices, and its triangles. */
function sheet(side: number) {
  const positions: number[] = [];
  const triangles: number[] = [];
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      positions.push(x, y, 0.3 * Math.sin(x) * Math.cos(0.7 * y));
      if (x === side - 1 || y === side - 1) continue;
      const v = y * side + x;
      triangles.push(v, v + 1, v + side, v + 1, v + side + 1, v + side);
    }
  }
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
}

/** How many triangles each edge has, by direction; and the characteristic of Euler. */
function topology(triangles: Uint32Array) {
  const directed = new Map<string, number>();
  const edges = new Set<string>();
  triangles.forEach((a, corner) => {
    const b = triangles[corner % 3 === 2 ? corner - 2 : corner + 1]!;
    directed.set(`${a} ${b}`, (directed.get(`${a} ${b}`) ?? 0) + 1);
    edges.add(`${Math.min(a, b)} ${Math.max(a, b)}`);
  });
  const most = Math.max(...directed.values());
  return { most, euler: new Set(triangles).size - edges.size + triangles.length / 3 };
}

function area(positions: ArrayLike<number>, triangles: Uint32Array): number {
  let sum = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const [u, v] = [1, 2].map((c) =>
      [0, 1, 2].map(
        (k) => positions[3 * triangles[t + c]! + k]! - positions[3 * triangles[t]! + k]!,
      ),
    ) as [number[], number[]];
    const cross = [0, 1, 2].map(
      (k) => u[(k + 1) % 3]! * v[(k + 2) % 3]! - u[(k + 2) % 3]! * v[(k + 1) % 3]!,
    );
    sum += Math.hypot(...cross) / 2;
  }
  return sum;
}

test("refining makes exactly as many vertices as asked for and does not move the surface", () => {
  const { positions, triangles } = sheet(9);
  for (const count of [81, 82, 100, 500, 2000]) {
    const fine = refine(positions, triangles, count);
    expect(fine.parents.length / 2).toBe(count - 81);
    const points = Array.from(positions);
    for (let i = 0; i < fine.parents.length; i += 2) {
      const [a, b] = [fine.parents[i]!, fine.parents[i + 1]!];
      expect(Math.max(a, b)).toBeLessThan(points.length / 3);
      points.push(...[0, 1, 2].map((k) => (points[3 * a + k]! + points[3 * b + k]!) / 2));
    }
    expect(area(points, fine.triangles)).toBeCloseTo(area(positions, triangles), 9);
    expect(topology(fine.triangles)).toEqual({ most: 1, euler: 1 });
    expect(new Set(fine.triangles).size).toBe(count);
  }
});

test("refining evens out the edges", () => {
  const { positions, triangles } = sheet(9);
  const fine = refine(positions, triangles, 3000);
  const points = Array.from(positions);
  for (let i = 0; i < fine.parents.length; i += 2) {
    const [a, b] = [fine.parents[i]!, fine.parents[i + 1]!];
    points.push(...[0, 1, 2].map((k) => (points[3 * a + k]! + points[3 * b + k]!) / 2));
  }
  const lengths = Array.from(fine.triangles, (a, corner) => {
    const b = fine.triangles[corner % 3 === 2 ? corner - 2 : corner + 1]!;
    return Math.hypot(...[0, 1, 2].map((k) => points[3 * a + k]! - points[3 * b + k]!));
  });
  expect(Math.max(...lengths)).toBeLessThan(4 * Math.min(...lengths));
});

test("coarsening keeps the surface whole, fixed vertices and their triangles", () => {
  const { positions, triangles } = sheet(15);
  const fixed = new Set([0, 1, 15, 100, 101, 115]);
  const coarse = coarsen(positions, triangles, 60, fixed);
  const left = new Set(coarse);
  expect(left.size).toBe(60);
  for (const vertex of fixed) expect(left).toContain(vertex);
  expect(topology(coarse)).toEqual({ most: 1, euler: 1 });
  const rows = (all: Uint32Array) =>
    Array.from({ length: all.length / 3 }, (_, t) => all.slice(3 * t, 3 * t + 3).join(" "));
  expect(rows(coarse)).toContain("0 1 15");
  expect(rows(coarse)).toContain("100 101 115");
  // No fold: seen from above every triangle turns left.
  const flat = positions.map((value, i) => (i % 3 === 2 ? 0 : value));
  for (let t = 0; t < coarse.length; t += 3) {
    const [a, b, c] = [coarse[t]!, coarse[t + 1]!, coarse[t + 2]!];
    const turn =
      (flat[3 * b]! - flat[3 * a]!) * (flat[3 * c + 1]! - flat[3 * a + 1]!) -
      (flat[3 * b + 1]! - flat[3 * a + 1]!) * (flat[3 * c]! - flat[3 * a]!);
    expect(turn).toBeGreaterThan(0);
  }
});

test("coarsening further than the fixed vertices is refused", () => {
  const { positions, triangles } = sheet(6);
  const fixed = new Set(triangles);
  expect(() => coarsen(positions, triangles, 20, fixed)).toThrow(/at least 36 vertices, not 20/);
});
