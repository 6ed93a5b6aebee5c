import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normals, uniform } from "../../packages/core/src/random.js";
import { fitSurface, modelShape, solveBoxed } from "./fit-surface.js";

/** A bumpy cap: a height field of `n x n` vertices with modes that raise smooth bumps. */
function cap(n: number) {
  const mean = new Float32Array(3 * n * n);
  const modes = new Float32Array(3 * mean.length);
  const triangles: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const v = i * n + j;
      const x = (i / (n - 1) - 0.5) * 120;
      const y = (j / (n - 1) - 0.5) * 160;
      mean.set(
        [x, y, 60 - (x * x) / 120 - (y * y) / 200 + 6 * Math.sin(x / 15) * Math.cos(y / 20)],
        3 * v,
      );
      modes[3 * v + 2] = 3 * Math.exp(-((x - 15) ** 2 + y ** 2) / 800);
      modes[mean.length + 3 * v + 2] = 2 * Math.exp(-((x + 20) ** 2 + (y - 30) ** 2) / 400);
      modes[2 * mean.length + 3 * v] = 0.04 * x;
      if (i > 0 && j > 0) triangles.push(v - n - 1, v - 1, v, v - n - 1, v, v - n);
    }
  }
  return { mean, modes, triangles: Uint32Array.from(triangles) };
}

/** Points between the vertices of a shape, turned and shifted a little. */
function moved(shape: Float32Array, n: number, angle: number, shift: readonly number[]) {
  const points: number[] = [];
  for (let i = 4; i < n - 4; i++) {
    for (let j = 4; j < n - 4; j++) {
      const v = 3 * (i * n + j);
      const [x, y, z] = [shape[v]!, shape[v + 1]!, shape[v + 2]!];
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      points.push(c * x + s * z + shift[0]!, y + shift[1]!, c * z - s * x + shift[2]!);
    }
  }
  return points;
}

describe("fitting a model to a surface", () => {
  const n = 30;
  const model = cap(n);

  it("finds the coefficients and the motion that made the surface", () => {
    const truth = [1.5, -2, 1];
    const points = moved(modelShape(model, truth), n, 0.05, [2, -1, 3]);
    const fit = fitSurface(model, points, { prior: 1e-6 });
    expect(fit.meanDistance).toBeLessThan(0.02);
    truth.forEach((value, k) => {
      expect(fit.coefficients[k]!).toBeCloseTo(value, 1);
    });
    expect(fit.scale).toBe(1);
  });

  it("keeps to the box", () => {
    const points = moved(modelShape(model, [6, -5, 0]), n, 0, [0, 0, 0]);
    const fit = fitSurface(model, points, { bound: 2, prior: 1e-6 });
    expect(Math.max(...fit.coefficients.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(fit.coefficients[0]!).toBe(2);
    expect(fit.coefficients[1]!).toBe(-2);
  });

  it("finds a scale where asked to", () => {
    const points = moved(model.mean, n, 0, [0, 0, 0]).map((value) => value * 1.05);
    const fit = fitSurface({ ...model, modes: new Float32Array(0) }, points, { scale: true });
    expect(fit.scale).toBeCloseTo(1 / 1.05, 2);
    expect(fit.meanDistance).toBeLessThan(0.05);
  });

  it("reports distances of a surface that it cannot reach", () => {
    const points = moved(model.mean, n, 0, [0, 0, 0]);
    // Two sheets 4 mm apart: the middle between them is 2 mm from both.
    const both = [...points.map((p, i) => (i % 3 === 2 ? p + 2 : p))];
    both.push(...points.map((p, i) => (i % 3 === 2 ? p - 2 : p)));
    const fit = fitSurface({ ...model, modes: new Float32Array(0) }, both);
    expect(fit.meanDistance).toBeGreaterThan(1.2);
    expect(fit.meanDistance).toBeLessThan(2.05);
  });
});

describe("least squares within a box", () => {
  it("meets the conditions of optimality", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 1e6 }),
        (size, seed) => {
          const factor = normals(size * size, seed);
          const matrix = new Float64Array(size * size);
          for (let i = 0; i < size; i++) {
            for (let j = 0; j < size; j++) {
              let sum = i === j ? 0.1 : 0;
              for (let k = 0; k < size; k++) sum += factor[i * size + k]! * factor[j * size + k]!;
              matrix[i * size + j] = sum;
            }
          }
          const vector = normals(size, seed + 1).map((value) => 5 * value);
          const random = uniform(seed + 2);
          const bounds = Float64Array.from({ length: size }, () =>
            random() < 0.2 ? Infinity : random() + 0.1,
          );
          const x = solveBoxed(matrix, vector, bounds);
          for (let k = 0; k < size; k++) {
            let gradient = -vector[k]!;
            for (let j = 0; j < size; j++) gradient += matrix[k * size + j]! * x[j]!;
            expect(Math.abs(x[k]!)).toBeLessThanOrEqual(bounds[k]!);
            // Karush, Kuhn, Tucker: no slope inside, outward slope at a bound.
            if (Math.abs(x[k]!) < bounds[k]!) expect(Math.abs(gradient)).toBeLessThan(1e-6);
            else expect(gradient * x[k]!).toBeLessThan(1e-6);
          }
        },
      ),
      { seed: 3, numRuns: 60 },
    );
  });
});
