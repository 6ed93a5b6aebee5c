import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conformalMap } from "./uv-conformal.js";
import { distortion, type PointTargets, pointDistance, referenceMesh } from "./uv-distortion.js";
import { TargetList } from "./uv-targets.js";
import { countFolds, untangle } from "./uv-untangle.js";

const NONE = new TargetList().build();

/** A bumpy square of `n x n` cells of side 1. */
function sheet(n: number) {
  const positions: number[] = [];
  for (let y = 0; y <= n; y++) {
    for (let x = 0; x <= n; x++) positions.push(x, y, 0.3 * Math.sin(x) * Math.cos(y));
  }
  const triangles: number[] = [];
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const a = y * (n + 1) + x;
      triangles.push(a, a + 1, a + n + 2, a, a + n + 2, a + n + 1);
    }
  }
  const corners = Uint32Array.from(triangles);
  const mesh = referenceMesh(positions, corners, corners, () => 1);
  return { positions, mesh, vertices: (n + 1) ** 2 };
}

/** Largest difference of a gradient from central differences, against its own size. */
function gradientError(f: (x: Float64Array, gradient: Float64Array) => number, x: Float64Array) {
  const gradient = new Float64Array(x.length);
  f(x, gradient);
  const scale = Math.max(...gradient.map(Math.abs));
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const h = 1e-6;
    const at = (d: number) =>
      f(
        x.map((value, j) => (j === i ? value + d : value)),
        new Float64Array(x.length),
      );
    worst = Math.max(worst, Math.abs((at(h) - at(-h)) / (2 * h) - gradient[i]!) / scale);
  }
  return worst;
}

describe("distortion", () => {
  it("has the gradient of central differences, folded or not", () => {
    const { mesh, vertices } = sheet(2);
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
          minLength: 2 * vertices,
          maxLength: 2 * vertices,
        }),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
        (values, epsilon) => {
          const f = (x: Float64Array, g: Float64Array) =>
            distortion(mesh, x, 0.5, epsilon, g).value;
          expect(gradientError(f, Float64Array.from(values))).toBeLessThan(1e-5);
        },
      ),
      { seed: 1, numRuns: 20 },
    );
  });

  it("is least for the reference shapes: 2 + 2 lambda, and the same however they are turned", () => {
    const flat = Uint32Array.from([0, 1, 2, 1, 3, 2]);
    const mesh = referenceMesh([0, 0, 0, 2, 0, 0, 0, 1, 0, 2, 1, 0], flat, flat, () => 0.5);
    const turn = (angle: number) =>
      Float64Array.from([0, 0, 2, 0, 0, 1, 2, 1], (_, i, all = [0, 0, 2, 0, 0, 1, 2, 1]) => {
        const [x, y] = [all[i - (i % 2)]! / 2, all[i - (i % 2) + 1]! / 2];
        return i % 2 === 0
          ? Math.cos(angle) * x - Math.sin(angle) * y
          : Math.sin(angle) * x + Math.cos(angle) * y;
      });
    for (const angle of [0, 1, 2.5]) {
      const gradient = new Float64Array(8);
      const { value, smallest } = distortion(mesh, turn(angle), 0.3, 0, gradient);
      expect(value).toBeCloseTo(2.6, 12);
      expect(smallest).toBeCloseTo(1, 12);
      expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-12);
    }
  });

  it("is infinite for a fold without eps", () => {
    const { mesh, vertices } = sheet(1);
    const mirrored = Float64Array.from([0, 0, -1, 0, 0, 1, -1, 1]);
    expect(mirrored).toHaveLength(2 * vertices);
    expect(distortion(mesh, mirrored, 1, 0, new Float64Array(8)).value).toBe(Infinity);
  });
});

it("pointDistance has the gradient of central differences", () => {
  const targets: PointTargets = {
    vertices: Uint32Array.from([0, 1, 2, 1, 1, 3]),
    barycentric: Float64Array.from([0.2, 0.3, 0.5, 1, 0, 0]),
    positions: Float64Array.from([1, 2, -1, 0.5]),
    weights: Float64Array.from([0.7, 0.3]),
  };
  const x = Float64Array.from([0.1, 0.5, -0.4, 2, 1.5, 0.3, -1, 1]);
  expect(gradientError((y, g) => pointDistance(targets, y, 3, g), x)).toBeLessThan(1e-8);
});

it("conformalMap reproduces a similarity from two points of a flat sheet", () => {
  const flat: number[] = [];
  const { mesh: bumpy } = sheet(4);
  for (let y = 0; y <= 4; y++) for (let x = 0; x <= 4; x++) flat.push(x, y, 0);
  const mesh = referenceMesh(flat, bumpy.triangles, bumpy.triangles, () => 1);
  const targets = new TargetList();
  targets.vertex(0, [1, 1], 1);
  targets.vertex(24, [1, 1 + 4 * Math.SQRT2], 1);
  const map = conformalMap(mesh, targets.build(), new Float64Array(50), { tolerance: 1e-12 });
  // An eighth of a turn.
  for (let v = 0; v < 25; v++) {
    const [x, y] = [v % 5, Math.floor(v / 5)];
    expect(map[2 * v]!).toBeCloseTo(1 + (x - y) * Math.SQRT1_2, 4);
    expect(map[2 * v + 1]!).toBeCloseTo(1 + (x + y) * Math.SQRT1_2, 4);
  }
});

describe("untangle", () => {
  it("removes all folds from a crumpled map and keeps points in their places", async () => {
    const { mesh, vertices, positions } = sheet(8);
    const noise = fc.sample(fc.noBias(fc.integer({ min: -1500, max: 1500 })), {
      seed: 4,
      numRuns: 2 * vertices,
    });
    const start = Float64Array.from(noise, (n, i) => positions[3 * (i >> 1) + (i % 2)]! + n / 1000);
    expect(countFolds(mesh, start)).toBeGreaterThan(30);
    const targets = new TargetList();
    // The corners, and the middle moved by a cell and a half.
    for (const [vertex, place] of [
      [0, [0, 0]],
      [8, [8, 0]],
      [72, [0, 8]],
      [80, [8, 8]],
      [40, [5.5, 4]],
    ] as const) {
      targets.vertex(vertex, place, 1);
    }
    const { map, folded } = await untangle(mesh, targets.build(), start, { pointWeight: 100 });
    expect(folded).toBe(0);
    expect(countFolds(mesh, map)).toBe(0);
    for (const [v, x, y] of [
      [0, 0, 0],
      [80, 8, 8],
      [40, 5.5, 4],
    ] as const) {
      expect(Math.hypot(map[2 * v]! - x, map[2 * v + 1]! - y)).toBeLessThan(0.3);
    }
  });

  it("stays within a box", async () => {
    const { mesh, positions } = sheet(6);
    const start = Float64Array.from({ length: 98 }, (_, i) => positions[3 * (i >> 1) + (i % 2)]!);
    const { map, folded } = await untangle(mesh, NONE, start, {
      box: [1, 1, 6, 6],
      boxWeight: 1e4,
    });
    expect(folded).toBe(0);
    expect(Math.min(...map)).toBeGreaterThan(0.9);
    expect(Math.max(...map)).toBeLessThan(6.1);
  });

  it("is cancelled by its signal", async () => {
    const { mesh } = sheet(4);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(untangle(mesh, NONE, new Float64Array(50), { signal })).rejects.toThrow("enough");
  });
});
