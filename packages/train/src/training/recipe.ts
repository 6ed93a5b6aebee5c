/** How a network is trained: what does not change while it is. */
import { ADVERSARY_WEIGHTS, type Adversary, type AdversaryWeights } from "./adversarial-loss.js";
import type { LossWeights } from "./training-programs.js";

export interface Recipe {
  readonly adversary: Adversary;
  readonly slopes: AdversaryWeights;
  readonly losses: LossWeights;
  /** Whether real maps are encoded, so that the generator can be held to them. */
  readonly encoded: boolean;
  readonly learningRate: { readonly generator: number; readonly discriminator: number };
  readonly beta1: number;
  readonly beta2: number;
  /** The discriminator's slope counts in one of so many steps, so many times as much. */
  readonly penaltyEvery: number;
  /** Images in which a weight's share in the moving average halves, once a twentieth of the training is longer. */
  readonly averageOver: number;
  /**
   * Images over which adaptive discriminator augmentation may go from never to always (ada.ts); 0 leaves it out, as the
   * paper does, whose critic's scores have no zero to tell by.
   */
  readonly augmentOver: number;
  /** Maps of a step by size. */
  readonly batch: Readonly<Record<number, number>>;
  /** Images for which a size fades in, and for which it then stands alone; the last size stands to the end. */
  readonly phase: number;
}

/**
 * Karras et al. 2018, appendix A.1, with smaller batches at large sizes: on a processor the time of a step grows with
 * them. The paper shows each phase 800,000 images.
 */
export const PROGRESSIVE_RECIPE: Recipe = {
  adversary: "wgan-gp",
  slopes: ADVERSARY_WEIGHTS,
  losses: { adversary: 1, colour: 0, detail: 0 },
  encoded: false,
  learningRate: { generator: 0.001, discriminator: 0.001 },
  beta1: 0,
  beta2: 0.99,
  penaltyEvery: 1,
  averageOver: 10_000,
  augmentOver: 0,
  batch: { 4: 16, 8: 16, 16: 16, 32: 16, 64: 16, 128: 8, 256: 4, 512: 4 },
  phase: 800_000,
};

/** For the regional generator; see docs/texture-training.md for how the numbers were chosen. */
export const REGIONAL_RECIPE: Recipe = {
  adversary: "logistic",
  slopes: ADVERSARY_WEIGHTS,
  losses: { adversary: 0.25, colour: 1, detail: 0.5 },
  encoded: true,
  learningRate: { generator: 0.001, discriminator: 0.003 },
  beta1: 0,
  beta2: 0.99,
  penaltyEvery: 4,
  averageOver: 1_000,
  augmentOver: 20_000,
  batch: {},
  phase: 0,
};

export interface Phase {
  readonly size: number;
  /** Images before it. */
  readonly from: number;
  /** Images for which it fades in. */
  readonly fade: number;
}

/** When each size begins: the first stands alone at once, the others fade in. */
export function phasesOf(sizes: readonly number[], { phase }: Pick<Recipe, "phase">): Phase[] {
  return sizes.map((size, i) =>
    i === 0 ? { size, from: 0, fade: 0 } : { size, from: (2 * i - 1) * phase, fade: phase },
  );
}

/** @returns the size that is trained after so many images, and how far it has come in, in [0, 1] */
export function phaseAt(phases: readonly Phase[], images: number): { size: number; fade: number } {
  const { size, from, fade } = phases.findLast((phase) => phase.from <= images)!;
  return { size, fade: fade > 0 ? Math.min(1, (images - from) / fade) : 1 };
}

/** Maps of one step at a size. */
export function batchAt({ batch }: Recipe, size: number): number {
  return batch[size] ?? 1;
}
