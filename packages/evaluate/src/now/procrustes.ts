/** The landmark pose that the NoW benchmark starts from. */
import { GanfitError } from "@ganfit/core";
import { determinant, Matrix, SingularValueDecomposition } from "ml-matrix";
import type { Similarity3 } from "../geometry/similarity3.js";

/** Its rotation is a reflection where that fits the landmarks better. */
export interface LandmarkPose extends Similarity3 {
  readonly reflected: boolean;
}

/**
 * Orthogonal Procrustes analysis with scaling (Gower 1975), as MATLAB's `procrustes` with reflection "best" and so
 * now_evaluation's `procrustes`: centred and to unit norm, the rotation is `U V^T` of the singular value decomposition of
 * `to^T from` without a look at its determinant, the scale `sum(singular values) |to| / |from|`. Only for landmarks in a
 * plane both rotation and reflection fit equally well, and there the rotation is taken, where theirs leaves it to chance.
 *
 * @param from `n x 3`, n at least 3
 * @param to `n x 3`
 * @throws GanfitError `data` where either's points lie on a line or are not finite
 */
export function procrustesPose(from: ArrayLike<number>, to: ArrayLike<number>): LandmarkPose {
  const source = normalised(from);
  const target = normalised(to);
  const { diagonal, leftSingularVectors, rightSingularVectors } = decompose(
    target.points.transpose().mmul(source.points),
  );
  const flat = !(diagonal[2]! > 1e-12 * diagonal[0]!);
  let left = leftSingularVectors;
  if (flat && determinant(left.mmul(rightSingularVectors.transpose())) < 0) {
    left = left.mmul(Matrix.diag([1, 1, -1]));
  }
  const rotation = left.mmul(rightSingularVectors.transpose());
  const scale = (diagonal.reduce((sum, value) => sum + value, 0) * target.norm) / source.norm;
  const translation = [0, 1, 2].map((i) => {
    const turned = [0, 1, 2].reduce((sum, j) => sum + rotation.get(i, j) * source.centre[j]!, 0);
    return target.centre[i]! - scale * turned;
  }) as [number, number, number];
  return {
    scale,
    rotation: rotation.to1DArray(),
    translation,
    reflected: determinant(rotation) < 0,
  };
}

function decompose(matrix: Matrix): SingularValueDecomposition {
  const svd = new SingularValueDecomposition(matrix);
  if (!(svd.diagonal[1]! > 1e-9 * svd.diagonal[0]!)) {
    throw new GanfitError("data", "The landmarks lie on a line and determine no pose.");
  }
  return svd;
}

/** Points about their mean, as a matrix of Frobenius norm 1. */
function normalised(points: ArrayLike<number>) {
  const n = points.length / 3;
  const centre = [0, 0, 0];
  for (let i = 0; i < points.length; i++) centre[i % 3]! += points[i]! / n;
  const centred = Float64Array.from(points, (value, i) => value - centre[i % 3]!);
  const norm = Math.hypot(...centred);
  if (!(norm > 1e-12 * Math.hypot(...centre) && Number.isFinite(norm))) {
    throw new GanfitError(
      "data",
      "The landmarks are one point or not finite, and determine no pose.",
    );
  }
  return { points: Matrix.from1DArray(n, 3, centred).div(norm), centre, norm };
}
