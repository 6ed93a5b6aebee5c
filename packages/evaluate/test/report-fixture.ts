import type { BenchmarkReport } from "../src/report/report.js";

/** What a folder or file that someone else made may be called. */
export const HOSTILE = `a|b</td><script>alert("x")</script>'&amp; \`*_[l](javascript:x)\n=cmd é😀`;

/** Two systems, two subjects and everything that a report can hold, badly named. */
export const REPORT: BenchmarkReport = {
  title: `Title ${HOSTILE}`,
  protocol: ["Lowest distance of two scans.", HOSTILE],
  tables: [
    {
      title: "Cooperative",
      columns: [
        { name: "system", better: "neither" },
        { name: "mean", digits: 2 },
        { name: "area", digits: 1, better: "more" },
        { name: "subjects", better: "neither" },
      ],
      rows: [
        [HOSTILE, 1.234567, 0.5, 2],
        ["other", 1.236, null, 1],
        ["third", 1.1, 0.9, 2],
      ],
      note: "Population standard deviation.",
    },
    {
      title: "Regions",
      columns: [{ name: "system", better: "neither" }, { name: "nose" }],
      rows: [["other", -1.5]],
    },
  ],
  charts: [
    {
      name: "curve",
      title: `Curve ${HOSTILE}`,
      x: "mm",
      y: "share",
      kind: "line",
      series: [{ name: HOSTILE, x: [0, 1], y: [0, 1] }],
    },
  ],
  subjects: [
    {
      system: HOSTILE,
      subject: "s_1/indoor",
      figures: { distance: 2.00049, vertices: 10 },
      pictures: [{ title: `nose ${HOSTILE}`, file: "pictures/a b'(1):#?.png" }],
    },
    { system: HOSTILE, subject: HOSTILE, figures: { distance: 1.5 }, pictures: [] },
    { system: "=other", subject: HOSTILE, figures: { distance: 3, extra: -0.25 }, pictures: [] },
    { system: "=other", subject: "s_1/indoor", figures: { distance: 1 / 3 }, pictures: [] },
  ],
  problems: [{ system: "=other", subject: "s_2", problem: `There is no file ${HOSTILE}.` }],
};
