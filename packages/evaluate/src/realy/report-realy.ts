/** REALY's tables, from kept scores. */
import {
  bySystem,
  figureOf,
  type SystemColumn,
  subjectRows,
  systemTable,
} from "../report/compare.js";
import type { BenchmarkReport, Chart } from "../report/report.js";
import type { KeptScore, Problem } from "../score.js";
import { cumulativeShares, evenSteps } from "../statistics/distribution.js";
import { mean, median, sampleDeviation } from "../statistics/statistics.js";
import type { RealyView } from "./prediction-names.js";
import { PUBLISHED_FRONTAL } from "./published-realy.js";
import { REALY_REGIONS } from "./realy-regions.js";

export interface RealyReportOptions {
  readonly view: RealyView;
}

/** @param scores systems in the order in which they are to appear */
export function reportRealy(
  scores: readonly KeptScore[],
  problems: readonly Problem[],
  { view }: RealyReportOptions,
): BenchmarkReport {
  const tables = [
    systemTable(scores, {
      title: "Mean error, mm",
      columns: [
        ...regionColumns(mean),
        { name: "all", digits: 3, figure: meanOfMeans },
        { name: "subjects", digits: 0, better: "neither", figure: (own) => own.length },
      ],
      note: "all: the mean of the four means.",
    }),
    systemTable(scores, { title: "Median error, mm", columns: regionColumns(median) }),
    systemTable(scores, {
      title: "Standard deviation of the error, mm",
      columns: regionColumns(sampleDeviation),
    }),
  ];
  return {
    title: `REALY, ${view} view`,
    protocol: PROTOCOL,
    tables: view === "frontal" ? [...tables, PUBLISHED_FRONTAL] : tables,
    charts: scores.length > 0 ? [cumulative(scores)] : [],
    subjects: subjectRows(scores, "all"),
    problems,
  };
}

const PROTOCOL: readonly string[] = [
  "REALY (Chai et al., ECCV 2022), computed as its public evaluation code does (czh-98/REALY), in double precision.",
  "Each prediction is aligned by one similarity on seven keypoints, then rigidly to each of four regions of the " +
    "scan (iterated closest points and the region's keypoints).",
  "Each region of the scan is deformed onto the prediction (non-rigid ICP); its error is the mean distance " +
    "between a scan vertex and the prediction's surface point that its deformed place is closest to.",
  "Millimetres, by the scale that the benchmark gives for each subject; standard deviations are of the sample (n - 1).",
];

function regionColumns(statistic: (values: Float64Array) => number): SystemColumn[] {
  return REALY_REGIONS.map((region) => ({
    name: region,
    digits: 3,
    figure: (own) => statistic(figureOf(own, region)),
  }));
}

function meanOfMeans(own: readonly KeptScore[]): number {
  return mean(REALY_REGIONS.map((region) => mean(figureOf(own, region))));
}

/** Steps of the chart's curve. */
const STEPS = 100;

/** Which share of the subjects is below an error. */
function cumulative(scores: readonly KeptScore[]): Chart {
  const most = Math.max(...figureOf(scores, "all"));
  const x = evenSteps(0, most, STEPS);
  return {
    name: "realy-cumulative",
    title: "Subjects whose error, averaged over the four regions, is at most x",
    x: "error, mm",
    y: "share of subjects",
    kind: "line",
    series: [...bySystem(scores)].map(([name, own]) => ({
      name,
      x,
      y: cumulativeShares(figureOf(own, "all"), x),
    })),
  };
}
