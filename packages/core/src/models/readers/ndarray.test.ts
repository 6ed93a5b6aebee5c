import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, countOf, decodeNumbers, type NdArray, toC } from "./ndarray.js";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("decodeNumbers", () => {
  const cases: [string, Uint8Array, "f" | "i" | "u", number, boolean, number[]][] = [
    // Halves: 1, -2, the largest, the smallest subnormal, infinity (IEEE 754, table of binary16).
    [
      "f2",
      bytes(0, 0x3c, 0, 0xc0, 0xff, 0x7b, 1, 0, 0, 0x7c),
      "f",
      2,
      true,
      [1, -2, 65504, 2 ** -24, Infinity],
    ],
    ["big f2", bytes(0x3c, 0), "f", 2, false, [1]],
    ["f4", bytes(0, 0, 0x80, 0x3f), "f", 4, true, [1]],
    ["big f4", bytes(0x3f, 0x80, 0, 0), "f", 4, false, [1]],
    ["f8", bytes(0, 0, 0, 0, 0, 0, 0xf0, 0xbf), "f", 8, true, [-1]],
    ["i2", bytes(0xfe, 0xff), "i", 2, true, [-2]],
    ["big u4", bytes(0, 0, 1, 2), "u", 4, false, [258]],
    ["i8", bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "i", 8, true, [-1]],
    ["big u8", bytes(0, 0, 0, 1, 0, 0, 0, 0), "u", 8, false, [2 ** 32]],
  ];
  test.each(cases)("reads %s", (_, data, kind, size, littleEndian, want) => {
    const format = { kind, size, littleEndian };
    expect(Array.from(decodeNumbers(data, format, "It"))).toEqual(want);
    // At an odd offset too, where no view is possible.
    const shifted = Buffer.concat([Buffer.of(0), data]).subarray(1);
    const before = Buffer.from(shifted);
    expect(Array.from(decodeNumbers(shifted, format, "It"))).toEqual(want);
    expect(shifted.equals(before)).toBe(true);
  });

  test("refuses unknown formats and odd lengths", () => {
    const read = (kind: "f" | "i", size: number, length: number) => () =>
      decodeNumbers(new Uint8Array(length), { kind, size, littleEndian: true }, "The thing");
    expect(read("f", 3, 9)).toThrow(/The thing .*f3/);
    expect(read("f", 16, 16)).toThrow(/f16/);
    expect(read("f", 4, 9)).toThrow(/9 bytes/);
  });
});

test("countOf multiplies, and refuses what is no shape", () => {
  expect(countOf([])).toBe(1);
  expect(countOf([3, 0])).toBe(0);
  expect(countOf([3, 4, 5])).toBe(60);
  for (const shape of [[-1], [1.5], [2 ** 30, 2 ** 30], [Number.NaN], [2 ** 53, 0]]) {
    expect(countOf(shape)).toBeNaN();
  }
});

/** Random arrays of up to four dimensions. */
const arrays = fc
  .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
  .map((shape): NdArray => {
    const data = Float32Array.from({ length: countOf(shape) }, (_, i) => i + 1);
    return { shape, data, order: "F" };
  });

test("toC puts the element of every index where C has it", () => {
  fc.assert(
    fc.property(arrays, (array) => {
      const { shape, data } = array;
      const c = toC(array);
      expect(c.order).toBe("C");
      for (let at = 0; at < data.length; at++) {
        let [rest, target] = [at, 0];
        const index = shape.map((n) => {
          const i = rest % n;
          rest = Math.floor(rest / n);
          return i;
        });
        for (const [d, i] of index.entries()) target = target * shape[d]! + i;
        expect(c.data[target]).toBe(data[at]);
      }
    }),
    { seed: 1 },
  );
});

test("columnsOf gives the same columns from either order", () => {
  const dimension = fc.integer({ min: 1, max: 150 });
  fc.assert(
    fc.property(dimension, fc.integer({ min: 1, max: 9 }), (rows, columns) => {
      const data = Float32Array.from({ length: rows * columns }, (_, i) => i);
      const scales = Float32Array.from({ length: columns }, (_, k) => k - 2);
      const fortran: NdArray = { shape: [rows, columns], data, order: "F" };
      const got = columnsOf(fortran, scales);
      expect(columnsOf(toC(fortran), scales)).toEqual(got);
      for (let k = 0; k < columns; k++) {
        for (let r = 0; r < rows; r++) expect(got[k * rows + r]).toBe((k * rows + r) * (k - 2));
      }
    }),
    { seed: 2, numRuns: 30 },
  );
});
