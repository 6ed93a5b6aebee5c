import { EigenvalueDecomposition, Matrix, inverse as mlInverse } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { normals } from "../../packages/core/src/random.js";
import { choleskyFactor, choleskySolve, flat, inverse, logDeterminant } from "./cholesky.js";

function positiveDefinite(n: number, seed: number): Matrix {
  const square = Matrix.from1DArray(n, n, [...normals(n * n, seed)]);
  return square.mmul(square.transpose()).add(Matrix.eye(n));
}

describe("Cholesky decomposition on flat arrays", () => {
  const matrix = positiveDefinite(17, 1);

  it("multiplies back to the matrix", () => {
    const lower = Matrix.from1DArray(17, 17, [...choleskyFactor(flat(matrix), 17)]);
    const back = lower.mmul(lower.transpose());
    expect(Matrix.sub(back, matrix).norm()).toBeLessThan(1e-10);
  });

  it("inverts as ml-matrix's LU decomposition does", () => {
    const expected = mlInverse(matrix);
    expect(Matrix.sub(inverse(matrix), expected).norm()).toBeLessThan(1e-10);
    expect(inverse(matrix).isSymmetric()).toBe(true);
  });

  it("solves", () => {
    const b = normals(17, 2);
    const x = choleskySolve(choleskyFactor(flat(matrix), 17), b);
    const left = matrix.mmul(Matrix.columnVector([...x])).to1DArray();
    left.forEach((value, i) => {
      expect(value).toBeCloseTo(b[i]!, 9);
    });
  });

  it("has the log determinant of the eigenvalues", () => {
    const { realEigenvalues } = new EigenvalueDecomposition(matrix);
    const expected = realEigenvalues.reduce((sum, value) => sum + Math.log(value), 0);
    expect(logDeterminant(matrix)).toBeCloseTo(expected, 9);
  });

  it("refuses a matrix that is not positive definite", () => {
    const flatOne = new Float64Array([1, 2, 2, 1]);
    expect(() => choleskyFactor(flatOne, 2)).toThrow(/not positive definite/);
  });
});
