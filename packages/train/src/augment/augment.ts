/**
 * The augmentation that training draws its real images from: a random person's map with parts of other faces
 * (regional-mix.ts), another's fine detail (band-swap.ts), more or less pigment (tone-shift.ts), or its mirror image, each
 * with a probability of its own. From a hundred people it makes as many faces as are ever asked for.
 */

import {
  faceRegions,
  GanfitError,
  luminance,
  type PartialTexture,
  randomUniform,
  shrunk,
  type UvFrame,
} from "@ganfit/core";
import { bandSwap } from "./band-swap.js";
import { type Density, dot } from "./density.js";
import { FACE_PARTS, type FacePart, faceWindows } from "./face-windows.js";
import { mirrorMap } from "./mirror.js";
import { type Face, regionalMix } from "./regional-mix.js";
import { bareSkin, FIELD_CELLS, skinField } from "./skin-field.js";
import {
  type SkinAxis,
  type SkinStatistics,
  skinScore,
  skinStatistics,
} from "./skin-statistics.js";
import { shiftTone } from "./tone-shift.js";

/** What is needed of a `TextureDataset`. */
export interface AugmentDataset {
  /** Texels along each side: 16 or a multiple of it. */
  readonly size: number;
  readonly maps: readonly AugmentMap[];
}

export interface AugmentMap {
  /** The same for all maps of one person. */
  readonly person: string;
  /** `size x size x 3`, gamma-coded, complete. */
  readonly colour: Float32Array;
  /** `size x size` in [0, 1] */
  readonly confidence: Float32Array;
}

export interface AugmentOptions {
  /** Probability that a map is mirrored; 0.5. */
  readonly mirror?: number;
  /** Probability that parts come from other people; 0.75. */
  readonly mix?: number;
  /** Then, of each part of the face; 0.5. */
  readonly part?: number;
  /** Probability that fine detail comes from another person; 0.3. */
  readonly swap?: number;
  /** Probability that the skin tone changes; 0.6. */
  readonly tone?: number;
  /**
   * Largest ratio between the brightness (gamma-coded) of two people's skin for one to give the other something; 1.3.
   * Between very dark and very light skin what is not skin (lips, shine, stubble) does not match.
   */
  readonly toneRatio?: number;
  /** Standard deviation of a change from light to dark, parts of that between people; 0.25. */
  readonly darkness?: number;
  /** Likewise of melanin and of haemoglobin, each; 0.25. */
  readonly pigment?: number;
}

export const AUGMENT_DEFAULTS: Required<AugmentOptions> = {
  mirror: 0.5,
  mix: 0.75,
  part: 0.5,
  swap: 0.3,
  tone: 0.6,
  toneRatio: 1.3,
  darkness: 0.25,
  pigment: 0.25,
};

export interface Augmenter {
  /** Texels along each side of what comes. */
  readonly size: number;
  /** Undefined where there are too few maps for any; then tones stay. */
  readonly statistics: SkinStatistics | undefined;
  /** Another map for every seed, the same for the same seed. Its arrays are the caller's own. */
  next(seed: number): PartialTexture;
}

/** Skin is measured at this size at most: finer texels tell no more of it. */
const STATISTICS_SIZE = 128;

/** Changes of tone go no further than this many of their standard deviations. */
const FARTHEST = 2;

/** Nor do they bring a tint farther from the mean than this many of the people's: beyond, skin looks olive or purple. */
const TINT = 1.25;

/** Parts that come from donors: what lies outside of the face is the receiver's. */
const DONATED = FACE_PARTS.filter((part) => part !== "rest");

/**
 * Works at the dataset's size; for lower ones give it {@link shrinkMaps}.
 *
 * @param frame the layout of the maps
 * @throws GanfitError `usage` for a dataset without maps, of a size that is no multiple of 16, or for options that make
 *   no sense
 */
