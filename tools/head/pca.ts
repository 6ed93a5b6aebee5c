// From statistics of target coefficients to orthogonal modes of the surface.

import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface SurfaceModes {
  /** `K` modes by falling variance: standard deviation in the metric, root mean square millimetres. */
  readonly deviations: Float64Array;
  /** `K x D`: coefficients of the directions that make one standard deviation of each mode. */
  readonly coefficients: Matrix;
}

/**
 * Principal components of `sum_d c_d direction_d` with `c ~ N(mu, covariance)`, in the metric
 * `<x, y> = sum_v w_v x_v . y_v / sum_v w_v`. They are orthogonal in that metric, and independent with
 * unit variance in their coefficients.
 *
 * With `G` the directions' inner products and `covariance = L L'`, the components are the eigenvectors
 * of `L' G L`, which is as small as the number of directions.
 *
 * @param directions `D` fields of `V x 3`
 * @param weights `V`, not negative
 * @param negligible modes with less than this part of the largest standard deviation are left out
 */
export function surfaceModes(
  directions: readonly Float32Array[],
  covariance: Matrix,
  weights: Float64Array,
  negligible = 1e-4,
): SurfaceModes {
  const gram = innerProducts(directions, weights);
  const lower = new CholeskyDecomposition(covariance).lowerTriangularMatrix;
  const inner = lower.transpose().mmul(gram).mmul(lower);
  const eigen = new EigenvalueDecomposition(Matrix.add(inner, inner.transpose()).div(2), {
    assumeSymmetric: true,
  });
  const order = eigen.realEigenvalues
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value);
  const least = order[0]!.value * negligible ** 2;
  const kept = order.filter(({ value }) => value > least);
  const vectors = eigen.eigenvectorMatrix.subMatrixColumn(kept.map(({ index }) => index));
  const coefficients = lower.mmul(vectors).transpose();
  for (let k = 0; k < coefficients.rows; k++) {
    // Eigenvectors have no sign of their own.
    const row = coefficients.getRow(k);
    const largest = row.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best));
    if (largest < 0) coefficients.mulRow(k, -1);
  }
  return {
    deviations: Float64Array.from(kept, ({ value }) => Math.sqrt(value)),
    coefficients,
  };
}

/** `D x D` inner products in the metric of {@link surfaceModes}. */
export function innerProducts(directions: readonly Float32Array[], weights: Float64Array): Matrix {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const scaled = directions.map((direction) =>
    Float64Array.from(
      direction,
      (value, i) => value * Math.sqrt(weights[Math.floor(i / 3)]! / total),
    ),
  );
  const gram = Matrix.zeros(directions.length, directions.length);
  for (let a = 0; a < scaled.length; a++) {
    const x = scaled[a]!;
    for (let b = 0; b <= a; b++) {
      const y = scaled[b]!;
      let sum = 0;
      for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
      gram.set(a, b, sum);
      gram.set(b, a, sum);
    }
  }
  return gram;
}

/** `sum_d coefficients[d] directions[d]`, `V x 3`. */
export function combine(
  directions: readonly Float32Array[],
  coefficients: ArrayLike<number>,
): Float32Array {
  const sum = new Float64Array(directions[0]!.length);
  directions.forEach((direction, d) => {
    const c = coefficients[d]!;
    if (c !== 0) for (let i = 0; i < sum.length; i++) sum[i]! += c * direction[i]!;
  });
  return Float32Array.from(sum);
}
