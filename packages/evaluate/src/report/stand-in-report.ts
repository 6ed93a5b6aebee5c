/** A report on a stand-in, which nobody shall take for one on the benchmark's own data. */
import type { BenchmarkReport } from "./report.js";

/** Says what it is, and leaves out what others have published, since it is no comparison. */
export function standInReport(report: BenchmarkReport): BenchmarkReport {
  return {
    ...report,
    title: `${report.title} (synthetic stand-in)`,
    protocol: [
      "The data is a synthetic stand-in that ganfit has made: its figures say whether loaders and metric work, and are not to be compared with published ones.",
      ...report.protocol,
    ],
    tables: report.tables.filter(({ published = false }) => !published),
  };
}