export function createAugmenter(
  dataset: AugmentDataset,
  frame: UvFrame,
  options: AugmentOptions = {},
): Augmenter {
  const settings = { ...AUGMENT_DEFAULTS, ...options };
  const { mirror, mix, part, swap, tone, toneRatio, darkness, pigment } = settings;
  const { size, maps } = dataset;
  if (maps.length === 0 || size % FIELD_CELLS !== 0 || size < FIELD_CELLS) {
    throw new GanfitError("usage", `${maps.length} maps of ${size} texels cannot be augmented.`);
  }
  const sensible =
    [mirror, mix, part, swap, tone].every((value) => value >= 0 && value <= 1) &&
    toneRatio >= 1 &&
    darkness >= 0 &&
    pigment >= 0;
  if (!sensible) {
    throw new GanfitError("usage", `Augmentation is impossible with ${JSON.stringify(settings)}.`);
  }
  const regions = faceRegions(frame, size);
  const windows = faceWindows(frame, size);
  const { statistics, brightness } = measureSkin(dataset, frame);
  const faces: Face[] = [];
  const faceOf = (index: number): Face => {
    const { colour, confidence } = maps[index]!;
    const map = { size, colour, confidence };
    faces[index] ??= { map, skin: skinField(map, regions) };
    return faces[index];
  };
  const people = [...new Set(maps.map(({ person }) => person))].map((person) =>
    maps.flatMap((map, i) => (map.person === person ? [i] : [])),
  );
  // Of every map, the people whose skin is like enough, without its own.
  const alike = maps.map((_, i) =>
    people.filter(
      (photos) =>
        !photos.includes(i) &&
        Math.abs(Math.log(brightness[photos[0]!]! / brightness[i]!)) <= Math.log(toneRatio),
    ),
  );

  const next = (seed: number): PartialTexture => {
    const random = randomUniform(seed);
    const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
    const receiver = one(one(people));
    const donors = alike[receiver]!;
    const { map, skin } = faceOf(receiver);
    let result: PartialTexture = map;
    if (random() < mix && donors.length > 0) {
      const chosen: Partial<Record<FacePart, Face>> = {};
      for (const name of DONATED) {
        if (random() < part) chosen[name] = faceOf(one(one(donors)));
      }
      result = regionalMix({ map: result, skin }, chosen, windows);
    }
    if (random() < swap && donors.length > 0) {
      result = bandSwap({ map: result, skin }, faceOf(one(one(donors))), regions);
    }
    if (random() < tone && statistics) {
      const step = toneStep(skin.tone, statistics, { darkness, pigment }, random);
      result = shiftTone(result, skin.tone, step, regions);
    }
    if (random() < mirror) return mirrorMap(result);
    return { size, colour: result.colour.slice(), confidence: result.confidence.slice() };
  };
  return { size, statistics, next };
}

/**
 * The same maps with fewer texels, means over blocks as a generator's smaller images are.
 *
 * @throws GanfitError `usage` where the size is no part of the dataset's
 */
export function shrinkMaps(dataset: AugmentDataset, size: number): AugmentDataset {
  const factor = dataset.size / size;
  if (!Number.isInteger(factor) || factor < 1) {
    throw new GanfitError("usage", `Maps of ${dataset.size} texels cannot be shrunk to ${size}.`);
  }
  if (factor === 1) return dataset;
  const maps = dataset.maps.map(({ person, colour, confidence }) => ({
    person,
    colour: shrunk(colour, dataset.size, 3, factor),
    confidence: shrunk(confidence, dataset.size, 1, factor),
  }));
  return { size, maps };
}

function measureSkin(dataset: AugmentDataset, frame: UvFrame) {
  const even = dataset.size % STATISTICS_SIZE === 0;
  const { size, maps } = even ? shrinkMaps(dataset, STATISTICS_SIZE) : dataset;
  const regions = faceRegions(frame, size);
  const small = maps.map(({ colour, confidence }) => ({ size, colour, confidence }));
  const brightness = small.map((map) => luminance(...bareSkin(map, regions).tone));
  // Fewer have no three directions.
  const statistics = small.length < 4 ? undefined : skinStatistics(small, regions);
  return { statistics, brightness };
}

/** A random step in density that leaves the tone among those of the people, along every principal component. */
function toneStep(
  tone: readonly [number, number, number],
  statistics: SkinStatistics,
  { darkness, pigment }: Required<Pick<AugmentOptions, "darkness" | "pigment">>,
  random: () => number,
): Density {
  const { components, melanin, haemoglobin } = statistics;
  const wish: [number, number, number] = [0, 0, 0];
  const along = ({ spread, direction }: SkinAxis, strength: number) => {
    const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const amount = strength * spread * Math.max(-FARTHEST, Math.min(FARTHEST, gauss));
    for (let c = 0; c < 3; c++) wish[c]! += amount * direction[c]!;
  };
  along(components[0]!, darkness);
  along(melanin, pigment);
  along(haemoglobin, pigment);
  const step: [number, number, number] = [0, 0, 0];
  components.forEach((axis, k) => {
    const { direction, spread, range } = axis;
    // From light to dark all of the range is people's; across it the ends are photographs with a cast.
    const limit = k === 0 ? Number.POSITIVE_INFINITY : TINT * spread;
    const score = skinScore(tone, statistics, axis);
    const least = Math.min(score, Math.max(range[0], -limit));
    const largest = Math.max(score, Math.min(range[1], limit));
    const moved = Math.min(largest, Math.max(least, score + dot(wish, direction)));
    for (let c = 0; c < 3; c++) step[c]! += (moved - score) * direction[c]!;
  });
  return step;
}
