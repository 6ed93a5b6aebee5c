/** A benchmark's outcome, ready to be written as Markdown, CSV, JSON and HTML. */
import type { Picture, Problem } from "../score.js";

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** Digits after the point; texts have none. */
  readonly digits?: number;
  /** Default `less`; `neither` for texts and counts. What is best is set in bold. */
  readonly better?: "less" | "more" | "neither";
}

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  /** Null where there is no figure. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** A sentence or two below it. */
  readonly note?: string;
  /** What others have published for the benchmark's own data. */
  readonly published?: boolean;
}

/** A line chart or histogram. */
export interface Chart {
  /** File name without ending, unique in the report. */
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Default `linear`; on `log` what is not positive is left out. */
  readonly xScale?: "linear" | "log";
  /** `line`: points joined; `histogram`: x are the bins' edges, one more than y. */
  readonly kind: "line" | "histogram";
  readonly series: readonly {
    readonly name: string;
    readonly x: readonly number[];
    readonly y: readonly number[];
  }[];
}

export interface SubjectRow {
  readonly system: string;
  readonly subject: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly pictures: readonly Picture[];
}

export interface BenchmarkReport {
  /** Such as `MICC Florence`. */
  readonly title: string;
  /** The protocol's variant and settings, in sentences, so that nobody has to guess. */
  readonly protocol: readonly string[];
  /** One table at least: systems by row. */
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** Worst first within each system; the figure they are sorted by is first. */
  readonly subjects: readonly SubjectRow[];
  readonly problems: readonly Problem[];
}
