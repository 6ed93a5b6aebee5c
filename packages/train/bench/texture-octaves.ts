/**
 * How much fine detail a texture has: its energy in the octave below the Nyquist frequency and in the one below that.
 * Each octave is the difference of two low-passed copies, by Lanczos's kernels with four lobes, which pass half of
 * the amplitude at the octaves' common border.
 */
import type { TextureMap } from "@ganfit/core";
import { distanceTo } from "../../core/src/texture/distance-field.js";

/** Wavelengths, from finest to coarsest, texels. */
export const OCTAVES = ["2-4 texels", "4-8 texels"] as const;

const LOBES = 4;
/** Wavelengths at which the octaves end, texels. */
const ENDS = [4, 8] as const;
/** How far from a texel those lie that its octaves are made of, along rows and columns. */
export const REACH = (LOBES * ENDS[1]) / 2 - 1;

/** A texel counts where both its place on the face and what is known of it are above this. */
const TRUSTED = 0.9;

/** `size x size` each, as in {@link OCTAVES}: the square of the octave at each texel, mean over channels. */
export type OctaveSquares = readonly [Float32Array, Float32Array];

export function octaveSquares({ size, colour }: TextureMap): OctaveSquares {
  const squares = ENDS.map(() => new Float32Array(size * size));
  const plane = new Float32Array(size * size);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < plane.length; i++) plane[i] = colour[3 * i + c]!;
    let above: Float32Array = plane;
    ENDS.forEach((end, octave) => {
      const below = lowPassed(plane, size, end);
      const sum = squares[octave]!;
      for (let i = 0; i < sum.length; i++) sum[i]! += (above[i]! - below[i]!) ** 2 / 3;
      above = below;
    });
  }
  return [squares[0]!, squares[1]!];
}

/**
 * 1 where the octaves are made of the person's own bare skin alone, else 0.
 *
 * @param skin `size x size` in [0, 1]
 * @param confidence `size x size` in [0, 1]
 */
export function trustedSkin(
  skin: Float32Array,
  confidence: Float32Array,
  size: number,
): Float32Array {
  const doubtful = skin.map((value, i) => (value > TRUSTED && confidence[i]! > TRUSTED ? 0 : 1));
  // What lies further out, in the corners, counts next to nothing: both kernels have ended there.
  return distanceTo(doubtful, size, size).map((distance) => (distance > REACH ? 1 : 0));
}

/** NaN where all weights are 0. */
export function weightedMean(values: Float32Array, weights: Float32Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  return sum / total;
}

/** Without wavelengths shorter than `end` texels, along both axes; beyond the border its texels go on. */
function lowPassed(plane: Float32Array, size: number, end: number): Float32Array {
  const reach = (LOBES * end) / 2 - 1;
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const x = (2 * (i - reach)) / end;
    return sinc(x) * sinc(x / LOBES);
  });
  const total = kernel.reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= total;
  const clamped = (i: number) => Math.min(size - 1, Math.max(0, i));
  const rows = new Float32Array(plane.length);
  const padded = new Float32Array(size + 2 * reach);
  for (let row = 0; row < size; row++) {
    for (let i = 0; i < padded.length; i++) padded[i] = plane[row * size + clamped(i - reach)]!;
    for (let x = 0; x < size; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * padded[x + k]!;
      rows[row * size + x] = sum;
    }
  }
  const out = new Float32Array(plane.length);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < kernel.length; k++) {
      const from = clamped(row + k - reach) * size;
      for (let x = 0; x < size; x++) out[row * size + x]! += kernel[k]! * rows[from + x]!;
    }
  }
  return out;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
