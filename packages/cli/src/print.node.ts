import { GanfitError } from "@ganfit/core";

/** Indented JSON with lists of numbers on one line each, and a line break at the end. */
export function formatJson(value: unknown): string {
  // Line breaks within strings are escaped, so these are the indentation's own.
  const numbers = /\[\n\s+(-?[\d.e+-]+(?:,\n\s+-?[\d.e+-]+)*)\n\s+\]/g;
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(numbers, (_, list: string) => `[${list.replace(/\s+/g, " ")}]`)}\n`;
}

export function printJson(value: unknown): void {
  process.stdout.write(formatJson(value));
}

/** Columns as wide as their widest cell but the last, which may run on. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = header.length > 0 ? [header, ...rows] : rows;
  const widths = (all[0] ?? []).map((_, column) =>
    Math.max(...all.map((cells) => cells[column]!.length)),
  );
  for (const cells of all) {
    const line = cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ");
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

/** What to tell of an error: its sentence, and all there is of one that nobody threw on purpose. */
export function sentenceOf(error: unknown): string {
  if (error instanceof GanfitError) return error.message;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `a defect in ganfit, please report it: ${detail}`;
}
