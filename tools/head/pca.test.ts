import { Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { normals } from "../../packages/core/src/random.js";
import { combine, innerProducts, surfaceModes } from "./pca.js";

const V = 40;
const D = 6;
const directions = Array.from({ length: D }, (_, d) => Float32Array.from(normals(3 * V, d + 1)));
const weights = Float64Array.from(normals(V, 50), (value) => value * value);
const root = Matrix.from1DArray(D, D, [...normals(D * D, 60)]);
const covariance = root.mmul(root.transpose()).add(Matrix.eye(D).mul(0.1));

describe("modes of the surface", () => {
  const { deviations, coefficients } = surfaceModes(directions, covariance, weights);
  const modes = deviations.map((_, k) => k);
  const fields = [...modes].map((k) => combine(directions, coefficients.getRow(k)));

  it("are orthogonal in their metric, with their standard deviations as lengths", () => {
    const gram = innerProducts(fields, weights);
    for (let a = 0; a < fields.length; a++) {
      for (let b = 0; b < fields.length; b++) {
        const expected = a === b ? deviations[a]! ** 2 : 0;
        expect(Math.abs(gram.get(a, b) - expected)).toBeLessThan(1e-4);
      }
    }
  });

  it("fall in variance", () => {
    for (let k = 1; k < deviations.length; k++) {
      expect(deviations[k]!).toBeLessThanOrEqual(deviations[k - 1]!);
    }
  });

  it("give back the covariance of the coefficients", () => {
    expect(deviations.length).toBe(D);
    const back = coefficients.transpose().mmul(coefficients);
    expect(Matrix.sub(back, covariance).norm()).toBeLessThan(1e-9);
  });

  it("leave out what directions that depend on each other cannot tell apart", () => {
    const doubled = [...directions, directions[0]!];
    const more = Matrix.eye(D + 1);
    expect(surfaceModes(doubled, more, weights).deviations.length).toBe(D);
  });

  it("do not look at vertices without weight", () => {
    const some = weights.map((value, v) => (v < 3 ? 0 : value));
    const moved = directions.map((field) => field.map((value, i) => (i < 9 ? value + 5 : value)));
    const here = surfaceModes(directions, covariance, some).deviations;
    const there = surfaceModes(moved, covariance, some).deviations;
    here.forEach((value, k) => {
      expect(there[k]!).toBeCloseTo(value, 6);
    });
  });
});
