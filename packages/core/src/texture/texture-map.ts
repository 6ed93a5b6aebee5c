/** Textures as numbers: what is made of photographs before it becomes a picture. */
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";

/** A square texture in a model's layout, rows from the top (v = 0). */
export interface TextureMap {
  /** Texels along each side. */
  readonly size: number;
  /** `size x size x 3`, R G B, gamma-coded sRGB, 0 black and 1 white; values may lie a little outside. */
  readonly colour: Float32Array;
}

/** A texture of which not everything is known. */
export interface PartialTexture extends TextureMap {
  /** `size x size` in [0, 1]: how far each texel's colour can be trusted; 0 where it is unknown. */
  readonly confidence: Float32Array;
}

/** The texture rounded to bytes. */
export function imageOfTexture({ size, colour }: TextureMap): Image {
  const data = new Uint8Array(colour.length);
  for (let i = 0; i < data.length; i++) {
    const value = colour[i]!;
    data[i] = value > 0 ? Math.min(255, Math.round(255 * value)) : 0;
  }
  return { width: size, height: size, data };
}

/** @throws GanfitError `usage` where the picture is not square */
export function textureOfImage({ width, height, data }: Image): TextureMap {
  if (width !== height) {
    throw new GanfitError("usage", `A texture is square, not ${width} x ${height} pixels.`);
  }
  const colour = new Float32Array(data.length);
  for (let i = 0; i < colour.length; i++) colour[i] = data[i]! / 255;
  return { size: width, colour };
}

/** The texture of the other half: u becomes 1 - u, which in a symmetric layout mirrors the face. */
export function mirrorTexture({ size, colour }: TextureMap): TextureMap {
  return { size, colour: mirrored(colour, size, 3) };
}

/** @param values `size x size x channels` */
export function mirrored(values: Float32Array, size: number, channels: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const to = (row * size + column) * channels;
      const from = (row * size + size - 1 - column) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = values[from + c]!;
    }
  }
  return out;
}

/**
 * Means over blocks of `factor x factor` texels.
 *
 * @throws GanfitError `usage` where the size is no multiple of the factor
 */
export function shrinkTexture({ size, colour }: TextureMap, factor: number): TextureMap {
  if (!Number.isInteger(factor) || factor < 1 || size % factor !== 0) {
    throw new GanfitError("usage", `A texture of ${size} texels cannot be shrunk by ${factor}.`);
  }
  return { size: size / factor, colour: shrunk(colour, size, 3, factor) };
}

/** As {@link shrinkTexture}, each texel counting by its confidence, of which the mean is taken. */
export function shrinkPartial(
  { size, colour, confidence }: PartialTexture,
  factor: number,
): PartialTexture {
  // Where a whole block is unknown its colours still count among themselves.
  const weights = confidence.map((value) => value + 1e-6);
  const weighted = new Float32Array(colour.length);
  for (let i = 0; i < weights.length; i++) {
    for (let c = 0; c < 3; c++) weighted[3 * i + c] = colour[3 * i + c]! * weights[i]!;
  }
  const sums = shrinkTexture({ size, colour: weighted }, factor);
  const total = shrunk(weights, size, 1, factor);
  return {
    size: sums.size,
    colour: sums.colour.map((value, i) => value / total[Math.floor(i / 3)]!),
    confidence: shrunk(confidence, size, 1, factor),
  };
}

/** @param values `size x size x channels`, `size` a multiple of `factor` */
export function shrunk(
  values: Float32Array,
  size: number,
  channels: number,
  factor: number,
): Float32Array {
  const small = size / factor;
  const out = new Float32Array(small * small * channels);
  const share = 1 / (factor * factor);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const from = (row * size + column) * channels;
      const to = (Math.floor(row / factor) * small + Math.floor(column / factor)) * channels;
      for (let c = 0; c < channels; c++) out[to + c]! += share * values[from + c]!;
    }
  }
  return out;
}

/** Twice the size, bilinear between texel centres as ONNX's Resize (half_pixel) does it. */
export function doubleTexture({ size, colour }: TextureMap): TextureMap {
  const double = 2 * size;
  const out = new Float32Array(double * double * 3);
  const near = (i: number) => i >> 1;
  const far = (i: number) => Math.min(size - 1, Math.max(0, (i >> 1) + (i % 2 === 0 ? -1 : 1)));
  for (let row = 0, to = 0; row < double; row++) {
    const [y, z] = [near(row), far(row)];
    for (let column = 0; column < double; column++) {
      const [x, w] = [near(column), far(column)];
      for (let c = 0; c < 3; c++, to++) {
        out[to] =
          (9 * colour[3 * (y * size + x) + c]! +
            3 * colour[3 * (y * size + w) + c]! +
            3 * colour[3 * (z * size + x) + c]! +
            colour[3 * (z * size + w) + c]!) /
          16;
      }
    }
  }
  return { size: double, colour: out };
}
