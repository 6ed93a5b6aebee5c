import { describe, expect, it } from "vitest";
import type { KeptScore, Problem } from "../score.js";
import { reportNow } from "./report-now.js";

function score(system: string, subject: string, pooled: number[], reflected = 0): KeptScore {
  const sorted = [...pooled].sort((a, b) => a - b);
  const figures = {
    median: sorted[sorted.length >> 1]!,
    mean: 0,
    points: pooled.length,
    reflected,
  };
  return { system, subject, figures, pooled: Float32Array.from(pooled), pictures: [] };
}

const SCORES = [
  score("ours", "a/selfie/1", [1, 2, 3]),
  score("ours", "b/multiview_neutral/1", [5], 1),
  score("theirs", "a/selfie/1", [4, 4, 4]),
];
const PROBLEMS: Problem[] = [
  { system: "theirs", subject: "b/multiview_neutral/1", problem: "The reconstruction is missing." },
  { system: "absent", subject: "a/selfie/1", problem: "The reconstruction is missing." },
];

describe("reportNow", () => {
  const report = reportNow(SCORES, PROBLEMS, { set: "validation" });

  it("pools all points of a system", () => {
    const [all] = report.tables;
    expect(all!.rows).toEqual([
      ["ours", 2.5, 2.75, Math.sqrt((1.75 ** 2 + 0.75 ** 2 + 0.25 ** 2 + 2.25 ** 2) / 4), 2, 0],
      ["theirs", 4, 4, 0, 1, 1],
      ["absent", null, null, null, 0, 1],
    ]);
    expect(all!.columns).toHaveLength(6);
    expect(all!.note).toContain("Missing photos");
  });

  it("has a table for each challenge", () => {
    const [, neutral, selfie] = report.tables;
    expect(neutral!.title).toBe("multiview_neutral");
    expect(neutral!.rows).toEqual([
      ["ours", 5, 5, 0, 1, 0],
      ["theirs", null, null, null, 0, 1],
      ["absent", null, null, null, 0, 0],
    ]);
    expect(selfie!.rows[0]!.slice(0, 2)).toEqual(["ours", 2]);
  });

  it("shows what is published, but not beside the metrical variant", () => {
    const published = report.tables.at(-1)!;
    expect(published.rows).toContainEqual(["DECA", 1.09, 1.38, 1.18]);
    expect(published.note).toContain("not the ones scored here");
    const test = reportNow(SCORES, PROBLEMS, { set: "test" });
    expect(test.tables.at(-1)!.note).not.toContain("not the ones scored here");
    const metrical = reportNow(SCORES, PROBLEMS, { set: "test", unit: "mm" });
    expect(metrical.tables.map(({ title }) => title)).not.toContain(published.title);
    expect(metrical.protocol.join(" ")).toContain("taken to be in mm");
  });

  it("draws the cumulative error", () => {
    const [chart] = report.charts;
    const { x, y, name } = chart!.series[0]!;
    expect(name).toBe("ours");
    expect([x[0], x.at(-1)]).toEqual([0, 7]);
    expect(y[x.indexOf(2)]).toBe(50);
    expect(y.at(-1)).toBe(100);
    expect(chart!.series.map((series) => series.name)).toEqual(["ours", "theirs"]);
  });

  it("lists the worst first and tells of mirrored reconstructions", () => {
    expect(report.subjects.map(({ subject }) => subject).slice(0, 2)).toEqual([
      "b/multiview_neutral/1",
      "a/selfie/1",
    ]);
    expect(report.protocol.at(-1)).toMatch(/^ours: 1 of 2 reconstructions were mirrored/);
    expect(report.problems).toEqual(PROBLEMS);
  });
});
