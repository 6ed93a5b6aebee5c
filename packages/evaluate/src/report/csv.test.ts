import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOSTILE, REPORT } from "../../test/report-fixture.js";
import { subjectsCsv, tablesCsv } from "./csv.js";

/** A strict reader of RFC 4180: every record ends with CRLF, quotes only around whole fields. */
function read(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (!found) throw new Error(`Not CSV: ${text}`);
    record.push(found[1]?.replaceAll('""', '"') ?? found[2]!);
    if (found[3] === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

describe("csv", () => {
  test("subjects: a row for each system and subject, numbers in full", () => {
    expect(read(subjectsCsv(REPORT))).toEqual([
      ["system", "subject", "distance", "vertices", "extra"],
      [HOSTILE, "s_1/indoor", "2.00049", "10", ""],
      [HOSTILE, HOSTILE, "1.5", "", ""],
      ["'=other", HOSTILE, "3", "", "-0.25"],
      ["'=other", "s_1/indoor", "0.3333333333333333", "", ""],
    ]);
  });

  test("tables: all in one, told apart by the first column", () => {
    expect(read(tablesCsv(REPORT))).toEqual([
      ["table", "system", "mean", "area", "subjects", "nose"],
      ["Cooperative", HOSTILE, "1.234567", "0.5", "2", ""],
      ["Cooperative", "other", "1.236", "", "1", ""],
      ["Cooperative", "third", "1.1", "0.9", "2", ""],
      ["Regions", "other", "", "", "", "-1.5"],
    ]);
  });

  test("no text starts a formula, and numbers come back as they were", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("=1+1", "-2", "+3", "@x", "\t=1", '"', ","));
    fc.assert(
      fc.property(text, fc.double({ noNaN: true, noDefaultInfinity: true }), (name, value) => {
        const subjects = [{ system: name, subject: "s", figures: { f: value }, pictures: [] }];
        const [, row] = read(subjectsCsv({ ...REPORT, subjects }));
        expect(row![0]).not.toMatch(/^[=+\-@\t\r]/);
        expect(Number(row![2])).toBe(value === 0 ? 0 : value);
        expect(row!.length).toBe(3);
      }),
    );
  });

  test("without subjects only the header", () => {
    expect(read(subjectsCsv({ ...REPORT, subjects: [] }))).toEqual([["system", "subject"]]);
  });
});
