import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  mean,
  median,
  percentile,
  percentiles,
  populationDeviation,
  sampleDeviation,
} from "./statistics.js";

describe("statistics", () => {
  test("numpy's documented examples", () => {
    // numpy.mean, std, median and percentile, "Examples" of their reference pages.
    const a = [1, 2, 3, 4];
    expect(mean(a)).toBe(2.5);
    expect(populationDeviation(a)).toBe(1.118033988749895);
    const b = [10, 7, 4, 3, 2, 1];
    expect(median(b)).toBe(3.5);
    expect(percentile(b, 50)).toBe(3.5);
  });

  test("what numpy 2.4 prints for numbers that divide badly", () => {
    const values = [0.1, 0.7, 0.2, 1.9, 1.3, 0.4, 0.3];
    expect(percentiles(values, [0, 10, 33.3, 90, 99.9, 100])).toEqual([
      0.1, 0.16000000000000003, 0.29979999999999996, 1.5400000000000003, 1.8964000000000003, 1.9,
    ]);
    expect(mean(values)).toBeCloseTo(0.7, 15);
    expect(sampleDeviation(values)).toBeCloseTo(0.6658328118479392, 14);
  });

  test("closed forms of 1 to n", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), fc.integer({ min: 0, max: 100 }), (n, p) => {
        const values = Float32Array.from({ length: n }, (_, i) => n - i);
        expect(mean(values)).toBeCloseTo((n + 1) / 2, 10);
        expect(populationDeviation(values)).toBeCloseTo(Math.sqrt((n * n - 1) / 12), 9);
        expect(sampleDeviation(values)).toBeCloseTo(Math.sqrt((n * (n + 1)) / 12), 9);
        expect(percentile(values, p)).toBeCloseTo(1 + ((n - 1) * p) / 100, 10);
      }),
    );
  });

  test("neither order nor the caller's array matter", () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  test("NaN of nothing, and where a number is NaN", () => {
    for (const figure of [mean, median, populationDeviation, sampleDeviation]) {
      expect(figure([])).toBeNaN();
      expect(figure([1, Number.NaN, 2])).toBeNaN();
    }
    expect(sampleDeviation([1])).toBeNaN();
    expect(populationDeviation([1])).toBe(0);
    expect(percentile([7], 25)).toBe(7);
  });
});
