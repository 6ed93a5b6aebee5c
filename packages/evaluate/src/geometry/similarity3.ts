/** Least-squares similarities of space (Umeyama 1991). */

import { GanfitError } from "@ganfit/core";
import { determinant, Matrix, SingularValueDecomposition } from "ml-matrix";
import { isComputable } from "./computable.js";
import { centroidOf } from "./points.js";

/** `x -> scale rotation x + translation`. */
export interface Similarity3 {
  /** Positive. */
  readonly scale: number;
  /** 3 x 3 by rows, orthogonal; a reflection only where whoever made it says so. */
  readonly rotation: readonly number[];
  readonly translation: readonly [number, number, number];
}

/**
 * The similarity that brings `from` closest to `to` in the sense of least squares (Umeyama 1991,
 * "Least-squares estimation of transformation parameters between two point patterns", equations 40 to 42).
 *
 * @param from `n x 3`, n at least 3, not all on a line
 * @param to `n x 3`
 * @param options.scale false for a rigid motion: the scale is 1
 * @returns never a reflection
 * @throws GanfitError `usage` where the points do not determine one
 */
export function alignPoints(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  { scale: scaled = true }: { readonly scale?: boolean } = {},
): Similarity3 {
  const n = from.length / 3;
  const source = centroidOf(from);
  const target = centroidOf(to);
  const covariance = Matrix.zeros(3, 3);
  let variance = 0;
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < 3; a++) {
      const x = from[3 * i + a]! - source[a]!;
      variance += x * x;
      for (let b = 0; b < 3; b++) {
        covariance.set(b, a, covariance.get(b, a) + (to[3 * i + b]! - target[b]!) * x);
      }
    }
  }
  if (from.length !== to.length || n < 3 || !Number.isFinite(variance + target[0]!)) {
    throw new GanfitError(
      "usage",
      `A similarity of space needs three or more pairs of finite points, but ${from.length} and ${to.length} coordinates came.`,
    );
  }
  const most = Math.max(...covariance.to1DArray().map(Math.abs));
  if (most !== 0 && !isComputable(most)) {
    throw new GanfitError(
      "usage",
      "The points are too near to each other or too far apart to be computed with: check their unit.",
    );
  }
  const svd = new SingularValueDecomposition(covariance);
  const [largest = 0, middle = 0, smallest = 0] = svd.diagonal;
  if (!(middle > 1e-9 * largest)) {
    throw new GanfitError("usage", "The points lie on a line and determine no similarity.");
  }
  const u = svd.leftSingularVectors;
  const v = svd.rightSingularVectors;
  const sign = determinant(u) * determinant(v) < 0 ? -1 : 1;
  const rotation = u.mmul(Matrix.diag([1, 1, sign])).mmul(v.transpose());
  const scale = scaled ? (largest + middle + sign * smallest) / variance : 1;
  const translation = [0, 1, 2].map(
    (i) => target[i]! - scale * [0, 1, 2].reduce((s, j) => s + rotation.get(i, j) * source[j]!, 0),
  ) as [number, number, number];
  return { scale, rotation: rotation.to1DArray(), translation };
}

/** @param points `n x 3` */
export function movePoints(points: ArrayLike<number>, motion: Similarity3): Float64Array {
  const { scale, rotation: r, translation: t } = motion;
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      const turned =
        r[3 * k]! * points[i]! + r[3 * k + 1]! * points[i + 1]! + r[3 * k + 2]! * points[i + 2]!;
      out[i + k] = scale * turned + t[k]!;
    }
  }
  return out;
}
