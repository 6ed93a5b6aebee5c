/** Whom a picture is taken for among people of whom there are photos. */
import { similarityOf } from "@ganfit/core";
import { mean, populationDeviation } from "../statistics/statistics.js";
import { rocArea } from "./roc.js";

/** A photo that is known. */
export interface GalleryEntry {
  readonly person: string;
  /** Unique in the gallery. */
  readonly photo: string;
  /** A recognition network's, of length 1. */
  readonly features: Float32Array;
}

/** One picture against a gallery. */
export interface Comparison {
  readonly person: string;
  /** Cosines with the same person's other photos, at least one. */
  readonly genuine: readonly number[];
  /** The greatest cosine with a photo of somebody else. */
  readonly nearest: number;
  readonly nearestPerson: string;
  /** Cosines with all photos of other people, at least one. */
  readonly impostors: readonly number[];
}

/** A picture whose person is looked for. */
export interface Probe {
  readonly person: string;
  /** The photo that it is, or was made of: left out of the gallery. */
  readonly photo: string;
  readonly features: Float32Array;
}

/**
 * @returns null where the gallery has no other photo of the person, or none of anybody else
 */
export function compareWithGallery(
  { person, photo, features }: Probe,
  gallery: readonly GalleryEntry[],
): Comparison | null {
  const cosines = gallery
    .filter((entry) => entry.photo !== photo)
    .map((entry) => ({
      person: entry.person,
      cosine: similarityOf(features, entry.features),
    }));
  const genuine = cosines.filter((each) => each.person === person);
  const others = cosines.filter((each) => each.person !== person);
  if (genuine.length === 0 || others.length === 0) return null;
  const nearest = others.reduce((a, b) => (b.cosine > a.cosine ? b : a));
  return {
    person,
    genuine: genuine.map(({ cosine }) => cosine),
    nearest: nearest.cosine,
    nearestPerson: nearest.person,
    impostors: others.map(({ cosine }) => cosine),
  };
}

/** Whether the most alike photo of all is the same person's. */
export function isRecognised({ genuine, nearest }: Comparison): boolean {
  return Math.max(...genuine) > nearest;
}

/** Of a list of cosines; NaN and infinities of none. */
export interface Spread {
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    mean: mean(values),
    deviation: populationDeviation(values),
    least: values.reduce((a, b) => Math.min(a, b), Infinity),
    most: values.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

export interface Separation {
  readonly probes: number;
  /** Share of the probes that are recognised. */
  readonly rank1: number;
  /** Area under the curve of all cosines together. */
  readonly auc: number;
  readonly genuine: Spread;
  readonly impostor: Spread;
}

/**
 * Rank-1 rate, area under the ROC curve, and both distributions.
 *
 * @param failed how many probes more could not be compared: they count as not recognised
 */
export function describeSeparation(comparisons: readonly Comparison[], failed = 0): Separation {
  const genuine = comparisons.flatMap((comparison) => comparison.genuine);
  const impostors = comparisons.flatMap((comparison) => comparison.impostors);
  return {
    probes: comparisons.length + failed,
    rank1: comparisons.filter(isRecognised).length / (comparisons.length + failed),
    auc: rocArea(genuine, impostors),
    genuine: spreadOf(genuine),
    impostor: spreadOf(impostors),
  };
}
