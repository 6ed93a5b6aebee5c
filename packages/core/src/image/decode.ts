/** What the decoders of Node and the browser have in common. */
import { GanfitError } from "../errors.js";
import type { ImageFormat } from "./format.js";
import type { Image } from "./image.js";

export interface DecodeOptions {
  /** What the picture is called in errors, such as its path; "The picture" where not given. */
  readonly name?: string;
  /** Larger pictures are scaled down to this many pixels while decoding; 2^26 where not given. */
  readonly maxPixels?: number;
}

export interface DecodedImage extends Image {
  readonly format: ImageFormat;
  /** Pixels of `data` per pixel of the file, along either side; below 1 where it was too large. */
  readonly scale: number;
}

/** 67 megapixels, 200 MB decoded: the cameras of 2025 but for a few stay below. */
export const MAX_PIXELS = 2 ** 26;

/** Pictures of more pixels than this are refused: the largest phone sensors have 200 million. */
export const PIXEL_LIMIT = 2 ** 28;

/** Larger files are refused. */
export const BYTE_LIMIT = 2 ** 30;

/**
 * The size to decode a picture at.
 *
 * @param width of the file, pixels
 * @param height of the file, pixels
 * @throws GanfitError `image` above `PIXEL_LIMIT`, `usage` for a `maxPixels` that is not positive
 */
export function decodedSize(
  width: number,
  height: number,
  name: string,
  maxPixels = MAX_PIXELS,
): { width: number; height: number; scale: number } {
  if (!(maxPixels >= 1)) {
    throw new GanfitError("usage", `maxPixels must be 1 or more, but is ${maxPixels}.`);
  }
  if (width * height > PIXEL_LIMIT) {
    const limit = Math.round(PIXEL_LIMIT / 1e6);
    throw new GanfitError(
      "image",
      `${name} has ${width} x ${height} pixels, but at most ${limit} megapixels can be read: scale it down first.`,
    );
  }
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)));
  if (scale === 1) return { width, height, scale };
  return {
    width: Math.max(1, Math.floor(width * scale)),
    height: Math.max(1, Math.floor(height * scale)),
    scale,
  };
}
