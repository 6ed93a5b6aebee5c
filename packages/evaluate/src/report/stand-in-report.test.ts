import { expect, it } from "vitest";
import type { BenchmarkReport } from "./report.js";
import { standInReport } from "./stand-in-report.js";

it("is told from a report on the benchmark's data, and stands beside no published figures", () => {
  const table = { title: "ours", columns: [], rows: [] };
  const report: BenchmarkReport = {
    title: "REALY",
    protocol: ["How."],
    tables: [table, { ...table, title: "theirs", published: true }],
    charts: [],
    subjects: [],
    problems: [],
  };
  const found = standInReport(report);
  expect(found.title).toMatch(/stand-in/);
  expect(found.protocol[0]).toMatch(/not to be compared/);
  expect(found.protocol.at(-1)).toBe("How.");
  expect(found.tables.map(({ title }) => title)).toEqual(["ours"]);
});
