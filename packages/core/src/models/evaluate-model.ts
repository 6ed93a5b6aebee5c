// The sum that a morphable model is: Blanz and Vetter, A Morphable Model for the Synthesis of 3D
// Faces, SIGGRAPH 1999, equation 1.
import { GanfitError } from "../errors.js";
import type { Basis, MorphableModel } from "./morphable-model.js";

/** Coordinates summed at a time, in double precision, so that long sums do not gather rounding. */
const BLOCK = 4096;

/** What the sum needs of a model. */
export type LinearModel = Pick<MorphableModel, "name" | "mean" | "identity" | "expression">;

/**
 * The head with the given coefficients, `mean + sum p_s identity + sum p_e expression`.
 *
 * @param model any valid model
 * @param identity one coefficient per identity mode
 * @param expression one coefficient per expression mode
 * @param out `V x 3`, overwritten and returned; a new array where none is given
 * @returns `V x 3` vertex positions, millimetres
 * @throws GanfitError `usage` where a length is wrong or a coefficient is not finite
 */
export function evaluateModel(
  model: LinearModel,
  identity: ArrayLike<number>,
  expression: ArrayLike<number>,
  out: Float32Array = new Float32Array(model.mean.length),
): Float32Array {
  checkCoefficients(model, "identity", identity);
  checkCoefficients(model, "expression", expression);
  const n = model.mean.length;
  if (out.length !== n) {
    throw new GanfitError(
      "usage",
      `The buffer for the vertices of ${model.name} has ${out.length} numbers instead of ${n}.`,
    );
  }
  const sum = new Float64Array(Math.min(BLOCK, n));
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    for (let i = start; i < end; i++) sum[i - start] = model.mean[i]!;
    addModes(sum, start, end, n, model.identity, identity);
    addModes(sum, start, end, n, model.expression, expression);
    for (let i = start; i < end; i++) out[i] = sum[i - start]!;
  }
  return out;
}

function addModes(
  sum: Float64Array,
  start: number,
  end: number,
  stride: number,
  basis: Basis,
  coefficients: ArrayLike<number>,
): void {
  const { displacements } = basis;
  for (let k = 0; k < coefficients.length; k++) {
    const p = coefficients[k]!;
    if (p === 0) continue;
    const offset = k * stride;
    for (let i = start; i < end; i++) sum[i - start]! += p * displacements[offset + i]!;
  }
}

function checkCoefficients(
  model: LinearModel,
  which: "identity" | "expression",
  coefficients: ArrayLike<number>,
): void {
  const expected = model[which].names.length;
  if (coefficients.length !== expected) {
    throw new GanfitError(
      "usage",
      `${model.name} has ${expected} ${which} modes, but ${coefficients.length} coefficients came.`,
    );
  }
  for (let k = 0; k < expected; k++) {
    if (!Number.isFinite(coefficients[k])) {
      throw new GanfitError("usage", `${which} coefficient ${k} is ${coefficients[k]}.`);
    }
  }
}
