import { requireNotNegative, requireNumber } from "./require.js";

// Learning rates over time. The rate ramp of Karras et al., "Analyzing and Improving the Image
// Quality of StyleGAN" (2020), appendix D: up over the first 5 % of 1000 steps, down along a cosine
// over the last 25 %.
//
//   product(linearWarmUp(50), sequence(constant(), 750, cosineDecay(250)))

/**
 * A multiplier of the learning rate, finite and at least 0, for the update that follows `step`
 * earlier ones: `step` is 0 for the first update.
 */
export type Schedule = (step: number) => number;

/** The same multiplier always. */
export function constant(multiplier = 1): Schedule {
  requireNotNegative("constant: multiplier", multiplier);
  return () => multiplier;
}

/**
 * 1 / steps, 2 / steps, ... up to 1, where it stays. It does not begin at 0, so that no update is
 * wasted.
 *
 * @param steps positive integer.
 */
export function linearWarmUp(steps: number): Schedule {
  requireSteps("linearWarmUp", steps);
  return (step) => Math.min(1, (step + 1) / steps);
}

/**
 * Half a cosine from 1 at step 0 to `final` at step `steps`, where it stays. Loshchilov & Hutter,
 * "SGDR" (2017), equation 5, without restarts.
 *
 * @param steps positive integer.
 */
export function cosineDecay(steps: number, final = 0): Schedule {
  requireSteps("cosineDecay", steps);
  requireNotNegative("cosineDecay: final", final);
  return (step) => final + ((1 - final) * (1 + Math.cos(Math.PI * Math.min(1, step / steps)))) / 2;
}

/**
 * factor^(step / steps): smooth, multiplied by `factor` every `steps` steps.
 *
 * @param factor in (0, 1].
 * @param steps positive integer.
 */
export function exponentialDecay(factor: number, steps: number): Schedule {
  requireFactor("exponentialDecay", factor);
  requireSteps("exponentialDecay", steps);
  return (step) => factor ** (step / steps);
}

/**
 * factor^floor(step / steps): constant between steps, multiplied by `factor` every `steps` steps.
 *
 * @param factor in (0, 1].
 * @param steps positive integer.
 */
export function stepDecay(factor: number, steps: number): Schedule {
  requireFactor("stepDecay", factor);
  requireSteps("stepDecay", steps);
  return (step) => factor ** Math.floor(step / steps);
}

/** The product of schedules at the same step; 1 of none. */
export function product(...schedules: readonly Schedule[]): Schedule {
  return (step) => schedules.reduce((multiplier, schedule) => multiplier * schedule(step), 1);
}

/**
 * `first` for `steps` steps, then `second`, which counts its steps from there. Nests for more than
 * two.
 *
 * @param steps positive integer.
 */
export function sequence(first: Schedule, steps: number, second: Schedule): Schedule {
  requireSteps("sequence", steps);
  return (step) => (step < steps ? first(step) : second(step - steps));
}

function requireSteps(operation: string, steps: number): void {
  const valid = Number.isSafeInteger(steps) && steps > 0;
  requireNumber(`${operation}: steps`, steps, valid, "a positive integer");
}

function requireFactor(operation: string, factor: number): void {
  requireNumber(`${operation}: factor`, factor, factor > 0 && factor <= 1, "in (0, 1]");
}
