import { describe, expect, test } from "vitest";
import type { KeptScore } from "../score.js";
import { mean } from "../statistics/statistics.js";
import { bySystem, figureOf, pooledOf, subjectRows, systemTable } from "./compare.js";

function score(system: string, subject: string, figures: Record<string, number>, pooled = [0]) {
  const kept: KeptScore = {
    system,
    subject,
    figures,
    pooled: Float32Array.from(pooled),
    pictures: [],
  };
  return kept;
}

const scores = [
  score("b", "2", { other: 5, all: 1 }, [1, 2]),
  score("a", "1", { other: 6, all: 3 }, []),
  score("b", "1", { other: 7, all: 2 }, [3]),
  score("b", "3", { other: 8 }, [4]),
  score("b", "0", { other: 9, all: 2 }, []),
];

describe("compare", () => {
  test("the worst come first within their system, without the figure before all; ties by name", () => {
    const rows = subjectRows(scores, "all");
    expect(rows.map(({ system, subject }) => system + subject)).toEqual([
      "b3",
      "b0",
      "b1",
      "b2",
      "a1",
    ]);
    expect(subjectRows(scores, "all", "more").map(({ subject }) => subject)).toEqual([
      "3",
      "2",
      "0",
      "1",
      "1",
    ]);
    expect(Object.keys(rows[1]!.figures)).toEqual(["all", "other"]);
    expect(Object.keys(rows[0]!.figures)).toEqual(["other"]);
  });

  test("a table has a row for each system, and null where there is no figure", () => {
    const table = systemTable(scores, {
      title: "T",
      note: "n",
      columns: [
        { name: "all", digits: 2, figure: (own) => mean(figureOf(own, "all")) },
        { name: "subjects", better: "neither", figure: (own) => own.length },
        { name: "absent", figure: (own) => mean(figureOf(own, "absent")) },
      ],
    });
    expect(table).toEqual({
      title: "T",
      note: "n",
      columns: [
        { name: "system", better: "neither" },
        { name: "all", digits: 2 },
        { name: "subjects", better: "neither" },
        { name: "absent" },
      ],
      rows: [
        ["b", 5 / 3, 4, null],
        ["a", 3, 1, null],
      ],
    });
  });

  test("pooled numbers are joined in order", () => {
    expect([...pooledOf(bySystem(scores).get("b")!)]).toEqual([1, 2, 3, 4]);
  });
});
