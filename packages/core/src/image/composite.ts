import { GanfitError } from "../errors.js";
import type { Image, Mask } from "./image.js";
import { clampedByte } from "./tensor.js";

/** R G B, 0-255, gamma-coded. */
export type Colour = readonly [r: number, g: number, b: number];

/**
 * Without transparency: laid over `background`. Gamma-coded values are mixed, as browsers and picture
 * viewers do, so that edges look as they did there.
 */
export function flatten(image: Image, background: Colour = [255, 255, 255]): Image {
  const { width, height, alpha } = image;
  if (!alpha) return image;
  const data = image.data.slice();
  for (let i = 0; i < alpha.length; i++) {
    if (alpha[i] !== 255) mix(data, 3 * i, background, 1 - alpha[i]! / 255);
  }
  return { width, height, data };
}

/**
 * Tints a picture where a mask is set.
 *
 * @param opacity of the tint where the mask is 1, [0, 1]
 * @throws GanfitError `usage` where mask and picture differ in size
 */
export function blendMask(image: Image, mask: Mask, colour: Colour, opacity = 0.5): Image {
  if (mask.width !== image.width || mask.height !== image.height) {
    throw new GanfitError(
      "usage",
      `A mask of ${mask.width} x ${mask.height} pixels does not fit a picture of ${image.width} x ${image.height}.`,
    );
  }
  const data = image.data.slice();
  for (let i = 0; i < mask.data.length; i++) {
    const share = opacity * Math.min(1, Math.max(0, mask.data[i]!));
    if (share > 0) mix(data, 3 * i, colour, share);
  }
  return { ...image, data };
}

/** Internal to this folder: moves the pixel at `at` towards `colour`; all the way for a share of 1. */
export function mix(data: Uint8Array, at: number, colour: Colour, share: number): void {
  for (let c = 0; c < 3; c++) {
    const value = data[at + c]!;
    data[at + c] = clampedByte(value + share * (colour[c]! - value));
  }
}
