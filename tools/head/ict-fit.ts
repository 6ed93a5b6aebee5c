// How well a model represents people it was not made from: fitted surface to surface to random heads of
// ICT-FaceKit, a model of 3D scans.

import { evaluateModel } from "../../packages/core/src/models/evaluate-model.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { normals } from "../../packages/core/src/random.js";
import { type FittedModel, fitSurface, type SurfaceFitOptions } from "./fit-surface.js";

/** The README of ICT-FaceKit calls vertices 0-6705 the narrow face area. */
export const ICT_NARROW_FACE = 6706;

export interface IctFitResult {
  /** Mean distance from each head's narrow face area to the fitted model, millimetres. */
  readonly distances: readonly number[];
  readonly mean: number;
  readonly worst: number;
  /** The same with the model's mean face and a rigid motion only. */
  readonly meanFace: number;
  /** Root mean square of all coefficients, standard deviations. */
  readonly coefficients: number;
  /** Share of coefficients at the bound. */
  readonly atBound: number;
}

/** Coefficients of random heads: N(0, I) clipped to +-3. */
export function randomIdentity(count: number, seed: number): Float32Array {
  return Float32Array.from(normals(count, seed), (value) => Math.min(3, Math.max(-3, value)));
}

/** The narrow face area of a head of ICT-FaceKit with neutral expression, `6706 x 3` millimetres. */
export function ictFace(ict: MorphableModel, identity: ArrayLike<number>): Float32Array {
  const neutral = new Float32Array(ict.expression.names.length);
  return evaluateModel(ict, identity, neutral).subarray(0, 3 * ICT_NARROW_FACE);
}

/** The skin of a model with what continues it into mouth and eye sockets, and its identity modes. */
export function skinOf(model: MorphableModel): FittedModel {
  const skin: number[] = [];
  for (const { kind, start, count } of model.parts) {
    if (kind !== "skin" && kind !== "mouth" && kind !== "other") continue;
    for (let i = 3 * start; i < 3 * (start + count); i++) skin.push(model.triangles[i]!);
  }
  return {
    mean: model.mean,
    triangles: Uint32Array.from(skin),
    modes: model.identity.displacements,
  };
}

/**
 * Fits `heads` random heads. Head `i` has the coefficients of `randomIdentity(n, seed + i)`.
 *
 * @param onHead called with the number of each fitted head and its mean distance
 */
export function fitIctHeads(
  model: FittedModel,
  ict: MorphableModel,
  heads: number,
  seed: number,
  options: SurfaceFitOptions = {},
  onHead?: (head: number, distance: number) => void,
): IctFitResult {
  const distances: number[] = [];
  let meanFace = 0;
  let square = 0;
  let atBound = 0;
  let count = 0;
  const bound = options.bound ?? 3;
  for (let head = 0; head < heads; head++) {
    const target = ictFace(ict, randomIdentity(ict.identity.names.length, seed + head));
    const fit = fitSurface(model, target, options);
    distances.push(fit.meanDistance);
    for (const c of fit.coefficients) {
      square += c * c;
      count++;
      if (Math.abs(c) >= bound) atBound++;
    }
    const rigid = { ...model, modes: new Float32Array(0) };
    meanFace += fitSurface(rigid, target, { ...options, iterations: 10 }).meanDistance;
    onHead?.(head, fit.meanDistance);
  }
  return {
    distances,
    mean: distances.reduce((sum, d) => sum + d, 0) / heads,
    worst: Math.max(...distances),
    meanFace: meanFace / heads,
    coefficients: Math.sqrt(square / count),
    atBound: atBound / count,
  };
}
