import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cumulativeShares, evenSteps } from "./distribution.js";

const numbers = fc.array(fc.integer({ min: -3, max: 12 }), { minLength: 1, maxLength: 60 });
const edges = [0, 1, 2.5, 7, 9];

describe("distribution", () => {
  test("steps end exactly where they should", () => {
    const steps = evenSteps(0.1, 0.7, 6);
    expect([steps[0], steps[6]]).toEqual([0.1, 0.7]);
    expect(steps[3]).toBeCloseTo(0.4, 15);
    expect(evenSteps(-1, 1, 2)).toEqual([-1, 0, 1]);
  });

  test("shares are what counting one by one gives, edges included", () => {
    fc.assert(
      fc.property(numbers, (values) => {
        expect(cumulativeShares(values, edges)).toEqual(
          edges.map((edge) => values.filter((value) => value <= edge).length / values.length),
        );
      }),
    );
  });

  test("NaN lies nowhere", () => {
    expect(cumulativeShares([Number.NaN, 1], [0, 2])).toEqual([0, 0.5]);
  });
});
