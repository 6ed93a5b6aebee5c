export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
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
