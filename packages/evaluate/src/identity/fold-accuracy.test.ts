import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accuracyAt, bestThreshold, foldAccuracy, type ScoredPair } from "./fold-accuracy.js";

const pair = fc.record({
  fold: fc.integer({ min: 0, max: 3 }),
  same: fc.boolean(),
  similarity: fc.oneof(
    fc.integer({ min: -4, max: 4 }).map((value) => value / 4),
    fc.constant(-Infinity),
  ),
});

describe("the best threshold", () => {
  it("is as good as any other", () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 25 }), (pairs) => {
        // Between and beyond all values that occur.
        const all = Array.from({ length: 24 }, (_, i) => (i - 12) / 8 + 1 / 16);
        const best = Math.max(...[...all, Infinity].map((each) => accuracyAt(pairs, each)));
        expect(accuracyAt(pairs, bestThreshold(pairs))).toBe(best);
      }),
    );
  });

  it("lies half way between those that it tells apart", () => {
    const pairs = [
      { same: true, similarity: 0.8 },
      { same: true, similarity: 0.5 },
      { same: false, similarity: 0.1 },
    ];
    expect(bestThreshold(pairs)).toBeCloseTo(0.3, 12);
  });

  it("accepts nothing where nobody is the same, and all where all are", () => {
    expect(bestThreshold([{ same: false, similarity: 0.1 }])).toBe(Infinity);
    expect(bestThreshold([{ same: true, similarity: 0.1 }])).toBe(0.1);
    expect(bestThreshold([])).toBe(Infinity);
  });

  it("tells neighbouring numbers apart", () => {
    // Half way between them rounds to the lower one, which would be accepted.
    const low = 0.5;
    const high = low + 2 ** -53;
    const pairs = [
      { same: false, similarity: low },
      { same: true, similarity: high },
    ];
    expect((low + high) / 2).toBe(low);
    expect(accuracyAt(pairs, bestThreshold(pairs))).toBe(1);
  });

  it("never accepts what could not be compared", () => {
    const pairs = [
      { same: true, similarity: -Infinity },
      { same: true, similarity: 0.2 },
    ];
    expect(accuracyAt(pairs, bestThreshold(pairs))).toBe(0.5);
  });
});

describe("cross-validation", () => {
  it("takes each fold's threshold from the others", () => {
    // Fold 0 alone would be told right with 0.6, the others say 0.3.
    const pairs: ScoredPair[] = [
      { fold: 0, same: true, similarity: 0.7 },
      { fold: 0, same: false, similarity: 0.5 },
      { fold: 1, same: true, similarity: 0.4 },
      { fold: 1, same: false, similarity: 0.2 },
      { fold: 2, same: true, similarity: 0.4 },
      { fold: 2, same: false, similarity: 0.2 },
    ];
    const found = foldAccuracy(pairs)!;
    expect(found.folds.map(({ accuracy }) => accuracy)).toEqual([0.5, 1, 1]);
    expect(found.folds[0]!.threshold).toBeCloseTo(0.3, 12);
    expect(found.accuracy).toBeCloseTo(5 / 6, 12);
    // Deviations of -1/3, 1/6, 1/6: variance 1/12 with n - 1, by 3 folds.
    expect(found.standardError).toBeCloseTo(Math.sqrt(1 / 36), 12);
  });

  it("needs two folds", () => {
    expect(foldAccuracy([{ fold: 4, same: true, similarity: 1 }])).toBeNull();
  });
});
