/** The NoW benchmark's tables and its curve. */
import { figureOf, pooledOf, subjectRows } from "../report/compare.js";
import type { BenchmarkReport, Chart, Column, Table } from "../report/report.js";
import type { KeptScore, Problem } from "../score.js";
import { cumulativeShares, evenSteps } from "../statistics/distribution.js";
import { mean, median, populationDeviation } from "../statistics/statistics.js";
import { NOW_CHALLENGES } from "./image-list.js";
import type { MetricalUnit } from "./now-settings.js";
import { PUBLISHED_NOW } from "./published-now.js";

export interface NowReportOptions {
  /** Whose photos were scored, such as `validation`, or the name of another list. */
  readonly set: string;
  /** Of the metrical variant. */
  readonly unit?: MetricalUnit;
}

/** @param scores subjects are `subject/challenge/photo` */
export function reportNow(
  scores: readonly KeptScore[],
  problems: readonly Problem[],
  { set, unit }: NowReportOptions,
): BenchmarkReport {
  const systems = [...new Set([...scores, ...problems].map(({ system }) => system))];
  const challenges = NOW_CHALLENGES.filter((known) =>
    [...scores, ...problems].some((each) => challengeOf(each) === known),
  );
  const parts = challenges.map((challenge) => {
    const here = (each: { subject: string }) => challengeOf(each) === challenge;
    return table(challenge, systems, scores.filter(here), problems.filter(here));
  });
  const tables = [
    table(`${unit ? "Metrical" : "Non-metrical"}, all photos`, systems, scores, problems),
    ...(parts.length > 1 ? parts : []),
    ...(unit ? [] : [published(set)]),
  ];
  const title = unit ? "NoW, metrical" : "NoW";
  return {
    title,
    protocol: [...protocolOf(set, unit), ...reflections(systems, scores)],
    tables,
    charts: [curve(systems, scores)],
    subjects: subjectRows(scores, "median"),
    problems,
  };
}

function challengeOf({ subject }: { readonly subject: string }): string | undefined {
  return subject.split("/")[1];
}

const COLUMNS: readonly Column[] = [
  { name: "system", better: "neither" },
  { name: "median (mm)", digits: 3 },
  { name: "mean (mm)", digits: 3 },
  { name: "standard deviation (mm)", digits: 3 },
];

function table(
  title: string,
  systems: readonly string[],
  scores: readonly KeptScore[],
  problems: readonly Problem[],
): Table {
  const rows = systems.map((system) => {
    const own = scores.filter((score) => score.system === system);
    const missing = problems.filter((problem) => problem.system === system).length;
    const pooled = pooledOf(own);
    const figures =
      pooled.length > 0
        ? [median(pooled), mean(pooled), populationDeviation(pooled)]
        : [null, null, null];
    return [system, ...figures, own.length, missing];
  });
  const counts: Column[] = ["photos", "missing"].map((name) => ({
    name,
    digits: 0,
    better: "neither",
  }));
  const incomplete = rows.some((row) => row.at(-1) !== 0);
  return {
    title,
    columns: [...COLUMNS, ...counts],
    rows,
    ...(incomplete
      ? {
          note: "Missing photos count in no figure: systems that miss some compare with no others.",
        }
      : {}),
  };
}

function published(set: string): Table {
  const others =
    set === "test" ? "" : " Those photos are not the ones scored here, so compare with care.";
  return {
    title: "Published, non-metrical",
    published: true,
    columns: COLUMNS.map((column) => (column.digits ? { ...column, digits: 2 } : column)),
    rows: PUBLISHED_NOW.map((row) => [row.system, row.median, row.mean, row.standardDeviation]),
    note: `On the test set's photos, from the README of sicxu/Deep3DFaceRecon_pytorch and Zielonka et al. 2022 (MICA).${others}`,
  };
}

function curve(systems: readonly string[], scores: readonly KeptScore[]): Chart {
  const x = evenSteps(0, 7, 140);
  return {
    name: "now-cumulative",
    title: "Cumulative error",
    x: "error (mm)",
    y: "points (%)",
    kind: "line",
    series: systems.flatMap((name) => {
      const pooled = pooledOf(scores.filter(({ system }) => system === name));
      if (pooled.length === 0) return [];
      return [{ name, x, y: cumulativeShares(pooled, x).map((share) => 100 * share) }];
    }),
  };
}

function protocolOf(set: string, unit: MetricalUnit | undefined): string[] {
  return [
    `NoW benchmark (Sanyal et al. 2019) on the photos of the list "${set}", as the public now_evaluation computes it.`,
    unit
      ? `Metrical variant: reconstructions are taken to be in ${unit} and are not scaled.`
      : "Non-metrical variant: the scale of a reconstruction is free.",
    "The scan is cropped to a ball about the face; the reconstruction is posed by Procrustes analysis of seven landmarks and refined to the minimum of the summed squared distances of the scan's vertices to its surface.",
    "Unsigned distances of all vertices of the cropped scans are pooled over photos; median, mean and population standard deviation, in millimetres.",
    "now_evaluation's minimiser stops a little earlier, where a step gains less than a ten-thousandth: on known heads that changed no photo's median by more than 0.003 mm and no mean by more than 0.0004 mm.",
  ];
}

function reflections(systems: readonly string[], scores: readonly KeptScore[]): string[] {
  return systems.flatMap((system) => {
    const own = scores.filter((score) => score.system === system);
    const count = figureOf(own, "reflected").filter((value) => value > 0).length;
    if (count === 0) return [];
    return [
      `${system}: ${count} of ${own.length} reconstructions were mirrored, because their landmarks fit so; the landmarks may be in the wrong order.`,
    ];
  });
}
