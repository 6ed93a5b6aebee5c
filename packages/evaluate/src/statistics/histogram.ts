/** How often values lie where. */
import { evenSteps } from "./distribution.js";

export interface Histogram {
  /** `bins + 1`, evenly spaced, ascending. */
  readonly edges: readonly number[];
  /** `bins`: share of the values in each, in [0, 1]. A value on an edge belongs to the bin above it, the last edge below. */
  readonly shares: readonly number[];
}

/**
 * @param values those that are not finite are left out; those beyond the ends count in the last bins
 * @returns shares all 0 where there are no values
 */
export function histogram(
  values: ArrayLike<number>,
  { from, to, bins }: { readonly from: number; readonly to: number; readonly bins: number },
): Histogram {
  const counts = new Array<number>(bins).fill(0);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) continue;
    const bin = Math.floor(((values[i]! - from) / (to - from)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
    total++;
  }
  return {
    edges: evenSteps(from, to, bins),
    shares: counts.map((count) => (total > 0 ? count / total : 0)),
  };
}
