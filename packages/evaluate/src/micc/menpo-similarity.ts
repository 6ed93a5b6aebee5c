/** The similarity by which menpo, and with it GANFIT's evaluation, lays one set of points on another. */
import { GanfitError } from "@ganfit/core";
import { determinant, Matrix, SingularValueDecomposition } from "ml-matrix";
import { isComputable } from "../geometry/computable.js";
import { centroidOf } from "../geometry/points.js";
import type { Similarity3 } from "../geometry/similarity3.js";

/**
 * menpo's `AlignmentSimilarity`: centroid on centroid; the scale is the ratio of the Frobenius norms of the centred
 * sets, |to| / |from|; the rotation is U diag(1, 1, det(U V^T)) V^T of the SVD of to^T from, never a reflection.
 * Umeyama's least-squares scale (`alignPoints`) is smaller by the cosine between the sets: a set with noise comes
 * out as large as its target here, and shrunk there. The published figures rest on this one.
 *
 * @param from `n x 3`, n at least 3, not all on a line
 * @param to `n x 3`
 * @throws GanfitError `usage` where the points do not determine one
 */
export function alignLikeMenpo(from: ArrayLike<number>, to: ArrayLike<number>): Similarity3 {
  const source = centroidOf(from);
  const target = centroidOf(to);
  const correlation = Matrix.zeros(3, 3);
  let sourceSquares = 0;
  let targetSquares = 0;
  for (let i = 0; i + 2 < from.length; i += 3) {
    for (let a = 0; a < 3; a++) {
      const x = from[i + a]! - source[a]!;
      sourceSquares += x * x;
      targetSquares += (to[i + a]! - target[a]!) ** 2;
      for (let b = 0; b < 3; b++) {
        correlation.set(b, a, correlation.get(b, a) + (to[i + b]! - target[b]!) * x);
      }
    }
  }
  if (
    from.length !== to.length ||
    from.length < 9 ||
    !Number.isFinite(sourceSquares + targetSquares)
  ) {
    throw new GanfitError(
      "usage",
      `A similarity of space needs three or more pairs of finite points, but ${from.length} and ${to.length} coordinates came.`,
    );
  }
  if (!isComputable(sourceSquares) || !isComputable(targetSquares)) {
    throw new GanfitError(
      "usage",
      "The points lie all in one place, or are too far apart to be computed with: check their coordinates and unit.",
    );
  }
  const svd = new SingularValueDecomposition(correlation);
  const [largest = 0, middle = 0] = svd.diagonal;
  if (!(middle > 1e-9 * largest)) {
    throw new GanfitError("usage", "The points lie on a line and determine no similarity.");
  }
  const u = svd.leftSingularVectors;
  const vt = svd.rightSingularVectors.transpose();
  const sign = determinant(u) * determinant(vt) < 0 ? -1 : 1;
  const rotation = u
    .mmul(Matrix.diag([1, 1, sign]))
    .mmul(vt)
    .to1DArray();
  const scale = Math.sqrt(targetSquares / sourceSquares);
  const moved = (k: number) =>
    target[k]! - scale * source.reduce((sum, value, j) => sum + rotation[3 * k + j]! * value, 0);
  return { scale, rotation, translation: [moved(0), moved(1), moved(2)] };
}
