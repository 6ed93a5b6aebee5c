/** A report as Markdown, for README files and issues. */
import { chartFile } from "./chart-file.js";
import { plainText } from "./escape-text.js";
import type { BenchmarkReport, SubjectRow, Table } from "./report.js";
import { figureNames, systemNames } from "./subjects.js";
import { bestCells, cellText, figureText, isNumeric } from "./table-cells.js";

/** Subjects of each system; all are in report.csv. */
const WORST = 10;

/** GitHub's Markdown, with references to the charts' SVG files beside it. */
export function markdownOf(report: BenchmarkReport): string {
  const sections = [
    `# ${escaped(report.title)}`,
    report.protocol.map((sentence) => `- ${escaped(sentence)}`).join("\n"),
    ...report.tables.map(tableSection),
    ...report.charts.map((chart) => `![${escaped(chart.title)}](${chartFile(chart, "svg")})`),
    worstSection(report.subjects),
    problemsSection(report),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function tableSection(table: Table): string {
  const { title, columns, rows, note } = table;
  const best = bestCells(table);
  const cells = rows.map((row, r) =>
    row.map((cell, c) => {
      const text = escaped(cellText(cell, columns[c]));
      return best[r]![c] ? `**${text}**` : text;
    }),
  );
  const drawn = drawTable(
    columns.map(({ name }) => escaped(name)),
    cells,
    columns.map((_, c) => isNumeric(table, c)),
  );
  return `## ${escaped(title)}\n\n${drawn}${note ? `\n\n${escaped(note)}` : ""}`;
}

function worstSection(subjects: readonly SubjectRow[]): string {
  if (subjects.length === 0) return "";
  const worst = systemNames(subjects).flatMap((name) =>
    subjects.filter(({ system }) => system === name).slice(0, WORST),
  );
  const names = figureNames(worst);
  const drawn = drawTable(
    ["system", "subject", ...names.map(escaped)],
    worst.map(({ system, subject, figures }) => [
      escaped(system),
      escaped(subject),
      ...names.map((name) => figureText(figures[name])),
    ]),
    [false, false, ...names.map(() => true)],
  );
  const rest =
    worst.length < subjects.length
      ? `The ${WORST} worst subjects of each system; all ${subjects.length} rows are in report.csv.`
      : "Worst first.";
  return `## Subjects\n\n${rest}\n\n${drawn}`;
}

function problemsSection({ problems }: BenchmarkReport): string {
  if (problems.length === 0) return "";
  const drawn = drawTable(
    ["system", "subject", "problem"],
    problems.map(({ system, subject, problem }) => [system, subject, problem].map(escaped)),
    [false, false, false],
  );
  return `## Not scored\n\n${drawn}`;
}

/** Columns of even width, so that the file can be read as it is. */
function drawTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
): string {
  const widths = header.map((name, c) =>
    Math.max(3, ...[name, ...rows.map((row) => row[c]!)].map((cell) => [...cell].length)),
  );
  const pad = (cell: string, c: number) => {
    const space = " ".repeat(widths[c]! - [...cell].length);
    return right[c] ? space + cell : cell + space;
  };
  const rule = widths.map((width, c) =>
    right[c] ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [header.map(pad), rule, ...rows.map((row) => row.map(pad))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/**
 * One line of text that means nothing but itself. An underscore within a word is left alone, since GitHub's
 * Markdown leaves it alone and names are full of them.
 */
function escaped(text: string): string {
  return plainText(text)
    .replace(/\s+/g, " ")
    .replace(/[\\`*[\]|~#$]/g, "\\$&")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
