/** Verification accuracy by cross-validation, as Labeled Faces in the Wild reports it. */
import { mean, sampleDeviation } from "../statistics/statistics.js";

export interface ScoredPair {
  /** Which part of the pairs it belongs to. */
  readonly fold: number;
  /** Whether both pictures show one person. */
  readonly same: boolean;
  /** -Infinity where the pair could not be compared: it is held to be of two people. */
  readonly similarity: number;
}

export interface FoldAccuracy {
  /** Mean over the folds, in [0, 1]. */
  readonly accuracy: number;
  /** Of that mean: sample standard deviation over the folds by the root of their number. */
  readonly standardError: number;
  /** Ascending. */
  readonly folds: readonly {
    readonly fold: number;
    /** Pairs at least so alike are accepted. */
    readonly threshold: number;
    readonly accuracy: number;
  }[];
}

/**
 * For each fold the threshold that is best on all others, and its accuracy on the fold (Huang, Ramesh, Berg,
 * Learned-Miller 2007, "Labeled Faces in the Wild: a database for studying face recognition in unconstrained
 * environments", section III: mean and standard error of the mean over ten folds).
 *
 * @returns null where there are fewer than two folds
 */
export function foldAccuracy(pairs: readonly ScoredPair[]): FoldAccuracy | null {
  const numbers = [...new Set(pairs.map(({ fold }) => fold))].sort((a, b) => a - b);
  if (numbers.length < 2) return null;
  const folds = numbers.map((fold) => {
    const threshold = bestThreshold(pairs.filter((pair) => pair.fold !== fold));
    const own = pairs.filter((pair) => pair.fold === fold);
    return { fold, threshold, accuracy: accuracyAt(own, threshold) };
  });
  const accuracies = folds.map(({ accuracy }) => accuracy);
  return {
    accuracy: mean(accuracies),
    standardError: sampleDeviation(accuracies) / Math.sqrt(folds.length),
    folds,
  };
}

/** Share of the pairs that are told right when those at least so alike are accepted. */
export function accuracyAt(pairs: readonly Omit<ScoredPair, "fold">[], threshold: number): number {
  const right = pairs.filter(({ same, similarity }) => same === similarity >= threshold).length;
  return right / pairs.length;
}

/**
 * The threshold that tells most pairs right: half way between two neighbouring similarities, the lowest of all, or
 * Infinity, which accepts nothing. Of several that are equally good the lowest.
 */
export function bestThreshold(pairs: readonly Omit<ScoredPair, "fold">[]): number {
  const sorted = pairs
    .filter(({ similarity }) => similarity > -Infinity)
    .sort((a, b) => a.similarity - b.similarity);
  // Right so far, up to what is the same for all thresholds: all accepted.
  let right = sorted.filter(({ same }) => same).length;
  let best = { threshold: sorted[0]?.similarity ?? Infinity, right };
  sorted.forEach(({ same, similarity }, i) => {
    right += same ? -1 : 1;
    const next = sorted[i + 1]?.similarity ?? Infinity;
    if (next === similarity || right <= best.right) return;
    best = { threshold: between(similarity, next), right };
  });
  return best.threshold;
}

/** Half way, but above the lower one also where rounding would end on it. */
function between(low: number, high: number): number {
  const middle = (low + high) / 2;
  return middle > low ? middle : high;
}
