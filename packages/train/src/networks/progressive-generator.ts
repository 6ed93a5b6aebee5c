/**
 * The generator of progressive growing (Karras et al. 2018, table 2), GANFIT's texture model: a latent on the
 * hypersphere, 4 x 4 to the wanted size by nearest upsampling and pairs of 3 x 3 convolutions, LeakyReLU,
 * pixelwise normalisation, and at every size a 1 x 1 convolution to colours.
 *
 * While a size fades in, its colours are mixed with those of the size before, enlarged (figure 2). The colours of
 * the smaller sizes stay outputs of their own, for fits that go from coarse to fine.
 */
import { add, mul, reshape, type Tensor, transpose, upsample } from "@ganfit/autodiff";
import { blended, convolution, dense, pixelNorm, rectified } from "./layers.js";
import type { WeightSource } from "./weights.js";

export interface ProgressiveOptions {
  /** Numbers of the latent; 512. */
  readonly latentSize: number;
  /** Share of the paper's features: 1 has 8192 / size, at most 512. */
  readonly width: number;
  /**
   * How the latent enters: `dense` as in the paper, or `local`, one sixteenth of it at each of the 4 x 4 cells, so
   * that parts of the face vary apart from each other (docs/texture-training.md).
   */
  readonly latent: "dense" | "local";
}

export const PROGRESSIVE_DEFAULTS: ProgressiveOptions = {
  latentSize: 512,
  width: 1,
  latent: "dense",
};

const START = 4;
const CELLS = START * START;

/** Features of the layers at a size: min(2 x 8192 / size, 512) times the width. */
export function featuresAt(size: number, { width }: Pick<ProgressiveOptions, "width">): number {
  return Math.max(1, Math.round(Math.min(16384 / size, 512) * width));
}

/** 4, 8, 16 ... up to `size`. */
export function sizesTo(size: number): number[] {
  const sizes: number[] = [];
  for (let side = START; side <= size; side *= 2) sizes.push(side);
  return sizes;
}

/**
 * @param latent `n x latentSize`
 * @param size of the largest picture, a power of two from 4
 * @param fade scalar in [0, 1]: how far the largest size has come in; 1 when it stands alone
 * @returns pictures `n x 3 x side x side` by side, about [0, 1]
 */
export function progressiveGenerator(
  weights: WeightSource,
  latent: Tensor,
  size: number,
  fade: Tensor | undefined,
  options: ProgressiveOptions,
): Map<number, Tensor> {
  const colours = new Map<number, Tensor>();
  let x = firstFeatures(weights, pixelNorm(latent), options);
  for (const side of sizesTo(size)) {
    const to = featuresAt(side, options);
    if (side === START) x = activated(convolution(weights, "4x4/conv", x, to));
    else {
      x = activated(convolution(weights, `${side}x${side}/conv0`, upsample(x, 2), to));
      x = activated(convolution(weights, `${side}x${side}/conv1`, x, to));
    }
    const signed = convolution(weights, `${side}x${side}/colour`, x, 3, { kernel: 1, gain: 1 });
    let picture = add(mul(signed, 0.5), 0.5);
    const before = colours.get(side / 2);
    if (side === size && fade && before) picture = blended(upsample(before, 2), picture, fade);
    colours.set(side, picture);
  }
  return colours;
}

function firstFeatures(weights: WeightSource, latent: Tensor, options: ProgressiveOptions): Tensor {
  const n = latent.shape[0]!;
  const to = featuresAt(START, options);
  if (options.latent === "dense") {
    // The paper's reference code divides the gain by 4, so that pictures begin alike.
    const flat = dense(weights, "4x4/dense", latent, CELLS * to, { gain: Math.SQRT2 / 4 });
    return activated(reshape(flat, [n, to, START, START]));
  }
  const own = options.latentSize / CELLS;
  const cells = transpose(reshape(latent, [n, START, START, own]), [0, 3, 1, 2]);
  return activated(convolution(weights, "4x4/local", cells, to, { kernel: 1 }));
}

function activated(x: Tensor): Tensor {
  return pixelNorm(rectified(x));
}
