/**
 * Adaptive discriminator augmentation (Karras et al. 2020, arXiv 2006.06676): the probability p at which everything that
 * the discriminator sees, real and generated, is augmented rises while it is too sure of the real images and falls
 * while it is not. Sureness is the paper's r_t, the mean sign of its outputs on real images:
 *
 *     p <- clamp(p + sign(r_t - target) images / length, 0, most)
 */

import { GanfitError } from "@ganfit/core";

export interface AdaOptions {
  /** r_t that is sought; 0.6 as in the paper. */
  readonly target?: number;
  /** Images over which p can go from 0 to 1; 500 000 as in the paper, fewer for short trainings. */
  readonly length?: number;
  /** Real images between two changes of p; 256. */
  readonly interval?: number;
  /** Largest p: from about 0.8 on the generator begins to learn the augmentations. */
  readonly most?: number;
}

export const ADA_DEFAULTS: Required<AdaOptions> = {
  target: 0.6,
  length: 500_000,
  interval: 256,
  most: 0.8,
};

/** All that a controller remembers, for checkpoints. */
export interface AdaState {
  readonly p: number;
  /** Signs summed since p last changed, and how many. */
  readonly signs: number;
  readonly images: number;
}

export class AdaController {
  private readonly options: Required<AdaOptions>;
  private current: AdaState;

  /**
   * @param state to go on from; p = 0 where absent
   * @throws GanfitError `usage` for options that make no sense
   */
  constructor(options: AdaOptions = {}, state: AdaState = { p: 0, signs: 0, images: 0 }) {
    this.options = { ...ADA_DEFAULTS, ...options };
    this.current = { ...state };
    const { target, length, interval, most } = this.options;
    if (!(Math.abs(target) < 1 && length > 0 && interval > 0 && most >= 0 && most <= 1)) {
      throw new GanfitError(
        "usage",
        `Adaptive augmentation cannot seek ${target} over ${length} images, every ${interval}, with p up to ${most}.`,
      );
    }
  }

  /** Probability of each augmentation, for {@link sampleAda}. */
  get p(): number {
    return this.current.p;
  }

  get state(): AdaState {
    return this.current;
  }

  /**
   * @param real the discriminator's outputs on augmented real images
   * @param boundary the output between real and generated: 0 for logistic losses. A Wasserstein critic's outputs have
   *   no zero of their own; give {@link criticBoundary}.
   */
  update(real: ArrayLike<number>, boundary = 0): void {
    const { target, length, interval, most } = this.options;
    let { p, signs, images } = this.current;
    for (let i = 0; i < real.length; i++) signs += Math.sign(real[i]! - boundary);
    images += real.length;
    if (images >= interval) {
      const step = (Math.sign(signs / images - target) * images) / length;
      p = Math.min(most, Math.max(0, p + step));
      signs = 0;
      images = 0;
    }
    this.current = { p, signs, images };
  }
}

/** Half-way between a Wasserstein critic's mean outputs on real and on generated images. */
export function criticBoundary(real: ArrayLike<number>, generated: ArrayLike<number>): number {
  return (meanOf(real) + meanOf(generated)) / 2;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / Math.max(1, values.length);
}
