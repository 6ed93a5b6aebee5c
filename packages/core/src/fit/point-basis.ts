import type { Basis, MorphableModel, SurfacePoints } from "../models/morphable-model.js";
import { surfacePositions } from "../models/surface-points.js";

/** A morphable model seen only at `n` points of its surface. */
export interface PointBasis {
  /** Number of points. */
  readonly count: number;
  /** `n x 3`, millimetres. */
  readonly mean: Float32Array;
  /** `K x n x 3`, millimetres for a coefficient of 1. */
  readonly identity: Float32Array;
  /** `K x n x 3`, millimetres for a coefficient of 1. */
  readonly expression: Float32Array;
}

export function pointBasis(model: MorphableModel, points: SurfacePoints): PointBasis {
  const at = (positions: Float32Array) => surfacePositions(positions, model.triangles, points);
  const modes = ({ names, displacements }: Basis) => {
    const size = model.mean.length;
    const out = new Float32Array(names.length * points.barycentric.length);
    names.forEach((_, k) => {
      const mode = displacements.subarray(k * size, (k + 1) * size);
      out.set(at(mode), k * points.barycentric.length);
    });
    return out;
  };
  return {
    count: points.triangles.length,
    mean: at(model.mean),
    identity: modes(model.identity),
    expression: modes(model.expression),
  };
}
