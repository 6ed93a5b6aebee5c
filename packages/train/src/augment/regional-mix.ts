/**
 * One face of several people's parts: the brows and eyes of one, the nose of another ... Each part comes from one
 * donor whole, is brought to the receiver's skin colour, and passes into its neighbours over bare skin
 * (face-windows.ts):
 *
 *     mix = sum_p w_p gain_p donor_p,    gain_p = exp(skin of the receiver - skin of donor p)
 *
 * with the skin's smooth field in logarithms (skin-field.ts), so that the low frequencies are the receiver's
 * everywhere and only detail changes at a border. Where that brightens, shine brighter than the skin moves up with it but
 * does not grow, and hair stays dark.
 */

import { GanfitError, luminance, type PartialTexture } from "@ganfit/core";
import { FACE_PARTS, type FacePart, type FaceWindow, type FaceWindows } from "./face-windows.js";
import { FIELD_CELLS, type SkinField } from "./skin-field.js";
import { splineAxis, splineRow } from "./smooth-field.js";

/** A map with its skin measured. */
export interface Face {
  readonly map: PartialTexture;
  readonly skin: SkinField;
}

/** Gains stay within this factor and its inverse. */
const MOST = 3;

/**
 * Hair is no lighter on a light face: brightening begins at this part of the donor's skin tone and is full at the
 * other.
 */
const HAIR = { none: 0.3, full: 0.75 } as const;

/**
 * @param receiver whose skin colour it gets, and every part that has no donor
 * @param donors by part
 * @param windows of the maps' size
 * @throws GanfitError `usage` where the sizes differ
 */
export function regionalMix(
  receiver: Face,
  donors: Readonly<Partial<Record<FacePart, Face>>>,
  windows: FaceWindows,
): PartialTexture {
  const { size } = receiver.map;
  const colour = receiver.map.colour.slice();
  const confidence = receiver.map.confidence.slice();
  for (const part of FACE_PARTS) {
    const donor = donors[part];
    if (!donor) continue;
    if (donor.map.size !== size || windows.size !== size) {
      throw new GanfitError(
        "usage",
        `A map of ${donor.map.size} texels cannot be mixed into one of ${size} by windows of ${windows.size}.`,
      );
    }
    addPart(colour, confidence, receiver, donor, windows.parts[part]);
  }
  return { size, colour, confidence };
}

/** Adds `window (gain donor - receiver)`. */
function addPart(
  colour: Float32Array,
  confidence: Float32Array,
  receiver: Face,
  donor: Face,
  { values, bounds }: FaceWindow,
): void {
  const { size } = receiver.map;
  const { left, top, right, bottom } = bounds;
  const own = receiver.map.colour;
  const other = donor.map.colour;
  const gains = donor.skin.log.map((value, i) =>
    Math.min(MOST, Math.max(1 / MOST, Math.exp(receiver.skin.log[i]! - value))),
  );
  const axis = splineAxis(FIELD_CELLS, size);
  const line = new Float32Array(3 * FIELD_CELLS);
  const tones = donor.skin.tone;
  const tone = luminance(...tones);
  const [slope, start] = [
    1 / (tone * (HAIR.full - HAIR.none)),
    HAIR.none / (HAIR.full - HAIR.none),
  ];
  for (let row = top; row < bottom; row++) {
    splineRow(gains, axis, row, line);
    for (let column = left; column < right; column++) {
      const i = row * size + column;
      const share = values[i]!;
      if (share === 0) continue;
      confidence[i]! += share * (donor.map.confidence[i]! - receiver.map.confidence[i]!);
      const k = 3 * column;
      const a = 3 * axis.cells[k]!;
      const b = 3 * axis.cells[k + 1]!;
      const c = 3 * axis.cells[k + 2]!;
      const u = axis.weights[k]!;
      const v = axis.weights[k + 1]!;
      const w = axis.weights[k + 2]!;
      const at = 3 * i;
      const brightness = luminance(other[at]!, other[at + 1]!, other[at + 2]!);
      const bareness = Math.min(1, Math.max(0, brightness * slope - start));
      for (let n = 0; n < 3; n++) {
        const gain = u * line[a + n]! + v * line[b + n]! + w * line[c + n]!;
        const value = other[at + n]!;
        const matched =
          gain > 1 ? value + (gain - 1) * bareness * Math.min(value, tones[n]!) : gain * value;
        colour[at + n]! += share * (Math.min(1, matched) - own[at + n]!);
      }
    }
  }
}
