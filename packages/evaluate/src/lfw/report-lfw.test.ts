import { describe, expect, it } from "vitest";
import type { LfwFeatures } from "./lfw-features.js";
import type { LfwPair } from "./pairs.js";
import { reportLfw } from "./report-lfw.js";

describe("reportLfw", () => {
  it("says where no head could be fitted, without numbers that are none", () => {
    const photo = (name: string, number: number) => ({ name, number });
    const pairs: LfwPair[] = [0, 1].flatMap((fold) => [
      { fold, place: 0, same: true, first: photo("A", 1), second: photo("A", 2) },
      { fold, place: 0, same: false, first: photo("A", 1), second: photo("B", 1) },
    ]);
    const unfitted = (...features: number[]): LfwFeatures => ({
      photo: Float32Array.from(features),
      frontal: null,
      own: null,
      problems: [],
      seconds: null,
    });
    const { protocol, tables } = reportLfw({
      system: "ours",
      pairs,
      features: new Map([
        ["A_0001", unfitted(1, 0)],
        ["A_0002", unfitted(1, 0)],
        ["B_0001", unfitted(0, 1)],
      ]),
      problems: [],
      texture: "generated",
      judge: { name: "judge", sha256: "0", fittedWith: false },
      fitter: [],
      choice: "All.",
      pictures: 0,
    });
    expect(protocol.at(-1)).toBe("No head could be fitted.");
    expect(JSON.stringify({ protocol, tables })).not.toContain("NaN");
    // Photos: all told right; heads: all refused, which is right for two people alone.
    const accuracy = tables[0]!.columns.findIndex(({ name }) => name.startsWith("accuracy"));
    expect(tables[0]!.rows.map((row) => row[accuracy])).toEqual([1, 0.5, 0.5]);
  });
});
