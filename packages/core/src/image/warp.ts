import { GanfitError } from "../errors.js";
import { byteOfLinear, LINEAR_OF_BYTE, linearToSrgb, srgbToLinear } from "./colour.js";
import type { Image, Mask } from "./image.js";
import { type PixelSource, resample } from "./resample.js";
import type { Similarity } from "./similarity.js";
import { clampedByte, type TensorOptions, tensorOf } from "./tensor.js";

/** What lies outside of the picture: its nearest pixel, or one colour (R G B, 0-255). */
export type Border = "replicate" | readonly [r: number, g: number, b: number];

export interface WarpOptions {
  /** Black where not given, and transparent for a picture that has transparency. */
  readonly border?: Border;
  /**
   * Average light instead of gamma-coded values. Right for textures; networks are mostly trained on
   * pictures that were resized without it, which is why it is off unless asked for.
   */
  readonly linear?: boolean;
}

/**
 * The part of `image` that `toInput` lays the output over: bilinear where it is magnified, antialiased
 * where it is minified (see `resample`).
 *
 * @param toInput from output pixels to input pixels; centres of pixels are at + 0.5 in both. The
 * inverse, from the picture to the output, is `invertSimilarity(toInput)`.
 * @param width of the output, pixels
 * @param height of the output, pixels
 * @throws GanfitError `usage` where the transform is not finite, its scale not positive, or the size
 * not a pair of positive integers
 */
export function warpSimilarity(
  image: Image,
  toInput: Similarity,
  width: number,
  height: number,
  options: WarpOptions = {},
): Image {
  const source = sourceOf(image, options);
  const values = resampled(source, toInput, width, height);
  const { channels } = source;
  const count = width * height;
  const data = new Uint8Array(count * 3);
  const alpha = image.alpha ? new Uint8Array(count) : undefined;
  const toByte = options.linear ? byteOfLinear : clampedByte;
  for (let i = 0, from = 0; i < count; i++, from += channels) {
    let factor = 1;
    if (alpha) {
      const opacity = values[from + 3]!;
      factor = opacity > 0 ? 1 / opacity : 0;
      alpha[i] = clampedByte(255 * opacity);
    }
    data[3 * i] = toByte(values[from]! * factor);
    data[3 * i + 1] = toByte(values[from + 1]! * factor);
    data[3 * i + 2] = toByte(values[from + 2]! * factor);
  }
  return alpha ? { width, height, data, alpha } : { width, height, data };
}

/**
 * As `warpSimilarity`, straight to a network's input and without rounding to bytes in between.
 * Transparency is left out: `flatten` the picture first.
 */
export function warpToTensor(
  image: Image,
  toInput: Similarity,
  width: number,
  height: number,
  options: WarpOptions & TensorOptions = {},
): Float32Array {
  const { width: inputWidth, height: inputHeight, data } = image;
  const source = sourceOf({ width: inputWidth, height: inputHeight, data }, options);
  const values = resampled(source, toInput, width, height);
  if (options.linear) {
    for (let i = 0; i < values.length; i++) values[i] = 255 * linearToSrgb(values[i]!);
  }
  return tensorOf(values, 3, width, height, options);
}

/** A mask under a similarity; outside of it lies `border` (0 where not given) or its nearest value. */
export function warpMask(
  mask: Mask,
  toInput: Similarity,
  width: number,
  height: number,
  options: { readonly border?: "replicate" | number } = {},
): Mask {
  const border = options.border ?? 0;
  const source: PixelSource = {
    width: mask.width,
    height: mask.height,
    channels: 1,
    border: border === "replicate" ? null : [border],
    addSums(x, y, width, height, count, weight, target, at) {
      for (let n = 0, left = x, to = at; n < count; n++, left += width, to++) {
        let sum = 0;
        for (let j = y; j < y + height; j++) {
          const start = j * mask.width + left;
          for (let i = start; i < start + width; i++) sum += mask.data[i]!;
        }
        target[to]! += weight * sum;
      }
    },
  };
  return { width, height, data: resampled(source, toInput, width, height) };
}

/** How much of each output pixel of a warp comes from inside the picture. */
export function warpCoverage(
  image: { readonly width: number; readonly height: number },
  toInput: Similarity,
  width: number,
  height: number,
): Mask {
  const source: PixelSource = {
    width: image.width,
    height: image.height,
    channels: 1,
    border: [0],
    addSums(_x, _y, width, height, count, weight, target, at) {
      for (let n = 0; n < count; n++) target[at + n]! += weight * width * height;
    },
  };
  return { width, height, data: resampled(source, toInput, width, height) };
}

function resampled(source: PixelSource, toInput: Similarity, width: number, height: number) {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new GanfitError("usage", `A picture cannot be warped to ${width} x ${height} pixels.`);
  }
  const { scale, rotation, tx, ty } = toInput;
  if (!(scale > 0) || !Number.isFinite(scale + rotation + tx + ty)) {
    throw new GanfitError(
      "usage",
      `A picture cannot be warped with scale ${scale}, rotation ${rotation} and shift ${tx}, ${ty}.`,
    );
  }
  return resample(source, toInput, width, height);
}

/**
 * Colours as they are averaged: 0-255, or light in 0-1; where there is transparency, multiplied by
 * opacity, which follows as a fourth channel in 0-1.
 */
function sourceOf(image: Image, { border, linear }: WarpOptions): PixelSource {
  const { width, height, data, alpha } = image;
  const channels = alpha ? 4 : 3;
  const addSums: PixelSource["addSums"] = (x, y, w, h, count, weight, target, at) => {
    for (let n = 0, left = x, to = at; n < count; n++, left += w, to += 3) {
      let r = 0;
      let g = 0;
      let b = 0;
      for (let j = y; j < y + h; j++) {
        const start = 3 * (j * width + left);
        for (let i = start; i < start + 3 * w; i += 3) {
          r += data[i]!;
          g += data[i + 1]!;
          b += data[i + 2]!;
        }
      }
      target[to]! += weight * r;
      target[to + 1]! += weight * g;
      target[to + 2]! += weight * b;
    }
  };
  const table = linear ? LINEAR_OF_BYTE : BYTES;
  const addSumsOfTable: PixelSource["addSums"] = (x, y, w, h, count, weight, target, at) => {
    for (let n = 0, left = x, to = at; n < count; n++, left += w, to += channels) {
      let r = 0;
      let g = 0;
      let b = 0;
      let opacity = 0;
      for (let j = y; j < y + h; j++) {
        const start = j * width + left;
        for (let i = start; i < start + w; i++) {
          const share = alpha ? alpha[i]! / 255 : 1;
          r += share * table[data[3 * i]!]!;
          g += share * table[data[3 * i + 1]!]!;
          b += share * table[data[3 * i + 2]!]!;
          opacity += share;
        }
      }
      target[to]! += weight * r;
      target[to + 1]! += weight * g;
      target[to + 2]! += weight * b;
      if (alpha) target[to + 3]! += weight * opacity;
    }
  };
  return {
    width,
    height,
    channels,
    border: border === "replicate" ? null : borderOf(border, linear, channels),
    // Whole numbers, summed without a table, are the fastest.
    addSums: linear || alpha ? addSumsOfTable : addSums,
  };
}

const BYTES = Float32Array.from({ length: 256 }, (_, byte) => byte);

function borderOf(
  border: readonly number[] | undefined,
  linear: boolean | undefined,
  channels: number,
): number[] {
  if (!border) return new Array<number>(channels).fill(0);
  const colour = border.map((value) => (linear ? srgbToLinear(value / 255) : value));
  return channels === 4 ? [...colour, 1] : colour;
}
