/** Statistics of a list of numbers, defined as numpy defines them. Of no numbers, all are NaN. */

/** Sum over count. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The middle one; of an even count, the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  return percentile(values, 50);
}

/** Root of the mean squared distance from the mean (numpy's `std`, ddof 0). */
export function populationDeviation(values: ArrayLike<number>): number {
  return Math.sqrt(squaredDistances(values) / values.length);
}

/** The same with n - 1 in place of n (ddof 1); NaN of a single number. */
export function sampleDeviation(values: ArrayLike<number>): number {
  return Math.sqrt(squaredDistances(values) / Math.max(values.length - 1, 0));
}

/**
 * The value below which `percent` per cent of the numbers lie, between neighbours on a straight line:
 * numpy's `percentile` with its default method `linear`, number 7 of Hyndman and Fan 1996, "Sample
 * quantiles in statistical packages". NaN if one of the numbers is.
 *
 * @param percent 0 to 100
 */
export function percentile(values: ArrayLike<number>, percent: number): number {
  return percentiles(values, [percent])[0]!;
}

/**
 * Several percentiles for the price of one: sorting is what takes time.
 *
 * @param percents 0 to 100 each
 */
export function percentiles(values: ArrayLike<number>, percents: readonly number[]): number[] {
  const sorted = sortedCopy(values);
  const last = sorted.length - 1;
  return percents.map((percent) => {
    // Sorting puts NaN at the end.
    if (last < 0 || Number.isNaN(sorted[last]!)) return Number.NaN;
    const place = (percent / 100) * last;
    const below = Math.min(Math.max(Math.floor(place), 0), last);
    const low = sorted[below]!;
    const high = sorted[Math.min(below + 1, last)]!;
    const share = place - below;
    // Two forms of the same line, as numpy has it, so that both ends come out exact.
    return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share);
  });
}

function squaredDistances(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return sum;
}

/** Pooled errors are hundreds of megabytes of float32, which the copy must not double. */
function sortedCopy(values: ArrayLike<number>): Float32Array | Float64Array {
  const copy = values instanceof Float32Array ? values.slice() : Float64Array.from(values);
  return copy.sort();
}
