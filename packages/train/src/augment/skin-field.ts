/**
 * The colour of a person's bare skin as a smooth field over the map, what stands in for the low frequencies when
 * people are mixed. It is measured on skin alone and continued under everything else: were brows, lips or a beard in
 * it, exchanging the field would leave their blurred images on the other face.
 */

import { type FaceRegions, GanfitError, luminance, type PartialTexture } from "@ganfit/core";

/** Cells along each side of a field. */
export const FIELD_CELLS = 16;

export interface SkinField {
  /** `16 x 16 x 3`: logarithm of the gamma-coded colour, for `splineAxis`. */
  readonly log: Float32Array;
  /** Medians of the gamma-coded channels over the bare skin. */
  readonly tone: readonly [r: number, g: number, b: number];
}

/** Skin counts while its luminance (of the coded channels) is within these parts of the median's. */
const DARK = { none: 0.62, full: 0.8 } as const;
const SHINE = { full: 1.25, none: 1.5 } as const;

/** Reach of a cell's neighbours, cells: near, and far for where there is no skin near. */
const REACH = [
  { sigma: 1, share: 1 },
  { sigma: 4, share: 0.02 },
] as const;

/** Skin that every cell has of the person's mean, texels of 1/512 of the side. */
const EVERYWHERE = 0.5;

/**
 * @param map complete, of a multiple of 16 texels
 * @param regions of the map's size
 * @throws GanfitError `usage` where the sizes do not fit
 */
export function skinField(map: PartialTexture, regions: FaceRegions): SkinField {
  const { size, colour } = map;
  if (size % FIELD_CELLS !== 0 || regions.size !== size) {
    throw new GanfitError(
      "usage",
      `The skin of a map of ${size} texels cannot be measured: it takes a multiple of ${FIELD_CELLS} and regions of the same size, not ${regions.size}.`,
    );
  }
  const { weights, tone } = bareSkin(map, regions);
  const cell = size / FIELD_CELLS;
  const sums = new Float64Array(4 * FIELD_CELLS ** 2);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    const row = Math.floor(i / size);
    const to = 4 * (Math.floor(row / cell) * FIELD_CELLS + Math.floor((i - row * size) / cell));
    sums[to + 3]! += weight;
    for (let c = 0; c < 3; c++)
      sums[to + c]! += weight * Math.log(Math.max(colour[3 * i + c]!, 0.02));
  }
  return { log: spread(sums, EVERYWHERE * (size / 512) ** 2, tone), tone };
}

/** Weighted means over the neighbouring cells, and over ever more of them where those hold no skin. */
function spread(sums: Float64Array, everywhere: number, tone: SkinField["tone"]): Float32Array {
  const kernel = neighbourhood();
  const cells = FIELD_CELLS ** 2;
  const log = new Float32Array(3 * cells);
  for (let a = 0; a < cells; a++) {
    const total = [0, 1, 2, 3].map((c) => everywhere * (c < 3 ? Math.log(tone[c]!) : 1));
    for (let b = 0; b < cells; b++) {
      const near = kernel[a * cells + b]!;
      if (sums[4 * b + 3] === 0) continue;
      for (let c = 0; c < 4; c++) total[c]! += near * sums[4 * b + c]!;
    }
    for (let c = 0; c < 3; c++) log[3 * a + c] = total[c]! / total[3]!;
  }
  return log;
}

let kernelOfCells: Float32Array | undefined;

/** `cells x cells`: how much each counts for each. */
function neighbourhood(): Float32Array {
  kernelOfCells ??= Float32Array.from({ length: FIELD_CELLS ** 4 }, (_, i) => {
    const [a, b] = [Math.floor(i / FIELD_CELLS ** 2), i % FIELD_CELLS ** 2];
    const x = (a % FIELD_CELLS) - (b % FIELD_CELLS);
    const y = Math.floor(a / FIELD_CELLS) - Math.floor(b / FIELD_CELLS);
    return REACH.reduce(
      (sum, { sigma, share }) => sum + share * Math.exp(-(x * x + y * y) / (2 * sigma * sigma)),
      0,
    );
  });
  return kernelOfCells;
}

export interface BareSkin {
  /** `size x size` in [0, 1]: skin that is seen and neither hair nor shade nor shine. */
  readonly weights: Float32Array;
  /** Medians of the channels. */
  readonly tone: readonly [r: number, g: number, b: number];
}

/**
 * Where a map shows bare skin. Without any (nothing is seen) all of the face's skin counts.
 *
 * @param regions of the map's size
 */
export function bareSkin(map: PartialTexture, regions: FaceRegions): BareSkin {
  const { colour, confidence } = map;
  const { skin } = regions;
  const seen = skin.map((value, i) => value * confidence[i]!);
  const base = seen.some((value) => value > 0.5) ? seen : skin;
  const chosen: number[] = [];
  for (let i = 0; i < base.length; i++) if (base[i]! > 0.5) chosen.push(i);
  const coded = (i: number) => luminance(colour[3 * i]!, colour[3 * i + 1]!, colour[3 * i + 2]!);
  const middle = Math.max(median(chosen.map(coded)), 1 / 255);
  const weights = base.map((value, i) => (value > 0 ? value * likeSkin(coded(i) / middle) : 0));
  const bare = chosen.filter((i) => weights[i]! > 0.25);
  const channel = (c: number) =>
    Math.max(median((bare.length > 0 ? bare : chosen).map((i) => colour[3 * i + c]!)), 1 / 255);
  return { weights, tone: [channel(0), channel(1), channel(2)] };
}

/** Straight ramps, as this runs for every texel. */
function likeSkin(brightness: number): number {
  const dark = (brightness - DARK.none) / (DARK.full - DARK.none);
  const shine = (SHINE.none - brightness) / (SHINE.none - SHINE.full);
  return Math.max(0, Math.min(1, dark, shine));
}

function median(values: readonly number[]): number {
  const sorted = Float32Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0.5;
}
