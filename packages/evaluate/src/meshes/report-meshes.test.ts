import { describe, expect, it } from "vitest";
import type { KeptScore } from "../score.js";
import { reportMeshes } from "./report-meshes.js";

function score(system: string, subject: string, mean: number): KeptScore {
  const figures = {
    mean,
    median: mean,
    rms: mean,
    p95: mean,
    max: 2 * mean,
    meshToTruth: mean + 1,
  };
  return { system, subject, figures, pooled: Float32Array.of(mean, mean), pictures: [] };
}

describe("reportMeshes", () => {
  const scores = [
    score("a", "one", 1),
    score("a", "two", 3),
    score("a", "three", 8),
    score("b", "two", 2),
    score("b", "one", 1),
  ];
  const problems = [{ system: "b", subject: "three", problem: "The reconstruction is missing." }];
  const report = reportMeshes(scores, problems, { align: "rigid", radius: 95 });

  it("compares on the subjects that all systems have", () => {
    const [paired] = report.tables;
    expect(paired!.rows).toEqual([
      ["a", 2, 2, 2, 2, 4, 3, 2, 1],
      ["b", 1.5, 1.5, 1.5, 1.5, 3, 2.5, 2, 2],
    ]);
    expect(paired!.columns.at(-1)).toMatchObject({ name: "best on", better: "more" });
    expect(paired!.note).toContain("2 of 3 subjects that all systems have");
  });

  it("gives each system's own subjects too, where they differ", () => {
    expect(report.tables[1]!.rows.map(([system, mean]) => [system, mean])).toEqual([
      ["a", 4],
      ["b", 1.5],
    ]);
    const same = scores.filter(({ subject }) => subject !== "three");
    expect(reportMeshes(same, [], {}).tables).toHaveLength(1);
  });

  it("draws paired points up to where the worst system has nearly all", () => {
    const [chart] = report.charts;
    expect(chart!.series.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(chart!.series[0]!.x.at(-1)).toBe(3);
    expect(chart!.series[1]!.y.at(-1)).toBe(100);
    expect(reportMeshes([], problems, {}).charts).toEqual([]);
  });

  it("says what was done and which subject is worst", () => {
    expect(report.protocol.join(" ")).toMatch(/turned and moved:.*within 95 mm/);
    expect(reportMeshes(scores, [], { align: "none" }).protocol.join(" ")).toContain("not moved");
    expect(report.subjects[0]).toMatchObject({ system: "a", subject: "three" });
    expect(Object.keys(report.subjects[0]!.figures)[0]).toBe("mean");
  });
});
