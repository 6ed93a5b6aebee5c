/** Which photographs are good enough to learn textures from. */
import type { Tone } from "./mean-texture.js";

/** What is measured on a photo and its fit. */
export interface PhotoMeasures {
  /** Mean distance between landmarks and fitted points, in parts of the distance between the pupils. */
  readonly landmarkError: number;
  /** Degrees between the direction in which the head faces and that to the camera. */
  readonly turn: number;
  /** Pixels of the photo along a texel's side, between the eyes. */
  readonly pixelsPerTexel: number;
  /** Mean confidence over the face. */
  readonly seen: number;
  /** How much the skin differs from texel to texel, see {@link detailOf}. */
  readonly detail: number;
  /** Medians over bare skin, gamma-coded sRGB, as the photo shows it. */
  readonly skinTone: Tone;
}

/** Beyond these a photo is rejected. */
export const PHOTO_BOUNDS = {
  /** Of frontal portraits the worst fit to 0.013. */
  landmarkError: 0.03,
  /** Beyond, the far cheek shows too few pixels. */
  turn: 30,
  /** Coarser than this, texels show the interpolation and no skin. */
  pixelsPerTexel: 0.5,
  /** A frontal face without hair before it has 0.46 to 0.66, one with a fringe over its brows 0.41. */
  seen: 0.42,
  /** Sharp portraits have 0.011 and more at 512 texels; enlarged by three or blurred by three pixels, 0.009 and 0.005. */
  detail: 0.008,
  /** Red over green of skin, gamma-coded: 1.14 to 1.40 for people of four ethnic groups in white light. */
  redness: { from: 1.05, to: 1.45 },
} as const;

/**
 * Why a photo is not used; null where it is good.
 *
 * @param size texels along each side of its texture
 * @param whiteBalance factors that its colours will be multiplied by
 */
export function rejectionOf(
  measures: PhotoMeasures,
  size: number,
  whiteBalance: Tone,
): string | null {
  const { landmarkError, turn, pixelsPerTexel, seen, detail, skinTone } = measures;
  const bounds = PHOTO_BOUNDS;
  if (landmarkError > bounds.landmarkError) {
    return `the head does not fit: landmarks are off by ${percent(landmarkError)} of the distance between the pupils, above ${percent(bounds.landmarkError)}`;
  }
  if (turn > bounds.turn) {
    return `the head is turned by ${turn.toFixed(0)} degrees from the camera, above ${bounds.turn}`;
  }
  if (pixelsPerTexel < bounds.pixelsPerTexel) {
    return `the face is too small for ${size} texels: ${pixelsPerTexel.toFixed(2)} pixels to a texel, below ${bounds.pixelsPerTexel}`;
  }
  const redness = (skinTone[0] * whiteBalance[0]) / (skinTone[1] * whiteBalance[1]);
  const { from, to } = bounds.redness;
  if (redness < from || redness > to) {
    return `the light is coloured: the skin's red is ${redness.toFixed(2)} of its green, not ${from} to ${to}`;
  }
  if (seen < bounds.seen) {
    return `too little of the face is seen: ${percent(seen)}, below ${percent(bounds.seen)}`;
  }
  if (detail < bounds.detail) {
    return `the face is blurred: texels differ by ${percent(detail)} of the skin's brightness, below ${percent(bounds.detail)}`;
  }
  return null;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/**
 * How much bare skin differs from texel to texel: the median of the Laplacian's absolute values over the mean
 * brightness. Differences of brightness between people's skins divide out, hairs and spots do not count.
 *
 * @param luminance `size x size`
 * @param skin `size x size`: looked at where above one half
 * @returns 0 where there is no skin
 */
export function detailOf(luminance: Float32Array, skin: Float32Array, size: number): number {
  const values: number[] = [];
  let sum = 0;
  for (let row = 1; row < size - 1; row++) {
    for (let column = 1; column < size - 1; column++) {
      const i = row * size + column;
      if (skin[i]! <= 0.5) continue;
      const around =
        luminance[i - 1]! + luminance[i + 1]! + luminance[i - size]! + luminance[i + size]!;
      values.push(Math.abs(around - 4 * luminance[i]!));
      sum += luminance[i]!;
    }
  }
  if (!(sum > 0)) return 0;
  const middle = Float32Array.from(values).sort()[values.length >> 1]!;
  return middle / (sum / values.length);
}
