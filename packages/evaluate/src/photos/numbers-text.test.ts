import fc from "fast-check";
import { expect, it } from "vitest";
import { numbersText, textOfNumbers } from "./numbers-text.js";

it("numbers come back as they were", () => {
  fc.assert(
    fc.property(fc.float32Array({ noNaN: true, noDefaultInfinity: true }), (numbers) => {
      expect(numbersText.parse(textOfNumbers(numbers))).toEqual(numbers);
    }),
  );
});

it("they are float32, little-endian, in base64", () => {
  expect(textOfNumbers(Float32Array.of(1, -2))).toBe(
    Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]).toString("base64"),
  );
});

it.each(["A", "AAAA", "AAAAAA==AAAA", "????????", "AAAAAAA", textOfNumbers(Float32Array.of(NaN))])(
  "%j is no list of numbers",
  (text) => {
    expect(numbersText.safeParse(text).success).toBe(false);
  },
);
