import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeImage } from "@ganfit/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { REPORT } from "../../test/report-fixture.js";
import { writeReport } from "./write-report.node.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganfit-report-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("all files are there, and the same report makes the same ones", async () => {
  const names = [
    "chart-curve.png",
    "chart-curve.svg",
    "report.csv",
    "report.html",
    "report.json",
    "report.md",
    "summary.csv",
  ];
  await writeReport(join(folder, "one"), REPORT, { version: "1.2.3" });
  await writeReport(join(folder, "two"), REPORT, { version: "1.2.3" });
  expect((await readdir(join(folder, "one"))).sort()).toEqual(names);
  for (const name of names) {
    const [one, two] = await Promise.all(
      ["one", "two"].map((which) => readFile(join(folder, which, name))),
    );
    expect(one!.equals(two!)).toBe(true);
  }
  const json = JSON.parse(await readFile(join(folder, "one/report.json"), "utf8"));
  expect(json).toEqual({ schema: "ganfit-benchmark-1", ganfit: "1.2.3", ...REPORT });
  const chart = await decodeImage(await readFile(join(folder, "one/chart-curve.png")));
  expect(chart.width).toBe(1440);
});

test("numbers that JSON lacks become null", async () => {
  const subjects = [{ system: "a", subject: "b", figures: { d: Number.NaN }, pictures: [] }];
  await writeReport(folder, { ...REPORT, subjects }, { version: "1" });
  const json = JSON.parse(await readFile(join(folder, "report.json"), "utf8"));
  expect(json.subjects[0].figures).toEqual({ d: null });
});

test("charts with bad or equal names, a folder that is a file and a signal leave nothing behind", async () => {
  const [chart] = REPORT.charts;
  const failing = (charts: typeof REPORT.charts) =>
    writeReport(join(folder, "x"), { ...REPORT, charts }, { version: "1" });
  await expect(failing([{ ...chart!, name: "../x" }])).rejects.toThrow(/cannot be named "..\/x"/);
  await expect(failing([chart!, chart!])).rejects.toThrow(
    "Two charts of a report are named curve.",
  );
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(writeReport(join(folder, "x"), REPORT, { version: "1", signal })).rejects.toThrow(
    "enough",
  );
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, "x"), "");
  await expect(failing([chart!])).rejects.toMatchObject({ code: "output" });
  expect(await readdir(folder)).toEqual(["x"]);
});
