import fc from "fast-check";
import { expect, test } from "vitest";
import { byteOfLinear, LINEAR_OF_BYTE, linearToSrgb, luminance, srgbToLinear } from "./colour.js";

const SEED = { seed: 3 };

test("the curve of IEC 61966-2-1", () => {
  expect(srgbToLinear(0)).toBe(0);
  expect(srgbToLinear(1)).toBe(1);
  expect(srgbToLinear(0.02)).toBeCloseTo(0.02 / 12.92, 15);
  // Middle grey: 18 % of the light is byte 118 (117.6).
  expect(255 * linearToSrgb(0.18)).toBeCloseTo(117.646, 2);
  expect(srgbToLinear(0.5)).toBeCloseTo(0.21404114048, 10);
  expect(luminance(1, 1, 1)).toBeCloseTo(1, 12);
});

test("both ways give the value back", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
      expect(linearToSrgb(srgbToLinear(value))).toBeCloseTo(value, 6);
    }),
    SEED,
  );
});

test("every byte comes back from its light", () => {
  for (let byte = 0; byte < 256; byte++) expect(byteOfLinear(LINEAR_OF_BYTE[byte]!)).toBe(byte);
});

test("light becomes the nearest byte", () => {
  fc.assert(
    fc.property(fc.double({ min: -0.5, max: 1.5, noNaN: true }), (light) => {
      const exact = 255 * linearToSrgb(Math.min(1, Math.max(0, light)));
      expect(Math.abs(byteOfLinear(light) - exact)).toBeLessThanOrEqual(0.5 + 1e-5);
    }),
    { ...SEED, numRuns: 5000 },
  );
  expect(byteOfLinear(Number.NaN)).toBe(0);
});
