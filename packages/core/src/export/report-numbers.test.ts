import fc from "fast-check";
import { expect, it } from "vitest";
import { decimals, float32, rowsOf } from "./report-numbers.js";

it("prints float32 numbers so that they come back the same", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = JSON.stringify(float32(value));
      expect(Math.fround(JSON.parse(text)) === value).toBe(true);
    }),
    { seed: 4 },
  );
  expect(JSON.stringify([Math.fround(0.1), Math.fround(1 / 3), -2].map(float32))).toBe(
    "[0.1,0.33333334,-2]",
  );
});

it("knows no negative zero, and makes rows", () => {
  expect(Object.is(decimals(-0.0001, 2), 0)).toBe(true);
  expect(rowsOf(Float32Array.of(1.234, 2, 3, 4), 2, 1)).toEqual([
    [1.2, 2],
    [3, 4],
  ]);
});
