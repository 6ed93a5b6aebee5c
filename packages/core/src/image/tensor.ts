import type { Image } from "./image.js";

/** How a network wants its picture: each value is `(byte - mean) * scale`. */
export interface TensorOptions {
  /** Order of the channels in the tensor; `rgb` where not given. */
  readonly order?: "rgb" | "bgr";
  /** Channels in planes (`1 x 3 x height x width`, where not given) or interleaved. */
  readonly layout?: "chw" | "hwc";
  /** Taken from bytes 0-255: one value, or one each for R, G and B whatever the order; 0 if absent. */
  readonly mean?: number | readonly [r: number, g: number, b: number];
  /** Multiplied afterwards, such as 1 / 255; 1 where not given. */
  readonly scale?: number | readonly [r: number, g: number, b: number];
}

/** A picture as a network's input. Transparency is left out: `flatten` the picture first. */
export function toTensor(image: Image, options: TensorOptions = {}): Float32Array {
  return tensorOf(image.data, 3, image.width, image.height, options);
}

/** The opposite of `toTensor`: rounded to the nearest byte and clamped; NaN gives 0. */
export function fromTensor(
  tensor: ArrayLike<number>,
  width: number,
  height: number,
  options: TensorOptions = {},
): Image {
  const { mean, scale, base, step } = placement(width, height, options);
  const data = new Uint8Array(width * height * 3);
  for (let c = 0; c < 3; c++) {
    const factor = 1 / scale[c]!;
    for (let i = 0, from = base[c]!; i < width * height; i++, from += step) {
      data[3 * i + c] = clampedByte(tensor[from]! * factor + mean[c]!);
    }
  }
  return { width, height, data };
}

/**
 * Internal to this folder: values interleaved with `channels` a pixel, of which the first three count.
 */
export function tensorOf(
  values: ArrayLike<number>,
  channels: number,
  width: number,
  height: number,
  options: TensorOptions,
): Float32Array {
  const { mean, scale, base, step } = placement(width, height, options);
  const count = width * height;
  const tensor = new Float32Array(count * 3);
  for (let c = 0; c < 3; c++) {
    const offset = mean[c]!;
    const factor = scale[c]!;
    let to = base[c]!;
    for (let i = 0, from = c; i < count; i++, from += channels, to += step) {
      tensor[to] = (values[from]! - offset) * factor;
    }
  }
  return tensor;
}

/** Rounded, and clamped to 0-255; NaN gives 0. */
export function clampedByte(value: number): number {
  return value > 0 ? (value < 255 ? Math.floor(value + 0.5) : 255) : 0;
}

/** Where the first value of R, G and B lies in the tensor, and how far apart a channel's values are. */
function placement(width: number, height: number, options: TensorOptions) {
  const interleaved = options.layout === "hwc";
  const slots = options.order === "bgr" ? [2, 1, 0] : [0, 1, 2];
  return {
    mean: triple(options.mean ?? 0),
    scale: triple(options.scale ?? 1),
    base: slots.map((slot) => (interleaved ? slot : slot * width * height)),
    step: interleaved ? 3 : 1,
  };
}

function triple(value: number | readonly [number, number, number]): readonly number[] {
  return typeof value === "number" ? [value, value, value] : value;
}
