// Looking up pictures at places between their pixels, as texturing does.

import type { Image, Mask } from "./image.js";

/**
 * The colour at a place, bilinear, the nearest pixel's outside.
 *
 * @param u to the right, 0 and 1 at the picture's edges
 * @param v down
 * @param out R G B, 0-255
 */
export function sampleImage({ width, height, data }: Image, u: number, v: number, out: number[]) {
  const x = Math.min(width - 1, Math.max(0, u * width - 0.5));
  const y = Math.min(height - 1, Math.max(0, v * height - 0.5));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const right = x0 + 1 < width ? 3 : 0;
  const below = y0 + 1 < height ? 3 * width : 0;
  const s = x - x0;
  const t = y - y0;
  let at = 3 * (y0 * width + x0);
  for (let c = 0; c < 3; c++, at++) {
    const top = data[at]! + s * (data[at + right]! - data[at]!);
    const bottom = data[at + below]! + s * (data[at + below + right]! - data[at + below]!);
    out[c] = top + t * (bottom - top);
  }
}

/** The value at a place, as {@link sampleImage} has the colour. */
export function sampleMask({ width, height, data }: Mask, u: number, v: number): number {
  const x = Math.min(width - 1, Math.max(0, u * width - 0.5));
  const y = Math.min(height - 1, Math.max(0, v * height - 0.5));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const right = x0 + 1 < width ? 1 : 0;
  const below = y0 + 1 < height ? width : 0;
  const at = y0 * width + x0;
  const top = data[at]! + (x - x0) * (data[at + right]! - data[at]!);
  const bottom = data[at + below]! + (x - x0) * (data[at + below + right]! - data[at + below]!);
  return top + (y - y0) * (bottom - top);
}

/** At half the size, rounded down but at least a pixel: each pixel the mean of four. */
export function halved({ width, height, data }: Image): Image {
  const w = Math.max(1, width >> 1);
  const h = Math.max(1, height >> 1);
  const right = width > 1 ? 3 : 0;
  const below = height > 1 ? 3 * width : 0;
  const out = new Uint8Array(3 * w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < 3; c++) {
        const at = 3 * (2 * y * width + 2 * x) + c;
        const sum = data[at]! + data[at + right]! + data[at + below]! + data[at + right + below]!;
        out[3 * (y * w + x) + c] = (sum + 2) >> 2;
      }
    }
  }
  return { width: w, height: h, data: out };
}
