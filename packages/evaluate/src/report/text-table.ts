/** A table as texts, for terminals. */
import type { Table } from "./report.js";
import { cellText, type NO_FIGURE } from "./table-cells.js";

/** A header and rows of texts; figures have their column's digits, what is missing {@link NO_FIGURE}. */
export function textTable({ columns, rows }: Table): { header: string[]; rows: string[][] } {
  return {
    header: columns.map(({ name }) => name),
    rows: rows.map((row) => row.map((cell, i) => cellText(cell, columns[i]))),
  };
}
