/**
 * Slow changes over a texture: means over a few millimetres of what is known of it. They are taken on a smaller
 * grid, which loses nothing of them and makes them cheap at any size of the texture.
 */
import { boxMean } from "../networks/mask-filter.js";

/** Texels along the smaller grid that are enough: one of them is about a millimetre of a face. */
const ENOUGH = 256;

/** By how much a texture is shrunk: the largest whole part of its size that leaves it at least 256 texels. */
export function reductionOf(size: number): number {
  let factor = Math.max(1, Math.floor(size / ENOUGH));
  while (size % factor !== 0) factor--;
  return factor;
}

/**
 * The weighted mean around every texel (normalised convolution, Knutsson and Westin 1993): what has no weight is
 * filled from its surroundings. Three means over boxes come close to a Gaussian.
 *
 * @param values `size x size x channels`
 * @param weights `size x size`, none negative
 * @param deviation standard deviation of the Gaussian, texels
 * @param otherwise per channel, what counts with the weight `prior` everywhere; 0 where absent
 * @param prior 1e-6 where absent
 */
export function weightedMean(
  values: Float32Array,
  weights: ArrayLike<number>,
  size: number,
  channels: number,
  deviation: number,
  { otherwise = [], prior = 1e-6 }: { otherwise?: readonly number[]; prior?: number } = {},
): Float32Array {
  const count = size * size;
  const total = blurred(weights, size, deviation);
  const out = new Float32Array(count * channels);
  const plane = new Float64Array(count);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < count; i++) plane[i] = weights[i]! * values[channels * i + c]!;
    const sums = blurred(plane, size, deviation);
    const pull = prior * (otherwise[c] ?? 0);
    for (let i = 0; i < count; i++) {
      out[channels * i + c] = (sums[i]! + pull) / (total[i]! + prior);
    }
  }
  return out;
}

/** A Gaussian over a square grid; outside of it nothing counts. */
export function blurred(values: ArrayLike<number>, size: number, deviation: number): Float64Array {
  // Three boxes of 2 r + 1 texels have the variance ((2 r + 1)^2 - 1) / 4.
  const radius = Math.max(0, Math.round((Math.sqrt(4 * deviation ** 2 + 1) - 1) / 2));
  let out: Float64Array = Float64Array.from(values);
  if (radius === 0) return out;
  for (let round = 0; round < 3; round++) out = boxMean(out, size, size, radius);
  return out;
}

/**
 * The field on a grid that is `factor` times as fine, bilinear between centres.
 *
 * @param values `size x size x channels`
 */
export function enlarged(
  values: ArrayLike<number>,
  size: number,
  channels: number,
  factor: number,
): Float32Array {
  if (factor === 1) return Float32Array.from(values);
  const large = size * factor;
  const out = new Float32Array(large * large * channels);
  const near = new Int32Array(large);
  const share = new Float32Array(large);
  for (let i = 0; i < large; i++) {
    const at = Math.min(size - 1, Math.max(0, (i + 0.5) / factor - 0.5));
    near[i] = Math.min(Math.max(0, size - 2), Math.floor(at));
    share[i] = at - near[i]!;
  }
  const right = size > 1 ? channels : 0;
  const below = size > 1 ? size * channels : 0;
  for (let row = 0, to = 0; row < large; row++) {
    const start = near[row]! * size * channels;
    const v = share[row]!;
    for (let column = 0; column < large; column++) {
      const from = start + near[column]! * channels;
      const u = share[column]!;
      for (let c = 0; c < channels; c++, to++) {
        const at = from + c;
        const upper = values[at]! + u * (values[at + right]! - values[at]!);
        const lower = values[at + below]! + u * (values[at + below + right]! - values[at + below]!);
        out[to] = upper + v * (lower - upper);
      }
    }
  }
  return out;
}
