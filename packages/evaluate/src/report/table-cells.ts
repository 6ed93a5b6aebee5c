/** How a table's cells are shown to people, and which of them are set in bold. */
import type { Column, Table } from "./report.js";

export type Cell = string | number | null;

/** Shown where there is no figure. */
export const NO_FIGURE = "–";

/** Digits of a subject's figures that are not whole numbers; columns of tables bring their own. */
const SUBJECT_DIGITS = 3;

/** A number as a cell: null where it is none. */
export function figureCell(figure: number): number | null {
  return Number.isFinite(figure) ? figure : null;
}

/** A cell as text, rounded as its column says. */
export function cellText(cell: Cell, { digits }: Pick<Column, "digits"> = {}): string {
  if (typeof cell === "string") return cell;
  if (cell === null || !Number.isFinite(cell)) return NO_FIGURE;
  if (digits === undefined) return String(cell);
  const text = cell.toFixed(digits);
  // A minus before nothing but zeros says nothing.
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** A subject's figure; counts stay whole. */
export function figureText(figure: number | undefined): string {
  if (figure === undefined) return NO_FIGURE;
  return cellText(figure, Number.isInteger(figure) ? {} : { digits: SUBJECT_DIGITS });
}

/** Whether a column holds numbers, which are set flush right. */
export function isNumeric({ columns, rows }: Table, column: number): boolean {
  return (
    columns[column]?.digits !== undefined ||
    (rows.some((row) => typeof row[column] === "number") &&
      rows.every((row) => typeof row[column] !== "string"))
  );
}

/**
 * By row and column, whether the cell is its column's best: what looks the same as the best is the best
 * too. Where one number stands alone there is nothing to be better than.
 */
export function bestCells({ columns, rows }: Table): boolean[][] {
  const best = rows.map(() => columns.map(() => false));
  columns.forEach(({ better = "less", digits }, c) => {
    const shown = rows.map((row) => {
      const cell = row[c];
      return typeof cell === "number" && Number.isFinite(cell)
        ? Number(cellText(cell, digits === undefined ? {} : { digits }))
        : null;
    });
    const numbers = shown.filter((value) => value !== null);
    if (better === "neither" || numbers.length < 2) return;
    const winner = better === "less" ? Math.min(...numbers) : Math.max(...numbers);
    if (numbers.every((value) => value === winner)) return;
    shown.forEach((value, r) => {
      best[r]![c] = value === winner;
    });
  });
  return best;
}
