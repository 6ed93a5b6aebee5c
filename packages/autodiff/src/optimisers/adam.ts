// Kingma & Ba, "Adam: A Method for Stochastic Optimization" (ICLR 2015), algorithm 1.
//
//   m = beta1 m + (1 - beta1) g              first moment of the gradient
//   v = beta2 v + (1 - beta2) g^2            second moment
//   x = x - rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
//
// with weight decay apart from the gradient, as Loshchilov & Hutter, "Decoupled Weight Decay
// Regularization" (ICLR 2019), algorithm 2, have it: x is first multiplied by 1 - rate weightDecay.
// (There the decay is scaled by the schedule alone; here by the learning rate too, as in PyTorch.)
//
// The arithmetic is that of float64, the moments and parameters are stored as float32. It uses only
// + - * / and the square root, which IEEE 754 rounds exactly: every JavaScript engine gives the same
// bits, where the schedule does.

import { type Optimiser, optimiserOf } from "./optimiser.js";
import type { ParameterGroup } from "./parameter-group.js";
import { requireNotNegative, requireNumber } from "./require.js";
import { constant, type Schedule } from "./schedule.js";

export interface AdamOptions {
  /** Absolute; about the largest change of a parameter in one update. Finite, at least 0. */
  readonly learningRate?: number;
  /** Multiplier of the learning rate over time. */
  readonly schedule?: Schedule;
  /** Decay of the first moment in [0, 1). 0, usual for GANs, is no momentum. */
  readonly beta1?: number;
  /** Decay of the second moment in [0, 1). */
  readonly beta2?: number;
  /** Above 0. Gradients far below it move their parameter less than the learning rate. */
  readonly epsilon?: number;
  /** Decoupled, per unit of learning rate. Finite, at least 0. */
  readonly weightDecay?: number;
}

/** The values that the paper recommends. */
export const ADAM_DEFAULTS: Required<AdamOptions> = {
  learningRate: 1e-3,
  schedule: constant(),
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
};

/**
 * Adam, or AdamW where `weightDecay` is above 0. Its state has the tensors `m/GROUP` and `v/GROUP`.
 *
 *     const fit = adam([{ name: "shape", values }, { name: "pose", values: pose, learningRate: 0.1 }]);
 *     fit.step({ shape: gradientOfShape, pose: gradientOfPose });
 *
 * @throws RangeError where an option is out of its range.
 */
export function adam(groups: readonly ParameterGroup[], options: AdamOptions = {}): Optimiser {
  const { learningRate, schedule, beta1, beta2, epsilon, weightDecay } = {
    ...ADAM_DEFAULTS,
    ...options,
  };
  requireNumber("adam: beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
  requireNumber("adam: beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
  const positive = epsilon > 0 && epsilon < Infinity;
  requireNumber("adam: epsilon", epsilon, positive, "finite and above 0");
  requireNotNegative("adam: weightDecay", weightDecay);

  return optimiserOf(
    {
      name: "adam",
      learningRate,
      schedule,
      slots: ["m", "v"],
      update(values, gradient, { m, v }, rate, t) {
        const firstScale = rate / (1 - power(beta1, t));
        const secondScale = 1 / (1 - power(beta2, t));
        const kept = 1 - rate * weightDecay;
        for (let i = 0; i < values.length; i++) {
          const g = gradient[i]!;
          const first = beta1 * m[i]! + (1 - beta1) * g;
          const second = beta2 * v[i]! + (1 - beta2) * g * g;
          m[i] = first;
          v[i] = second;
          values[i] =
            kept * values[i]! - (firstScale * first) / (Math.sqrt(secondScale * second) + epsilon);
        }
      },
    },
    groups,
  );
}

// By squaring, because the rounding of Math.pow is up to the engine.
function power(base: number, exponent: number): number {
  let result = 1;
  for (let square = base, rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
