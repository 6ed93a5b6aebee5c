// The exponential moving average of weights, which a GAN shows its pictures with: Karras et al.,
// "Progressive Growing of GANs" (ICLR 2018), appendix A.1, with a decay of 0.999 per
// update. Their later code (StyleGAN, 2019) gives it as a half-life of 10 000 images, which holds
// for any batch size: `decayOfHalfLife`.

import { assignArrays, copyArrays, type NamedArrays, requireSameArrays } from "./named-arrays.js";
import { type ParameterGroup, requireGroups } from "./parameter-group.js";
import { requireNotNegative, requireNumber } from "./require.js";

/** The moving average of parameter groups. */
export interface MovingAverage {
  /** By group name, each as long as the group's values. Updated in place: copy to keep. */
  readonly averages: NamedArrays;
  /**
   * average = decay average + (1 - decay) values, with the values that the groups have now.
   *
   * @param decay in [0, 1): an argument of each update because the batch size, and with it the
   *   decay of a given half-life, changes as a network grows.
   */
  update(decay: number): void;
  /** A copy of the averages. */
  state(): NamedArrays;
  /**
   * Returns to a state of an average over the same groups.
   *
   * @throws where the names or lengths do not match; nothing is changed then.
   */
  restore(state: NamedArrays): void;
}

/**
 * The moving average of groups, which begins at their present values.
 *
 * Stored as float32, which loses a change of an average below half its last bit: it comes no closer
 * to constant values than about 2^-24 / (1 - decay) of their magnitude, 6e-5 for a decay of 0.999.
 *
 *     const average = ema(groups);
 *     average.update(decayOfHalfLife(10_000, batchSize)); // after every step of the optimiser
 */
export function ema(groups: readonly ParameterGroup[]): MovingAverage {
  requireGroups("ema", groups);
  const averages = copyArrays(
    Object.fromEntries(groups.map((group) => [group.name, group.values])),
  );
  return {
    averages,
    update(decay) {
      requireNumber("ema: decay", decay, decay >= 0 && decay < 1, "in [0, 1)");
      for (const { name, values } of groups) blend(averages[name]!, values, decay);
    },
    state: () => copyArrays(averages),
    restore(state) {
      requireSameArrays("ema: state", state, averages);
      assignArrays(averages, state);
    },
  };
}

/**
 * The decay per update by which a weight halves in `halfLife` images: 2^(-images / halfLife).
 *
 * @param halfLife in images, finite, at least 0 (0: the average is the values themselves).
 * @param images in one update, above 0.
 */
export function decayOfHalfLife(halfLife: number, images: number): number {
  requireNotNegative("decayOfHalfLife: halfLife", halfLife);
  const positive = images > 0 && images < Infinity;
  requireNumber("decayOfHalfLife: images", images, positive, "finite and above 0");
  return 2 ** (-images / halfLife);
}

// This form keeps an average that equals its value, and a decay of 0 copies exactly.
function blend(average: Float32Array, values: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++) {
    const value = values[i]!;
    average[i] = value + decay * (average[i]! - value);
  }
}
