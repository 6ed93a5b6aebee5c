import { expect, it } from "vitest";
import { textTable } from "./text-table.js";

it("rounds figures as their column says and shows what is missing", () => {
  const table = {
    title: "",
    columns: [{ name: "system" }, { name: "mm", digits: 3 }, { name: "subjects" }],
    rows: [
      ["ours", 1.23456, 3],
      ["theirs", null, 0],
      ["none", Number.NaN, 1],
    ],
  };
  expect(textTable(table)).toEqual({
    header: ["system", "mm", "subjects"],
    rows: [
      ["ours", "1.235", "3"],
      ["theirs", "–", "0"],
      ["none", "–", "1"],
    ],
  });
});
