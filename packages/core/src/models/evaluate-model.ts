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
  const { displacements: d } = basis;
  const modes: number[] = [];
  for (let k = 0; k < coefficients.length; k++) if (coefficients[k] !== 0) modes.push(k);
  const p = (n: number) => coefficients[modes[n]!]!;
  const at = (n: number) => modes[n]! * stride;
  let n = 0;
  // Four modes at a time, added in their order: sums are read and written a quarter as often.
  for (; n + 4 <= modes.length; n += 4) {
    const [p0, p1, p2, p3] = [p(n), p(n + 1), p(n + 2), p(n + 3)];
    const [a0, a1, a2, a3] = [at(n), at(n + 1), at(n + 2), at(n + 3)];
    for (let i = start; i < end; i++) {
      let value = sum[i - start]!;
      value += p0 * d[a0 + i]!;
      value += p1 * d[a1 + i]!;
      value += p2 * d[a2 + i]!;
      value += p3 * d[a3 + i]!;
      sum[i - start] = value;
    }
  }
  for (; n < modes.length; n++) {
    const [factor, offset] = [p(n), at(n)];
    for (let i = start; i < end; i++) sum[i - start]! += factor * d[offset + i]!;
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
