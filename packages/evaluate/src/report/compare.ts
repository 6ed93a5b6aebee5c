/** Side by side: what the systems reached, and every subject's figures. */
import type { KeptScore } from "../score.js";
import type { Column, SubjectRow, Table } from "./report.js";
import { figureCell } from "./table-cells.js";

/** A column of a table of systems, and how its figure comes from a system's scores. */
export interface SystemColumn extends Column {
  /** @param scores of one system, one at least @returns NaN or null where there is no figure */
  readonly figure: (scores: readonly KeptScore[]) => number | string | null;
}

export interface SystemTableOptions {
  readonly title: string;
  /** After the first, which is the system's name. */
  readonly columns: readonly SystemColumn[];
  readonly note?: string;
}

/** Scores by system; systems in the order in which they first come. */
export function bySystem(scores: readonly KeptScore[]): Map<string, KeptScore[]> {
  const groups = new Map<string, KeptScore[]>();
  for (const score of scores) {
    const group = groups.get(score.system);
    if (group) group.push(score);
    else groups.set(score.system, [score]);
  }
  return groups;
}

/** The figure of all scores that have it, in their order. */
export function figureOf(scores: readonly KeptScore[], name: string): Float64Array {
  return Float64Array.from(
    scores
      .map((score) => score.figures[name] ?? Number.NaN)
      .filter((value) => !Number.isNaN(value)),
  );
}

/** The pooled numbers of all scores, one after the other. */
export function pooledOf(scores: readonly KeptScore[]): Float32Array {
  const all = new Float32Array(scores.reduce((sum, { pooled }) => sum + pooled.length, 0));
  let start = 0;
  for (const { pooled } of scores) {
    all.set(pooled, start);
    start += pooled.length;
  }
  return all;
}

/** A row for each system. */
export function systemTable(
  scores: readonly KeptScore[],
  { title, columns, note }: SystemTableOptions,
): Table {
  return {
    title,
    columns: [
      { name: "system", better: "neither" },
      ...columns.map(({ figure: _, ...column }) => column),
    ],
    rows: [...bySystem(scores)].map(([system, own]) => [
      system,
      ...columns.map(({ figure }) => {
        const value = figure(own);
        return typeof value === "number" ? figureCell(value) : value;
      }),
    ]),
    ...(note === undefined ? {} : { note }),
  };
}

/**
 * The report's subjects: systems in the order in which they first come, within each the worst first;
 * those that lack the figure come before all others, since they are what to look at.
 *
 * @param sortBy name of the figure, which becomes the first of each row
 * @param better which end is good; `less` by default, so that the largest comes first
 */
export function subjectRows(
  scores: readonly KeptScore[],
  sortBy: string,
  better: "less" | "more" = "less",
): SubjectRow[] {
  const badness = ({ figures }: KeptScore) => {
    const value = figures[sortBy];
    if (value === undefined || Number.isNaN(value)) return Number.POSITIVE_INFINITY;
    return better === "less" ? value : -value;
  };
  return [...bySystem(scores).values()].flatMap((own) =>
    own
      .map((score) => ({ score, bad: badness(score) }))
      .sort((a, b) =>
        a.bad === b.bad ? order(a.score.subject, b.score.subject) : a.bad < b.bad ? 1 : -1,
      )
      .map(({ score: { system, subject, figures, pictures } }) => ({
        system,
        subject,
        figures: sortBy in figures ? { [sortBy]: figures[sortBy]!, ...figures } : figures,
        pictures,
      })),
  );
}

/** By code unit, so that the order is the same on every machine. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
