import { describe, expect, test } from "vitest";
import { compareSubjects, figureNames, systemNames } from "./subjects.js";

const row = (system: string, subject: string, figures: Record<string, number> = {}) => ({
  system,
  subject,
  figures,
  pictures: [],
});

describe("compareSubjects", () => {
  test("a subject stands where its worst place is, systems in the report's order", () => {
    const rows = [row("b", "1"), row("b", "2"), row("b", "3"), row("a", "3"), row("a", "1")];
    expect(
      compareSubjects(rows).map(({ subject, rows: own }) => [
        subject,
        own.map(({ system }) => system).join(""),
      ]),
    ).toEqual([
      ["1", "ba"],
      ["3", "ba"],
      ["2", "b"],
    ]);
  });

  test("names in the order in which they come", () => {
    const rows = [row("b", "1", { z: 1, y: 1 }), row("a", "1", { x: 1, y: 1 })];
    expect(systemNames(rows)).toEqual(["b", "a"]);
    expect(figureNames(rows)).toEqual(["z", "y", "x"]);
  });
});
