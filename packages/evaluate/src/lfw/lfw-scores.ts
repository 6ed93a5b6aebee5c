/** Similarities of pairs, and the figures of verification. */
import { similarityOf } from "@ganfit/core";
import { bestThreshold, type FoldAccuracy, foldAccuracy } from "../identity/fold-accuracy.js";
import { rocArea, trueAcceptRate } from "../identity/roc.js";
import { mean } from "../statistics/statistics.js";
import type { LfwFeatures, LfwPicture } from "./lfw-features.js";
import { type LfwPair, photoName } from "./pairs.js";

/** At which the true-accept rate is told. */
export const FALSE_ACCEPT_RATE = 1e-3;

/** One pair's similarities by one comparison. */
export interface PairScore {
  readonly pair: LfwPair;
  /**
   * Of photos one cosine. Of heads two, which count as two comparisons: the first photo's head with the second photo, and
   * the second's with the first. -Infinity where a picture shows no face that could be judged: the pair is refused.
   */
  readonly similarities: readonly number[];
}

/**
 * @param picture what is compared with the other photo
 * @param features by the photo's name; of all that occur in the pairs
 */
export function scorePairs(
  picture: LfwPicture,
  pairs: readonly LfwPair[],
  features: ReadonlyMap<string, LfwFeatures>,
): PairScore[] {
  const cosine = (a: Float32Array | null, b: Float32Array | null) =>
    a && b ? similarityOf(a, b) : -Infinity;
  return pairs.map((pair) => {
    const first = features.get(photoName(pair.first))!;
    const second = features.get(photoName(pair.second))!;
    const similarities = [cosine(first[picture], second.photo)];
    if (picture !== "photo") similarities.push(cosine(second[picture], first.photo));
    return { pair, similarities };
  });
}

export interface Verification {
  /** Similarities of the pairs of one person, and of two. */
  readonly same: readonly number[];
  readonly different: readonly number[];
  /** Comparisons without a face to be judged. */
  readonly refused: { readonly same: number; readonly different: number };
  readonly auc: number;
  readonly trueAccept: ReturnType<typeof trueAcceptRate>;
  /** Null where there is but one fold. */
  readonly accuracy: FoldAccuracy | null;
  /** By fold: the threshold that is best on all others, or with one fold that on itself. */
  readonly thresholds: ReadonlyMap<number, number>;
}

export function verify(scores: readonly PairScore[]): Verification {
  const scored = scores.flatMap(({ pair: { fold, same }, similarities }) =>
    similarities.map((similarity) => ({ fold, same, similarity })),
  );
  const of = (wanted: boolean) =>
    scored.filter(({ same }) => same === wanted).map(({ similarity }) => similarity);
  const [same, different] = [of(true), of(false)];
  const accuracy = foldAccuracy(scored);
  const thresholds = accuracy
    ? accuracy.folds.map(({ fold, threshold }) => [fold, threshold] as const)
    : [...new Set(scored.map(({ fold }) => fold))].map(
        (fold) => [fold, bestThreshold(scored)] as const,
      );
  return {
    same,
    different,
    refused: { same: refusedOf(same), different: refusedOf(different) },
    auc: rocArea(same, different),
    trueAccept: trueAcceptRate(same, different, FALSE_ACCEPT_RATE),
    accuracy,
    thresholds: new Map(thresholds),
  };
}

/** Mean of what could be compared; NaN of nothing. */
export function meanCosine(similarities: readonly number[]): number {
  return mean(similarities.filter(Number.isFinite));
}

/**
 * How far a pair lies on the wrong side of the threshold, by the worse of its comparisons: positive where it is told
 * wrong. Pairs that were refused count as unlike as can be.
 */
export function wrongBy({ pair: { same }, similarities }: PairScore, threshold: number): number {
  // Infinity accepts nothing, as anything above 1 does.
  const line = Math.min(threshold, 1);
  const errors = similarities.map((similarity) => {
    const cosine = Math.max(-1, similarity);
    return same ? line - cosine : cosine - line;
  });
  return Math.max(...errors);
}

function refusedOf(similarities: readonly number[]): number {
  return similarities.filter((similarity) => similarity === -Infinity).length;
}
