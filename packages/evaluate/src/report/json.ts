/** A report as JSON for programs. */
import type { BenchmarkReport } from "./report.js";

/** What the entry `schema` of a report.json says; the number grows when a reader would have to change. */
export const REPORT_SCHEMA = "ganfit-benchmark-1";

/**
 * All of the report, numbers in full; null where there is none.
 *
 * @param version of ganfit
 */
export function reportJson(report: BenchmarkReport, version: string): string {
  return `${JSON.stringify({ schema: REPORT_SCHEMA, ganfit: version, ...report }, null, 2)}\n`;
}
