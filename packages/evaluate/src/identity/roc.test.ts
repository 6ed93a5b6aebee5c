import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rocArea, rocCurve, thinnedCurve, trueAcceptRate } from "./roc.js";

/** Few values, so that ties are frequent; some pairs that could not be compared. */
const similarities = fc.array(
  fc.oneof(
    fc.integer({ min: -5, max: 5 }).map((value) => value / 5),
    fc.constant(-Infinity),
  ),
  { minLength: 1, maxLength: 30 },
);

describe("area under the curve", () => {
  it("is how often a pair of one person is more alike, ties counting half", () => {
    fc.assert(
      fc.property(similarities, similarities, (same, different) => {
        let wins = 0;
        for (const a of same) for (const b of different) wins += a > b ? 1 : a === b ? 0.5 : 0;
        expect(rocArea(same, different)).toBeCloseTo(wins / same.length / different.length, 12);
      }),
    );
  });

  it("is the area below the curve's straight pieces", () => {
    fc.assert(
      fc.property(similarities, similarities, (same, different) => {
        const { falseAccepts: x, trueAccepts: y } = rocCurve(same, different);
        let area = 0;
        for (let i = 1; i < x.length; i++) area += ((x[i]! - x[i - 1]!) * (y[i]! + y[i - 1]!)) / 2;
        expect(rocArea(same, different)).toBeCloseTo(area, 12);
      }),
    );
  });

  it("is known for pairs that are told apart wholly, not at all, and wrongly", () => {
    expect(rocArea([0.5, 0.9], [0.1, 0.4])).toBe(1);
    expect(rocArea([0.1, 0.4], [0.5, 0.9])).toBe(0);
    expect(rocArea([0.3, 0.3], [0.3])).toBe(0.5);
    expect(rocArea([], [0.3])).toBeNaN();
  });
});

describe("true-accept rate at a false-accept rate", () => {
  it("is the best that any threshold gives without accepting more pairs of two people", () => {
    const rates = fc.constantFrom(0, 0.001, 0.05, 0.1, 0.34, 1);
    fc.assert(
      fc.property(similarities, similarities, rates, (same, different, rate) => {
        const finite = [...same, ...different].filter((value) => value > -Infinity);
        const share = (list: number[], threshold: number) =>
          list.filter((value) => value >= threshold).length / list.length;
        const best = [...finite, Infinity]
          .filter((threshold) => share(different, threshold) <= rate + 1e-12)
          .reduce((most, threshold) => Math.max(most, share(same, threshold)), 0);
        const found = trueAcceptRate(same, different, rate);
        expect(found.rate).toBeCloseTo(best, 12);
        expect(found.falseAccepts).toBeLessThanOrEqual(rate * different.length + 1e-9);
      }),
    );
  });

  it("accepts three of 3,000 at 0.001, and none of 999", () => {
    const different = Array.from({ length: 3000 }, (_, i) => i / 3000);
    expect(trueAcceptRate([0.998, 0.999], different, 1e-3)).toEqual({
      rate: 0.5,
      above: 2996 / 3000,
      falseAccepts: 3,
    });
    expect(trueAcceptRate([0.5], different.slice(0, 999), 1e-3)).toMatchObject({ falseAccepts: 0 });
  });

  it("refuses all pairs that tie with one that must be refused", () => {
    expect(trueAcceptRate([0.5, 0.6], [0.5, 0.5, 0.1, 0], 0.25)).toEqual({
      rate: 0.5,
      above: 0.5,
      falseAccepts: 0,
    });
  });
});

it("a curve to draw keeps its ends and shape", () => {
  const same = Array.from({ length: 5000 }, (_, i) => Math.sin(i) + 1);
  const different = Array.from({ length: 5000 }, (_, i) => Math.sin(7 * i));
  const whole = rocCurve(same, different);
  const { x, y } = thinnedCurve(whole, 0.01);
  expect([x[0], y[0], x.at(-1), y.at(-1)]).toEqual([0, 0, 1, 1]);
  expect(x.length).toBeLessThan(250);
  const area = x.slice(1).reduce((sum, a, i) => sum + ((a - x[i]!) * (y[i + 1]! + y[i]!)) / 2, 0);
  expect(area).toBeCloseTo(rocArea(same, different), 3);
});
