import type { Lighting } from "../render/lighting.js";

/** How much each term of the energy counts. One of weight 0 is not computed. */
export interface EnergyWeights {
  /** Identity features: 1 - cosine. */
  readonly identity: number;
  /** Identity features of the second rendering: 1 - cosine. */
  readonly secondIdentity: number;
  /** Activations of the recognition network's layers, a sum over layers. */
  readonly content: number;
  /** Mean absolute difference of colours, gamma-coded in [0, 1]. */
  readonly pixel: number;
  /** Mean distance of landmarks, in parts of the distance between the pupils. */
  readonly landmark: number;
  /** Prior of identity coefficients, a sum over squares. */
  readonly shapePrior: number;
  /** Prior of expression coefficients, a sum. */
  readonly expressionPrior: number;
  /** Prior of the texture's latent, a mean over squares. */
  readonly latentPrior: number;
  /** Prior of the light, a sum over squares. */
  readonly lightPrior: number;
}

export interface LearningRates {
  /** Standard deviations. */
  readonly identity: number;
  /** Weights of blend shapes. */
  readonly expression: number;
  /** Standard deviations. */
  readonly latent: number;
  /** See `CAMERA_UNITS`. */
  readonly camera: number;
  /** Irradiance. */
  readonly light: number;
}

/** How much time a fit takes: presets of `steps` and `side`. */
export type FitQuality = "draft" | "standard";

export const FIT_QUALITIES = {
  draft: { steps: 30, side: 128 },
  standard: { steps: 100, side: 256 },
} as const satisfies Record<FitQuality, FitOptions>;

export interface FitOptions {
  /** Default `standard`. */
  readonly quality?: FitQuality;
  /** Iterations of the second stage at most, in which everything moves. 0 stops after the landmarks. */
  readonly steps?: number;
  /** Side of the square in which photo and rendering are compared, pixels. */
  readonly side?: number;
  /** Which model of light. */
  readonly lighting?: Lighting["kind"];
  /** Of the second rendering's views, and of the start of generators whose latent lies on a sphere. */
  readonly seed?: number;
  readonly weights?: Partial<EnergyWeights>;
  readonly learningRates?: Partial<LearningRates>;
  /** Pixels of the photo. Where absent the head's distance is estimated from the landmarks. */
  readonly focalLength?: number | undefined;
}

/** Larger photos are best scaled down to so many pixels: a fit compares far fewer, and memory is what they cost. */
export const MOST_PHOTO_PIXELS = 2 ** 24;

/** Most iterations of the second stage. */
export const MOST_STEPS = 100_000;

/**
 * What is used where an option is absent. The weights are set by hand, so that at the start of the second stage
 * the photo's terms pull alike and each prior is a fraction of them.
 */
export const FIT_DEFAULTS = {
  quality: "standard",
  ...FIT_QUALITIES.standard,
  lighting: "spherical-harmonics",
  seed: 0,
  weights: {
    identity: 1,
    secondIdentity: 1,
    content: 50,
    pixel: 12,
    landmark: 30,
    shapePrior: 0.004,
    expressionPrior: 0.004,
    latentPrior: 0.15,
    lightPrior: 0.02,
  },
  learningRates: {
    identity: 0.02,
    expression: 0.006,
    latent: 0.06,
    camera: 0.002,
    light: 0.015,
  },
} as const satisfies FitOptions;

/**
 * What a unit of each of the camera's eight numbers is in the optimiser, so that one learning rate serves
 * all: position (3) in 300 mm, look-at point (3) in 20 mm, five times the logarithm of the focal length, roll in
 * radians.
 */
export const CAMERA_UNITS: readonly number[] = [300, 300, 300, 20, 20, 20, 0.2, 1];
