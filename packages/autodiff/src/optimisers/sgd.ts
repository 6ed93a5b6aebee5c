// Gradient descent with momentum. Sutskever, Martens, Dahl & Hinton, "On the importance of
// initialization and momentum in deep learning" (ICML 2013), equations 1 to 4, in the form of
// PyTorch: the velocity adds up gradients, not steps, and Nesterov's gradient is taken where the
// parameters are, not ahead of them.
//
//   u = momentum u + g
//   x = x - rate u                       classical
//   x = x - rate (g + momentum u)        Nesterov
//
// With a constant rate this is the paper's method, whose velocity is -rate u and whose parameters,
// for Nesterov, are x + rate momentum u. Where the rate changes, it acts at once here; in the paper
// the steps already added up keep the rate they had.

import { type Optimiser, optimiserOf } from "./optimiser.js";
import type { ParameterGroup } from "./parameter-group.js";
import { requireNumber } from "./require.js";
import { constant, type Schedule } from "./schedule.js";

export interface SgdOptions {
  /** Absolute, finite, at least 0. No default: it depends on the scale of the loss. */
  readonly learningRate: number;
  /** Multiplier of the learning rate over time. */
  readonly schedule?: Schedule;
  /** In [0, 1); 0 is plain gradient descent. */
  readonly momentum?: number;
  /** Whether the momentum is Nesterov's. */
  readonly nesterov?: boolean;
}

export const SGD_DEFAULTS: Required<Omit<SgdOptions, "learningRate">> = {
  schedule: constant(),
  momentum: 0,
  nesterov: false,
};

/**
 * Gradient descent with momentum. Its state has the tensors `velocity/GROUP`.
 *
 * @throws RangeError where an option is out of its range.
 */
export function sgd(groups: readonly ParameterGroup[], options: SgdOptions): Optimiser {
  const { learningRate, schedule, momentum, nesterov } = { ...SGD_DEFAULTS, ...options };
  requireNumber("sgd: momentum", momentum, momentum >= 0 && momentum < 1, "in [0, 1)");
  const ofGradient = nesterov ? 1 : 0;
  const ofVelocity = nesterov ? momentum : 1;

  return optimiserOf(
    {
      name: "sgd",
      learningRate,
      schedule,
      slots: ["velocity"],
      update(values, gradient, { velocity }, rate) {
        for (let i = 0; i < values.length; i++) {
          const g = gradient[i]!;
          const u = momentum * velocity[i]! + g;
          velocity[i] = u;
          values[i] = values[i]! - rate * (ofGradient * g + ofVelocity * u);
        }
      },
    },
    groups,
  );
}
