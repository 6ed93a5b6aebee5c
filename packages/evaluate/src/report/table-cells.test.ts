import { describe, expect, test } from "vitest";
import type { Column } from "./report.js";
import { bestCells, type Cell, cellText, figureText, isNumeric } from "./table-cells.js";

const table = (columns: Column[], rows: Cell[][]) => ({ title: "", columns, rows });

describe("table cells", () => {
  test("are rounded as their column says", () => {
    expect(cellText(1.005, { digits: 1 })).toBe("1.0");
    expect(cellText(-0.0004, { digits: 3 })).toBe("0.000");
    expect(cellText(-0.0006, { digits: 3 })).toBe("-0.001");
    expect(cellText(12)).toBe("12");
    expect(cellText("12.345", { digits: 1 })).toBe("12.345");
    for (const nothing of [null, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(cellText(nothing, { digits: 2 })).toBe("–");
    }
    expect([figureText(3), figureText(1 / 3), figureText(undefined)]).toEqual(["3", "0.333", "–"]);
  });

  test("the least is best unless more is, and what looks the same is as good", () => {
    const columns: Column[] = [
      { name: "system", better: "neither" },
      { name: "error", digits: 1 },
      { name: "accuracy", digits: 2, better: "more" },
      { name: "count", better: "neither" },
    ];
    const rows: Cell[][] = [
      ["a", 1.04, 0.5, 1],
      ["b", 0.96, 0.9, 2],
      ["c", 2, null, 3],
      ["d", Number.NaN, 0.1, 0],
    ];
    expect(bestCells(table(columns, rows))).toEqual([
      [false, true, false, false],
      [false, true, true, false],
      [false, false, false, false],
      [false, false, false, false],
    ]);
  });

  test("nothing is best where all are alike or one stands alone", () => {
    expect(bestCells(table([{ name: "x" }], [[1], [1]]))).toEqual([[false], [false]]);
    expect(bestCells(table([{ name: "x" }], [[1], [null]]))).toEqual([[false], [false]]);
    expect(bestCells(table([{ name: "x" }], [["b"], ["a"]]))).toEqual([[false], [false]]);
  });

  test("columns of numbers are told from texts", () => {
    const columns: Column[] = [{ name: "t" }, { name: "n" }, { name: "d", digits: 2 }];
    const mixed = table(columns, [
      ["a", 1, null],
      [null, null, null],
    ]);
    expect(columns.map((_, c) => isNumeric(mixed, c))).toEqual([false, true, true]);
  });
});
