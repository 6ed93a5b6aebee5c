/** What benchmarks that fit photos have in common: their options, networks, progress. */
import type { BenchmarkReport, HeadTools, PhotoProgress } from "@ganfit/evaluate";
import type { Command } from "commander";
import { chosenDevice } from "../device-options.node.js";
import { type FitSettings, withFitSettings } from "../fit/options.js";
import { createReporter, SILENT } from "../fit/progress.node.js";
import { defined } from "./defined.js";
import { finishReport, type ReportOptions, withReportOptions } from "./session.node.js";

export interface HeadOptions extends FitSettings, ReportOptions {
  readonly judge?: string;
}

/** Adds the options of a fit, of a report, and `--judge`. */
export function withHeadOptions(command: Command): Command {
  return withReportOptions(withFitSettings(command)).option(
    "--judge <file>",
    "recognition network that judges likeness: its description (.json), see docs/recognition.md",
  );
}

/** Opens the networks, runs a benchmark and writes its report. */
export async function reportHeads(
  options: HeadOptions,
  signal: AbortSignal,
  evaluate: (
    tools: HeadTools & { signal: AbortSignal; onProgress: (progress: PhotoProgress) => void },
  ) => Promise<BenchmarkReport>,
): Promise<void> {
  const { openHeadTools } = await import("@ganfit/evaluate");
  const { judge, model, generator, recognition, out, json, quiet } = options;
  const { steps, seed, lighting, quality } = options;
  const reporter = quiet ? SILENT : createReporter();
  try {
    const network = await chosenDevice(options, signal, reporter.say);
    reporter.stage("loading the model and networks");
    const tools = await openHeadTools({
      ...defined({ judge, model, generator, recognition }),
      fit: defined({ steps, seed, lighting, quality }),
      network,
      signal,
    });
    try {
      const onProgress = ({ done, total, name }: PhotoProgress) =>
        reporter.stage(`${done}/${total} ${name}`);
      const report = await evaluate({ ...tools, signal, onProgress });
      reporter.stop();
      await finishReport(report, { out, ...defined({ json, quiet }) }, signal);
    } finally {
      await tools.dispose();
    }
  } finally {
    reporter.stop();
  }
}
