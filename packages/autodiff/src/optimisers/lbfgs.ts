// Limited-memory BFGS: Nocedal & Wright, "Numerical Optimization" (2nd edition, 2006), algorithms
// 7.4 (the direction) and 7.5 (the method), with the line search of line-search.ts.

import { type LinePoint, searchLine } from "./line-search.js";
import { requireNotNegative, requireNumber } from "./require.js";

export interface LbfgsOptions {
  /** Number of past steps that the curvature is taken from; a positive integer, 3 to 20. */
  readonly history?: number;
  /** Integer from 0. */
  readonly maxIterations?: number;
  /** Stop where no element of the gradient is larger in magnitude. Finite, at least 0. */
  readonly gradientTolerance?: number;
  /**
   * Stop after an iteration that lowers the value by no more than this part of it. Finite, at least
   * 0. Where the values are computed in float32, whose noise is 1e-7, ask for no less than 1e-6.
   */
  readonly valueTolerance?: number;
  /** Rejects the promise with its reason, before or after an evaluation; never during one. */
  readonly signal?: AbortSignal | undefined;
}

export const LBFGS_DEFAULTS: Required<Omit<LbfgsOptions, "signal">> = {
  history: 10,
  maxIterations: 1000,
  gradientTolerance: 1e-6,
  valueTolerance: 1e-12,
};

/** A function at a point: its value and its gradient, as long as the point. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: ArrayLike<number>;
}

/**
 * Why a minimisation ended: at the tolerance of the gradient or of the value, at the maximum of
 * iterations, or because no step along the steepest descent lowers the value any more, which is
 * rounding noise near the minimum, or else a gradient that is wrong.
 */
export type LbfgsReason = "gradient" | "value" | "iterations" | "line search";

export interface LbfgsResult {
  /** The best point found, with its value and gradient. */
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly iterations: number;
  readonly evaluations: number;
  readonly reason: LbfgsReason;
}

interface Point {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
}

/** A past step s = x' - x and what it did to the gradient, y = g' - g. */
interface Correction {
  readonly s: Float64Array;
  readonly y: Float64Array;
  /** s . y, above 0. */
  readonly curvature: number;
}

/**
 * Minimises a smooth deterministic function of up to some thousands of variables.
 *
 *     const { x, reason } = await lbfgs((x) => ({ value: f(x), gradient: df(x) }), x0);
 *
 * @param evaluate gets its own copy of the point. A value or gradient that is not finite is a step
 *   too far, and a shorter one is tried.
 * @param x0 where to start; left as it is.
 * @throws where an option is out of its range, where the function is not finite at `x0`, where a
 *   gradient has the wrong length, what `evaluate` throws, and the signal's reason.
 */
export async function lbfgs(
  evaluate: (x: Float64Array) => Evaluation | Promise<Evaluation>,
  x0: Float64Array,
  options: LbfgsOptions = {},
): Promise<LbfgsResult> {
  const { history, maxIterations, gradientTolerance, valueTolerance, signal } = {
    signal: undefined,
    ...LBFGS_DEFAULTS,
    ...options,
  };
  const positive = Number.isSafeInteger(history) && history > 0;
  requireNumber("lbfgs: history", history, positive, "a positive integer");
  const counts = Number.isSafeInteger(maxIterations) && maxIterations >= 0;
  requireNumber("lbfgs: maxIterations", maxIterations, counts, "an integer from 0");
  requireNotNegative("lbfgs: gradientTolerance", gradientTolerance);
  requireNotNegative("lbfgs: valueTolerance", valueTolerance);

  let evaluations = 0;
  const evaluateAt = async (x: Float64Array): Promise<Point> => {
    signal?.throwIfAborted();
    evaluations++;
    const { value, gradient } = await evaluate(x.slice());
    signal?.throwIfAborted();
    if (gradient.length !== x.length) {
      throw new RangeError(`lbfgs: the gradient has ${gradient.length} elements, not ${x.length}`);
    }
    return { x, value, gradient: Float64Array.from(gradient) };
  };

  let current = await evaluateAt(x0.slice());
  if (!isFinitePoint(current)) {
    throw new RangeError("lbfgs: the value or the gradient at x0 is not finite");
  }
  let corrections: readonly Correction[] = [];
  let lastDecrease = Infinity;
  for (let iterations = 0; ; iterations++) {
    const end = (reason: LbfgsReason) => ({ ...current, iterations, evaluations, reason });
    if (largestMagnitude(current.gradient) <= gradientTolerance) return end("gradient");
    if (lastDecrease <= valueTolerance) return end("value");
    if (iterations >= maxIterations) return end("iterations");

    let next = await stepFrom(current, corrections, evaluateAt);
    if (next === undefined && corrections.length > 0) {
      // The corrections may be what is wrong, after a stretch of noise or of a kink.
      corrections = [];
      next = await stepFrom(current, corrections, evaluateAt);
    }
    if (next === undefined) return end("line search");
    corrections = remember(corrections, current, next, history);
    const scale = Math.max(Math.abs(current.value), Math.abs(next.value));
    lastDecrease = (current.value - next.value) / scale;
    current = next;
  }
}

