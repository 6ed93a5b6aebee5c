/** The least-squares pose that REALY fits (czh-98/REALY, utils/util.py, `fit_icp_RT`). */
import { GanfitError } from "@ganfit/core";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { isComputable } from "../geometry/computable.js";
import type { Similarity3 } from "../geometry/similarity3.js";

export interface FitPoseOptions {
  /** False where the scale is to be 1. */
  readonly scaled: boolean;
  /** `n`, not negative: how often each pair counts; once where not given. */
  readonly counts?: ArrayLike<number>;
}

/**
 * With both sets centred and W = sum t s^T = U S V^T, the rotation is U V^T; nothing keeps it from being a
 * reflection. The scale is no least-squares one: it is the ratio of the sums of absolute coordinates,
 * sum |t| / sum |R s|. The translation is the mean of t - scale R s.
 *
 * @param source `n x 3`, what is moved
 * @param target `n x 3`
 * @returns whose rotation may be a reflection
 * @throws GanfitError `data` where a coordinate is not finite, or the source is a single place
 */
export function fitPose(
  source: Float64Array,
  target: Float64Array,
  { scaled, counts }: FitPoseOptions,
): Similarity3 {
  const n = source.length / 3;
  const count = (i: number) => counts?.[i] ?? 1;
  const from = weightedMean(source, count);
  const to = weightedMean(target, count);
  const w = Matrix.zeros(3, 3);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < 3; a++) {
      const t = count(i) * (target[3 * i + a]! - to[a]!);
      for (let b = 0; b < 3; b++) {
        w.set(a, b, w.get(a, b) + t * (source[3 * i + b]! - from[b]!));
      }
    }
  }
  if (!w.to1DArray().every(Number.isFinite)) {
    throw new GanfitError("data", "A pose cannot be fitted: some points are not finite.");
  }
  const most = Math.max(...w.to1DArray().map(Math.abs));
  if (most !== 0 && !isComputable(most)) {
    throw new GanfitError(
      "data",
      "A pose cannot be fitted: the points are too near to each other or too far apart to be computed with, so check their unit.",
    );
  }
  const svd = new SingularValueDecomposition(w);
  const r = svd.leftSingularVectors.mmul(svd.rightSingularVectors.transpose()).to1DArray();
  let above = 0;
  let below = 0;
  if (scaled) {
    for (let i = 0; i < n; i++) {
      const x = source[3 * i]! - from[0]!;
      const y = source[3 * i + 1]! - from[1]!;
      const z = source[3 * i + 2]! - from[2]!;
      for (let a = 0; a < 3; a++) {
        above += count(i) * Math.abs(target[3 * i + a]! - to[a]!);
        below += count(i) * Math.abs(r[3 * a]! * x + r[3 * a + 1]! * y + r[3 * a + 2]! * z);
      }
    }
  }
  const scale = scaled ? above / below : 1;
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new GanfitError("data", "A pose cannot be fitted: all points are at one place.");
  }
  const translation = [0, 1, 2].map(
    (a) =>
      to[a]! - scale * (r[3 * a]! * from[0]! + r[3 * a + 1]! * from[1]! + r[3 * a + 2]! * from[2]!),
  ) as [number, number, number];
  return { scale, rotation: r, translation };
}

function weightedMean(points: Float64Array, count: (i: number) => number): Float64Array {
  const sum = new Float64Array(3);
  let total = 0;
  for (let i = 0; i < points.length / 3; i++) {
    total += count(i);
    for (let a = 0; a < 3; a++) sum[a]! += count(i) * points[3 * i + a]!;
  }
  return sum.map((value) => value / total);
}
