import { expect, test } from "vitest";
import type { KeptScore } from "../score.js";
import { realyErrorText } from "./realy-error-text.js";
import { reportRealy } from "./report-realy.js";

const score = (system: string, subject: string, four: readonly number[]): KeptScore => {
  const [nose = 0, mouth = 0, forehead = 0, cheek = 0] = four;
  const all = (nose + mouth + forehead + cheek) / 4;
  return {
    system,
    subject,
    figures: { nose, mouth, forehead, cheek, all },
    pooled: new Float32Array(0),
    pictures: [],
  };
};
const scores = [
  score("a", "1", [1, 2, 3, 4]),
  score("b", "1", [5, 5, 5, 5]),
  score("a", "2", [2, 2, 5, 5]),
  score("a", "10", [6, 2, 1, 3]),
];

test("means, medians and deviations of the sample, by region", () => {
  const { tables, subjects, charts } = reportRealy(scores, [], { view: "frontal" });
  const [mean, median, deviation, published] = tables;
  expect(mean!.columns.map(({ name }) => name)).toEqual([
    "system",
    "nose",
    "mouth",
    "forehead",
    "cheek",
    "all",
    "subjects",
  ]);
  expect(mean!.rows).toEqual([
    ["a", 3, 2, 3, 4, 3, 3],
    ["b", 5, 5, 5, 5, 5, 1],
  ]);
  expect(median!.rows[0]).toEqual(["a", 2, 2, 3, 4]);
  // Of 1, 2, 6 about 3: (4 + 1 + 9) / 2 = 7; of 3, 5, 1: 8 / 2 = 4; of 4, 5, 3: 2 / 2 = 1.
  expect(deviation!.rows).toEqual([
    ["a", Math.sqrt(7), 0, 2, 1],
    ["b", null, null, null, null],
  ]);
  expect(published!.rows[0]).toEqual(["GANFIT", 1.928, 1.812, 2.402, 1.329, 1.868]);
  expect(subjects.map(({ system, subject }) => system + subject)).toEqual([
    "a2",
    "a10",
    "a1",
    "b1",
  ]);
  expect(Object.keys(subjects[0]!.figures)[0]).toBe("all");
  expect(charts[0]!.series[0]!.y.at(-1)).toBe(1);
});

test("published numbers are the frontal view's, and their means are consistent", () => {
  expect(reportRealy(scores, [], { view: "side" }).tables).toHaveLength(3);
  const published = reportRealy(scores, [], { view: "frontal" }).tables[3]!;
  for (const [name, ...errors] of published.rows as [string, ...number[]][]) {
    const [nose, mouth, forehead, cheek, all] = errors;
    const off = Math.abs((nose! + mouth! + forehead! + cheek!) / 4 - all!);
    // The note tells of DECA.
    expect(off).toBeLessThan(name === "DECA" ? 0.011 : 0.001);
  }
});

test("a report of nothing has its tables, problems and no charts", () => {
  const problems = [{ system: "a", subject: "1", problem: "It is missing." }];
  const report = reportRealy([], problems, { view: "frontal" });
  expect(report.problems).toEqual(problems);
  expect(report.charts).toEqual([]);
  expect(report.tables[0]!.rows).toEqual([]);
});

test("REALY_error.txt has REALY's lines in REALY's order", () => {
  const text = realyErrorText([
    score("a", "10", [12.345678901234, 0.1, 1e-5, 2]),
    score("a", "2", [1.23456789012, 1, 1, 1]),
  ]);
  expect(text).toBe(
    "2\t\t1.2345678\t1.0000000\t1.0000000\t1.0000000\n" +
      "10\t\t12.345678\t0.1000000\t0.0000100\t2.0000000\n",
  );
});
