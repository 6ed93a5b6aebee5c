/**
 * The pores, freckles and wrinkles of one person on the skin of another:
 *
 *     out = receiver + m (high(g donor) - high(receiver)),   high(x) = x - low(x)
 *
 * with g the ratio of the skin tones, so that detail keeps its contrast, and m the bare skin of the face times
 * the donor's confidence: at brows, lids, lips and nostrils two faces never agree to a texel, and what was not seen of the
 * donor has no detail to give.
 */

import { type FaceRegions, GanfitError, type PartialTexture, smoothStep } from "@ganfit/core";
import type { Face } from "./regional-mix.js";
import { lowBand } from "./smooth-field.js";

export interface BandSwapOptions {
  /** Cells of the low band, parts of the side: detail finer than about twice this is exchanged; 1/128. */
  readonly cell?: number;
  /** Share of the detail that is exchanged; 1. */
  readonly amount?: number;
}

/** Confidence of the donor from which on, and from which on fully, its detail is taken. */
const SURE = { from: 0.2, to: 0.7 } as const;

/** Ratios of skin tones stay within this factor and its inverse. */
const MOST = 2;

/**
 * Maps too coarse to hold such detail, of 64 texels by default, stay as they are.
 *
 * @param regions of the maps' size
 * @throws GanfitError `usage` where the sizes differ, or a cell is no divisor of the side
 */
export function bandSwap(
  receiver: Face,
  donor: Face,
  regions: FaceRegions,
  options: BandSwapOptions = {},
): PartialTexture {
  const { cell = 1 / 128, amount = 1 } = options;
  const { size, colour, confidence } = receiver.map;
  if (donor.map.size !== size || regions.size !== size) {
    throw new GanfitError(
      "usage",
      `Detail of a map of ${donor.map.size} texels cannot go onto one of ${size} by regions of ${regions.size}.`,
    );
  }
  const texels = Math.round(cell * size);
  if (texels < 2 || amount === 0) return { size, colour: colour.slice(), confidence };
  const gains = receiver.skin.tone.map((value, c) =>
    Math.min(MOST, Math.max(1 / MOST, value / donor.skin.tone[c]!)),
  );
  const difference = new Float32Array(colour.length);
  const theirs = donor.map.colour;
  for (let i = 0; i < colour.length; i += 3) {
    for (let c = 0; c < 3; c++) difference[i + c] = gains[c]! * theirs[i + c]! - colour[i + c]!;
  }
  const low = lowBand(difference, size, 3, texels);
  const out = colour.slice();
  for (let i = 0; i < confidence.length; i++) {
    const skin = regions.skin[i]!;
    if (skin === 0) continue;
    const share = amount * skin * smoothStep(SURE.from, SURE.to, donor.map.confidence[i]!);
    if (share === 0) continue;
    for (let at = 3 * i; at < 3 * i + 3; at++) {
      out[at] = Math.min(1, Math.max(0, out[at]! + share * (difference[at]! - low[at]!)));
    }
  }
  return { size, colour: out, confidence };
}
