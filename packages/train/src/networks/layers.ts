/**
 * The layers of progressive growing (Karras, Aila, Laine, Lehtinen, "Progressive Growing of GANs", ICLR 2018,
 * arXiv 1710.10196, section 4 and appendix A).
 *
 * Weights have an equalised learning rate (section 4.1): they begin as N(0, 1) and are multiplied, whenever they are
 * used, by He's constant gain / sqrt(inputs of one output), so that Adam moves all of them alike.
 */
import {
  add,
  averagePool,
  concat,
  conv,
  expand,
  leakyRelu,
  matmul,
  mul,
  reciprocal,
  reduceMean,
  reshape,
  sqrt,
  sub,
  type Tensor,
} from "@ganfit/autodiff";
import type { WeightSource } from "./weights.js";

/** Slope of LeakyReLU below zero. */
const SLOPE = 0.2;
/** He et al. 2015 for rectified units. */
export const RECTIFIED_GAIN = Math.SQRT2;
const EPSILON = 1e-8;

export interface LayerOptions {
  /** Of the output, by which the weights are scaled: sqrt(2) before a rectifier, 1 at an end. */
  readonly gain?: number;
  /** How the weights begin; zero makes a layer that at first adds nothing. */
  readonly initial?: "normal" | 0;
}

export interface ConvolutionOptions extends LayerOptions {
  /** Side of the kernel; 3. */
  readonly kernel?: number;
  readonly stride?: number;
  /** Rows and columns added on each side; by default what keeps the size at stride 1. */
  readonly padding?: number;
}

/**
 * @param x `n x from x h x w`
 * @param name of the layer; its weights are NAME/weight `to x from x k x k` and NAME/bias `to`
 */
export function convolution(
  weights: WeightSource,
  name: string,
  x: Tensor,
  to: number,
  options: ConvolutionOptions = {},
): Tensor {
  const { kernel = 3, stride = 1, gain = RECTIFIED_GAIN, initial = "normal" } = options;
  const padding = options.padding ?? (kernel - 1) / 2;
  const from = x.shape[1]!;
  const weight = weights(`${name}/weight`, [to, from, kernel, kernel], initial);
  return conv(
    x,
    mul(weight, gain / Math.sqrt(from * kernel * kernel)),
    weights(`${name}/bias`, [to], 0),
    { pads: [padding, padding, padding, padding], strides: [stride, stride] },
  );
}

/**
 * @param x `n x from`
 * @param name of the layer; its weights are NAME/weight `from x to` and NAME/bias `to`
 */
export function dense(
  weights: WeightSource,
  name: string,
  x: Tensor,
  to: number,
  { gain = RECTIFIED_GAIN, initial = "normal" }: LayerOptions = {},
): Tensor {
  const from = x.shape[1]!;
  const weight = weights(`${name}/weight`, [from, to], initial);
  return add(matmul(x, mul(weight, gain / Math.sqrt(from))), weights(`${name}/bias`, [to], 0));
}

export function rectified(x: Tensor): Tensor {
  return leakyRelu(x, SLOPE);
}

/** Every pixel's features brought to a mean square of 1 (section 4.2). */
export function pixelNorm(x: Tensor): Tensor {
  return mul(x, reciprocal(sqrt(add(reduceMean(mul(x, x), [1], true), EPSILON))));
}

/** Means over blocks of 2 x 2. */
export function halved(x: Tensor): Tensor {
  return averagePool(x, [2, 2], { strides: [2, 2] });
}

/**
 * One more feature map, constant: the standard deviation over the batch of each feature at each place, averaged
 * (section 3). It tells a discriminator whether pictures are more alike than real ones.
 */
export function withBatchDeviation(x: Tensor): Tensor {
  const [n, , height, width] = x.shape as readonly [number, number, number, number];
  const centred = sub(x, reduceMean(x, [0], true));
  const variance = reduceMean(mul(centred, centred), [0], true);
  const deviation = reduceMean(sqrt(add(variance, EPSILON)));
  return concat([x, expand(reshape(deviation, [1, 1, 1, 1]), [n, 1, height, width])], 1);
}

/** `a + share (b - a)` */
export function blended(a: Tensor, b: Tensor, share: Tensor): Tensor {
  return add(a, mul(sub(b, a), share));
}
