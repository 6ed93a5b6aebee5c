// Symmetric positive definite matrices on flat arrays: several times as fast as a matrix class, which the
// statistics and fits of the head need.

import { Matrix } from "ml-matrix";
import { GanfitError } from "../../packages/core/src/errors.js";

/**
 * Lower triangular `L` with `L L' = A`.
 *
 * @param matrix `n x n` by rows, of which the lower triangle is read
 * @throws GanfitError "model" if it is not positive definite
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const rowI = lower.subarray(i * n, i * n + i + 1);
    for (let j = 0; j <= i; j++) {
      const rowJ = lower.subarray(j * n, j * n + j + 1);
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= rowI[k]! * rowJ[k]!;
      if (i > j) rowI[j] = sum / rowJ[j]!;
      else if (sum > 0) rowI[j] = Math.sqrt(sum);
      else {
        throw new GanfitError(
          "model",
          `A matrix of ${n} rows is not positive definite: its directions depend on each other.`,
        );
      }
    }
  }
  return lower;
}

/** `x` with `L L' x = b`. */
export function choleskySolve(lower: Float64Array, b: ArrayLike<number>): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * n + k]! * x[k]!;
    x[i] = sum / lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = x[i]! / lower[i * n + i]!;
    x[i] = value;
    for (let k = 0; k < i; k++) x[k]! -= value * lower[i * n + k]!;
  }
  return x;
}

/** Inverse of a positive definite matrix that is symmetric up to rounding; exactly symmetric itself. */
export function inverse(matrix: Matrix): Matrix {
  const n = matrix.rows;
  const lower = choleskyFactor(flat(matrix), n);
  // Rows of L^-1, each from those above it: L^-1 = D^-1 (I - (L - D) L^-1).
  const half = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = half.subarray(i * n, (i + 1) * n);
    for (let k = 0; k < i; k++) {
      const factor = lower[i * n + k]!;
      if (factor === 0) continue;
      const above = half.subarray(k * n, k * n + k + 1);
      for (let j = 0; j <= k; j++) row[j]! -= factor * above[j]!;
    }
    row[i] = 1;
    const scale = 1 / lower[i * n + i]!;
    for (let j = 0; j <= i; j++) row[j]! *= scale;
  }
  // A^-1 = L^-T L^-1.
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const row = half.subarray(k * n, k * n + k + 1);
    for (let i = 0; i <= k; i++) {
      const factor = row[i]!;
      if (factor === 0) continue;
      const at = i * n;
      for (let j = 0; j <= i; j++) out[at + j]! += factor * row[j]!;
    }
  }
  const result = Matrix.zeros(n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      result.set(i, j, out[i * n + j]!);
      result.set(j, i, out[i * n + j]!);
    }
  }
  return result;
}

/** `ln det A`. */
export function logDeterminant(matrix: Matrix): number {
  const n = matrix.rows;
  const lower = choleskyFactor(flat(matrix), n);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += 2 * Math.log(lower[i * n + i]!);
  return sum;
}

export function flat(matrix: Matrix): Float64Array {
  const out = new Float64Array(matrix.rows * matrix.columns);
  for (let i = 0; i < matrix.rows; i++) out.set(matrix.getRow(i), i * matrix.columns);
  return out;
}
