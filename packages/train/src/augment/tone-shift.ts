/**
 * A face with more or less pigment: a step in optical density (density.ts), the same for all of the skin,
 *
 *     -log linear' = -log linear + m step
 *
 * where the mask m is 1 on skin, part of that on lips and brows and 0 within the eyes. As a map's density changes by its
 * value alone, this is one table a channel; texels of part masks are mixed from before and after.
 */

import {
  type FaceRegions,
  GanfitError,
  linearToSrgb,
  type PartialTexture,
  smoothStep,
  srgbToLinear,
} from "@ganfit/core";
import type { Density } from "./density.js";

/** Share of a step that parts of the face take. */
const LIPS = 0.5;
const BROWS = 0.4;

/** Gamma-coded values, parts of the skin's, over which a step that brightens sets in: hair stays dark. */
const HAIR = { none: 0.25, full: 0.7 } as const;

/** Of the table: fine enough that between two entries the curve is straight to a tenth of a grey level. */
const ENTRIES = 1024;

const masks = new WeakMap<FaceRegions, Float32Array>();

/**
 * @param tone gamma-coded colour of the person's skin, such as `skinField().tone`
 * @param step added to the density of R, G and B; 0 changes nothing
 * @param regions of the map's size
 * @throws GanfitError `usage` where the sizes differ
 */
export function shiftTone(
  map: PartialTexture,
  tone: readonly [number, number, number],
  step: Density,
  regions: FaceRegions,
): PartialTexture {
  const { size, colour, confidence } = map;
  if (regions.size !== size) {
    throw new GanfitError(
      "usage",
      `The skin tone of a map of ${size} texels cannot be changed by regions of ${regions.size}.`,
    );
  }
  const mask = toneMask(regions);
  const tables = step.map((value, c) => changeOf(value, tone[c]!));
  const out = new Float32Array(colour.length);
  for (let i = 0, texel = 0; i < out.length; texel++) {
    const share = mask[texel]!;
    for (let c = 0; c < 3; c++, i++) {
      const value = colour[i]!;
      const table = tables[c]!;
      const at = Math.min(1, Math.max(0, value)) * (ENTRIES - 1);
      const k = at | 0;
      const low = table[k]!;
      out[i] = value + share * (low + (at - k) * (table[k + 1]! - low));
    }
  }
  return { size, colour: out, confidence };
}

/** Change of a gamma-coded value by a step in density, for values from 0 to 1; the last entry is there twice. */
function changeOf(step: number, tone: number): Float32Array {
  const table = new Float32Array(ENTRIES + 1);
  if (step === 0) return table;
  const factor = Math.exp(-step);
  for (let k = 0; k < ENTRIES; k++) {
    const value = k / (ENTRIES - 1);
    const change = Math.min(1, linearToSrgb(srgbToLinear(value) * factor)) - value;
    table[k] = step < 0 ? change * smoothStep(HAIR.none * tone, HAIR.full * tone, value) : change;
  }
  table[ENTRIES] = table[ENTRIES - 1]!;
  return table;
}

function toneMask(regions: FaceRegions): Float32Array {
  const found = masks.get(regions);
  if (found) return found;
  const { lips, brows, lids } = regions;
  const mask = lips.map((lip, i) => {
    const skin = (1 - (1 - LIPS) * lip) * (1 - (1 - BROWS) * brows[i]!);
    // Within the eyes' openings a map shows what a photo has there: the whites.
    return skin * (1 - lids[i]!);
  });
  masks.set(regions, mask);
  return mask;
}