/** One line search; undefined where it finds no lower point. */
async function stepFrom(
  from: Point,
  corrections: readonly Correction[],
  evaluateAt: (x: Float64Array) => Promise<Point>,
): Promise<Point | undefined> {
  const direction = descentDirection(from.gradient, corrections);
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  const probe = async (step: number): Promise<Point & LinePoint> => {
    const point = await evaluateAt(from.x.map((value, i) => value + step * direction[i]!));
    return isFinitePoint(point)
      ? { ...point, step, slope: dot(point.gradient, direction) }
      : { ...point, step, slope: NaN, value: Infinity };
  };
  // With corrections the direction has the length of a Newton step. Without, the gradient says
  // nothing of a scale, and a first step of length 1 at most does little harm.
  const firstStep = corrections.length > 0 ? 1 : Math.min(1, 1 / sumOfMagnitudes(from.gradient));
  const found = await searchLine(probe, { ...from, step: 0, slope }, firstStep);
  return found && { x: found.x, value: found.value, gradient: found.gradient };
}

/**
 * The quasi-Newton direction -H g by the two loops of algorithm 7.4, oldest correction first, with
 * the first H a multiple of the identity, s . y / y . y of the last correction (equation 7.20).
 * Without corrections that of steepest descent.
 */
function descentDirection(
  gradient: Float64Array,
  corrections: readonly Correction[],
): Float64Array {
  const direction = gradient.map((value) => -value);
  const weights: number[] = [];
  for (const { s, y, curvature } of [...corrections].reverse()) {
    const weight = dot(s, direction) / curvature;
    addScaled(direction, -weight, y);
    weights.push(weight);
  }
  const last = corrections.at(-1);
  if (last !== undefined) {
    const scale = last.curvature / dot(last.y, last.y);
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
  }
  for (const { s, y, curvature } of corrections) {
    addScaled(direction, weights.pop()! - dot(y, direction) / curvature, s);
  }
  return direction;
}

/**
 * The corrections with that of the last step, at most `history` of them. A step along which the
 * slope did not rise, as one that the line search gave up on, has none that keeps H positive.
 */
function remember(
  corrections: readonly Correction[],
  from: Point,
  to: Point,
  history: number,
): readonly Correction[] {
  const s = to.x.map((value, i) => value - from.x[i]!);
  const y = to.gradient.map((value, i) => value - from.gradient[i]!);
  const curvature = dot(s, y);
  if (!(curvature > Number.EPSILON * Math.sqrt(dot(s, s) * dot(y, y)))) return corrections;
  return [...corrections, { s, y, curvature }].slice(-history);
}

function isFinitePoint({ value, gradient }: Point): boolean {
  return Number.isFinite(value) && gradient.every(Number.isFinite);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, scale: number, addend: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += scale * addend[i]!;
}

function largestMagnitude(a: Float64Array): number {
  return a.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function sumOfMagnitudes(a: Float64Array): number {
  return a.reduce((sum, value) => sum + Math.abs(value), 0);
}
