/** A report's files, all of them or none. */
import { GanfitError, writeFolder } from "@ganfit/core";
import { chartFile } from "./chart-file.js";
import { svgPng } from "./chart-png.node.js";
import { chartSvg } from "./chart-svg.js";
import { subjectsCsv, tablesCsv } from "./csv.js";
import { htmlOf } from "./html.js";
import { reportJson } from "./json.js";
import { markdownOf } from "./markdown.js";
import type { BenchmarkReport } from "./report.js";

export interface WriteReportOptions {
  /** Of ganfit. */
  readonly version: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes report.md, report.html, report.json, report.csv (subjects), summary.csv (tables) and every chart as
 * chart-NAME.svg and chart-NAME.png into a folder, which is made if it is absent. Files of the same names
 * are replaced. The subjects' pictures must be there already or come later: they are only referred to.
 *
 * @throws GanfitError `usage` where charts are named alike or badly, `output` where a file cannot be written;
 * the signal's reason; then nothing new is left behind
 */
export async function writeReport(
  folder: string,
  report: BenchmarkReport,
  { version, signal }: WriteReportOptions,
): Promise<void> {
  const files = new Map<string, Uint8Array>();
  const add = (name: string, text: string) => files.set(name, new TextEncoder().encode(text));
  add("report.md", markdownOf(report));
  add("report.html", htmlOf(report, version));
  add("report.json", reportJson(report, version));
  add("report.csv", subjectsCsv(report));
  add("summary.csv", tablesCsv(report));
  for (const chart of report.charts) {
    signal?.throwIfAborted();
    const svg = chartSvg(chart);
    if (files.has(chartFile(chart, "svg"))) {
      throw new GanfitError("usage", `Two charts of a report are named ${chart.name}.`);
    }
    add(chartFile(chart, "svg"), svg);
    files.set(chartFile(chart, "png"), await svgPng(svg));
  }
  await writeFolder(folder, files, signal);
}
