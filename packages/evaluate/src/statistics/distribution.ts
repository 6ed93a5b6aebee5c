/** How many numbers lie where: what curves are drawn from. */
import { firstIndex } from "./first-index.js";

/** `count + 1` numbers from `from` to `to`, evenly spaced, both ends exact. */
export function evenSteps(from: number, to: number, count: number): number[] {
  return Array.from({ length: count + 1 }, (_, i) =>
    i === count ? to : from + ((to - from) * i) / count,
  );
}

/**
 * The share of the numbers that is at most each threshold: the cumulative error curve.
 *
 * @param thresholds ascending
 * @returns as many, [0, 1]; NaN without numbers
 */
export function cumulativeShares(
  values: ArrayLike<number>,
  thresholds: readonly number[],
): number[] {
  const counts = new Float64Array(thresholds.length + 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    counts[firstIndex(thresholds.length, (t) => thresholds[t]! >= value)]!++;
  }
  let sum = 0;
  return thresholds.map((_, t) => {
    sum += counts[t]!;
    return sum / values.length;
  });
}
