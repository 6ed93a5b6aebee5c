/**
 * How well similarities tell pairs of one person from pairs of two: the receiver operating characteristic. A pair is
 * accepted as one person's where its similarity is at least a threshold; -Infinity stands for a pair that could not be
 * compared, which no finite threshold accepts.
 */
import { firstIndex } from "../statistics/first-index.js";

/** Shares in [0, 1], from no pair accepted to all. */
export interface RocCurve {
  /** Of the pairs of two people, ascending. */
  readonly falseAccepts: readonly number[];
  /** Of the pairs of one person, ascending. */
  readonly trueAccepts: readonly number[];
}

/**
 * The area under the curve: how often a pair of one person is more alike than a pair of two, ties counting half (the
 * Mann-Whitney statistic; Hanley and McNeil 1982, "The meaning and use of the area under a ROC curve").
 *
 * @param same similarities of pairs of one person
 * @param different of pairs of two
 * @returns in [0, 1]; NaN where either is empty
 */
export function rocArea(same: ArrayLike<number>, different: ArrayLike<number>): number {
  const others = Float64Array.from(different).sort();
  let wins = 0;
  for (let i = 0; i < same.length; i++) {
    const below = countBelow(others, same[i]!);
    wins += below + (countAtMost(others, same[i]!) - below) / 2;
  }
  return wins / (same.length * others.length);
}

/** A point for each threshold that changes anything, highest first; the first accepts nothing, the last all. */
export function rocCurve(same: ArrayLike<number>, different: ArrayLike<number>): RocCurve {
  const [own, others] = [same, different].map((list) => Float64Array.from(list).sort().reverse());
  const falseAccepts = [0];
  const trueAccepts = [0];
  let [i, j] = [0, 0];
  while (i < own!.length || j < others!.length) {
    const threshold = Math.max(own![i] ?? -Infinity, others![j] ?? -Infinity);
    while (i < own!.length && own![i]! >= threshold) i++;
    while (j < others!.length && others![j]! >= threshold) j++;
    trueAccepts.push(i / own!.length);
    falseAccepts.push(j / others!.length);
  }
  return { falseAccepts, trueAccepts };
}

/** A curve to draw: its ends, and between them the points that lie at least `step` from the last kept one. */
export function thinnedCurve(
  { falseAccepts, trueAccepts }: RocCurve,
  step = 1 / 256,
): { readonly x: number[]; readonly y: number[] } {
  const x: number[] = [];
  const y: number[] = [];
  falseAccepts.forEach((value, i) => {
    const far = value - (x.at(-1) ?? -1) >= step || trueAccepts[i]! - (y.at(-1) ?? -1) >= step;
    if (!far && i < falseAccepts.length - 1) return;
    x.push(value);
    y.push(trueAccepts[i]!);
  });
  return { x, y };
}

export interface TrueAcceptRate {
  /** Share of the pairs of one person that are accepted, in [0, 1]. */
  readonly rate: number;
  /** Pairs more alike than this are accepted; -Infinity where all that could be compared are. */
  readonly above: number;
  /** Pairs of two people that are accepted; never more than was allowed. */
  readonly falseAccepts: number;
}

/**
 * The true-accept rate at a false-accept rate, with the threshold on the safe side: of `n` pairs of two people the
 * floor(rate n) most alike may be accepted, so pairs are accepted that are more alike than the next one. Pairs as
 * alike as that one are all refused, and nothing is interpolated: the false-accept rate is never above what was asked.
 *
 * @param falseAcceptRate in [0, 1]; below 1 / n no pair of two people is accepted
 * @returns rate NaN where there are no pairs of one person
 */
export function trueAcceptRate(
  same: ArrayLike<number>,
  different: ArrayLike<number>,
  falseAcceptRate: number,
): TrueAcceptRate {
  const others = Float64Array.from(different).sort();
  // Rounding must not take a pair away: 0.001 x 3000 is 3.
  const allowed = Math.floor(falseAcceptRate * others.length + 1e-9);
  const above = others[others.length - 1 - allowed] ?? -Infinity;
  let accepted = 0;
  for (let i = 0; i < same.length; i++) if (same[i]! > above) accepted++;
  const falseAccepts = others.length - countAtMost(others, above);
  return { rate: accepted / same.length, above, falseAccepts };
}

/** How many of ascending values are less. */
function countBelow(sorted: Float64Array, value: number): number {
  return firstIndex(sorted.length, (i) => sorted[i]! >= value);
}

function countAtMost(sorted: Float64Array, value: number): number {
  return firstIndex(sorted.length, (i) => sorted[i]! > value);
}
