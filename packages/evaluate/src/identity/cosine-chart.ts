import type { Chart } from "../report/report.js";
import { histogram } from "../statistics/histogram.js";

/**
 * How the cosines of pairs of one person and of pairs of two lie.
 *
 * @param name of the chart's file
 */
export function cosineChart(
  { name, title }: Pick<Chart, "name" | "title">,
  same: readonly number[],
  different: readonly number[],
): Chart {
  const series = (who: string, cosines: readonly number[]) => {
    const { edges, shares } = histogram(cosines, { from: -1, to: 1, bins: 80 });
    return { name: who, x: edges, y: shares };
  };
  return {
    name,
    title,
    x: "cosine",
    y: "share",
    kind: "histogram",
    series: [series("same person", same), series("different people", different)],
  };
}
