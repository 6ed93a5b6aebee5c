/** What all of `ganfit evaluate` have in common: running on threads, the report, the table on the terminal. */
import { availableParallelism } from "node:os";
import { requireFolder } from "@ganfit/core";
import type { BenchmarkReport, KeptScore, Plan, Problem } from "@ganfit/evaluate";
import type { Command } from "commander";
import { EXIT_CODES, Exit } from "../exit-codes.js";
import { positiveNumber } from "../numbers.js";
import { printTable } from "../print.node.js";
import { createProgress } from "../progress.node.js";
import { ganfitVersion } from "../version.node.js";

export interface ReportOptions {
  readonly out: string;
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

export interface RunningOptions extends ReportOptions {
  readonly threads?: number;
}

/** Millimetres at the end of the pictures' colour bar. */
const MOST = 5;

export function withReportOptions(command: Command): Command {
  return command
    .requiredOption("-o, --out <folder>", "where the report is written; run again, it goes on")
    .option("--json", "print report.json's content instead of the table")
    .option("-q, --quiet", "print nothing but errors and the result");
}

export function withRunningOptions(command: Command): Command {
  return withReportOptions(command).option(
    "--threads <count>",
    "subjects scored side by side; default: one per core",
    positiveNumber,
  );
}

export type ToReport = (
  scores: readonly KeptScore[],
  problems: readonly Problem[],
) => BenchmarkReport;

/** Makes a report say so where the data is a stand-in. */
export async function labelled(data: string, toReport: ToReport): Promise<ToReport> {
  const { isStandIn, standInReport } = await import("@ganfit/evaluate");
  if (!(await isStandIn(data))) return toReport;
  return (scores, problems) => standInReport(toReport(scores, problems));
}

/** Scores a plan and writes its report. */
export async function scorePlan(
  plan: Plan,
  toReport: ToReport,
  { out, quiet, threads = availableParallelism(), ...options }: RunningOptions,
  signal: AbortSignal,
): Promise<void> {
  const { runPlan } = await import("@ganfit/evaluate");
  await requireFolder(out);
  const progress = createProgress();
  try {
    const { scores, problems } = await runPlan(plan, {
      out,
      most: MOST,
      threads,
      signal,
      onProgress: (done, total) => {
        if (!quiet) progress.share("scoring", done, total);
      },
    });
    progress.stop();
    await finishReport(toReport(scores, problems), { out, quiet, ...options }, signal);
  } finally {
    progress.stop();
  }
}

/**
 * Writes the report and prints its tables.
 *
 * @throws Exit with code 9 where something could not be scored, 11 where nothing could
 */
export async function finishReport(
  report: BenchmarkReport,
  { out, json, quiet }: ReportOptions,
  signal: AbortSignal,
): Promise<void> {
  const { reportJson, textTable, writeReport } = await import("@ganfit/evaluate");
  for (const { system, subject, problem } of report.problems) {
    process.stderr.write(`ganfit: ${system}, ${subject}: ${problem}\n`);
  }
  const version = ganfitVersion();
  await writeReport(out, report, { version, signal });
  if (json) process.stdout.write(reportJson(report, version));
  else {
    for (const table of report.tables) {
      const { header, rows } = textTable(table);
      process.stdout.write(`${table.title}\n`);
      printTable(header, rows);
      process.stdout.write("\n");
    }
    if (!quiet) process.stderr.write(`report: ${out}/report.html\n`);
  }
  if (report.problems.length > 0) {
    throw new Exit(report.subjects.length > 0 ? EXIT_CODES.some : EXIT_CODES.data);
  }
}
