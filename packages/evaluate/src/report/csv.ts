/** A report as files for spreadsheets (RFC 4180): numbers in full, empty where there is none. */
import { stringify } from "csv-stringify/sync";
import { plainText } from "./escape-text.js";
import type { BenchmarkReport } from "./report.js";
import { figureNames } from "./subjects.js";
import type { Cell } from "./table-cells.js";

/** A row for each system and subject, a column for each figure. */
export function subjectsCsv({ subjects }: BenchmarkReport): string {
  const names = figureNames(subjects);
  return csv([
    ["system", "subject", ...names],
    ...subjects.map(({ system, subject, figures }) => [
      system,
      subject,
      ...names.map((name) => figures[name] ?? null),
    ]),
  ]);
}

/** All tables in one, told apart by the first column; columns of the same name are one column. */
export function tablesCsv({ tables }: BenchmarkReport): string {
  const names = [...new Set(tables.flatMap(({ columns }) => columns.map(({ name }) => name)))];
  return csv([
    ["table", ...names],
    ...tables.flatMap(({ title, columns, rows }) =>
      rows.map((row) => [
        title,
        ...names.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null),
      ]),
    ),
  ]);
}

/** Texts that a spreadsheet would take for a formula get an apostrophe before them. */
function csv(rows: readonly (readonly Cell[])[]): string {
  const plain = rows.map((row) =>
    row.map((cell) => {
      if (typeof cell === "string") return plainText(cell);
      return cell === null || !Number.isFinite(cell) ? null : cell;
    }),
  );
  return stringify(plain, { record_delimiter: "windows", escape_formulas: true });
}
