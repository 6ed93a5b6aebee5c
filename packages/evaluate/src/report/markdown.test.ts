import { describe, expect, test } from "vitest";
import { REPORT } from "../../test/report-fixture.js";
import { markdownOf } from "./markdown.js";

/** A hostile name as it must stand: nothing in it is markup any more. */
const NAME =
  'a\\|b&lt;/td&gt;&lt;script&gt;alert("x")&lt;/script&gt;\'&amp;amp; \\`\\*\\_\\[l\\](javascript:x) =cmd é😀';

/** Rows of all tables, cells without the space around them. */
function cells(markdown: string): string[][] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

describe("markdownOf", () => {
  const markdown = markdownOf(REPORT);

  test("tables keep their columns whatever names hold; the best is bold, rounded as its column says", () => {
    expect(cells(markdown).slice(0, 5)).toEqual([
      ["system", "mean", "area", "subjects"],
      [/^-+$/, /^-+:$/, /^-+:$/, /^-+:$/].map((rule) => expect.stringMatching(rule)),
      [NAME, "1.23", "0.5", "2"],
      ["other", "1.24", "–", "1"],
      ["third", "**1.10**", "**0.9**", "2"],
    ]);
  });

  test("subjects, the problems and the chart are there", () => {
    expect(cells(markdown)).toContainEqual([NAME, "s_1/indoor", "2.000", "10", "–"]);
    expect(cells(markdown)).toContainEqual(["=other", "s_2", `There is no file ${NAME}.`]);
    expect(markdown).toContain(`![Curve ${NAME}](chart-curve.svg)`);
  });

  test("no raw markup of a name is left", () => {
    expect(markdown).not.toMatch(/<|(?<!\\)\]\(javascript/);
    expect(markdown.startsWith(`# Title ${NAME}\n\n- Lowest`)).toBe(true);
  });

  test("long lists are cut, and say so", () => {
    const subjects = Array.from({ length: 30 }, (_, i) => ({
      system: i < 15 ? "a" : "b",
      subject: `s${i}`,
      figures: { d: 30 - i },
      pictures: [],
    }));
    const long = markdownOf({ ...REPORT, subjects, tables: [], problems: [] });
    expect(cells(long).length).toBe(2 + 20);
    expect(long).toContain("all 30 rows are in report.csv");
    expect(long).toContain("| s24 ");
    expect(long).not.toContain("| s10 ");
  });
});
