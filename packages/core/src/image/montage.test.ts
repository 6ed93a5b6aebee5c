import { expect, test } from "vitest";
import type { Image } from "./image.js";
import { contactSheet } from "./montage.js";

const flat = (width: number, height: number, colour: readonly number[]): Image => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3]!),
});
const at = (image: Image, x: number, y: number) => [
  ...image.data.slice(3 * (y * image.width + x), 3 * (y * image.width + x) + 3),
];

test("pictures in rows, each centred in its cell", () => {
  const red = flat(40, 40, [255, 0, 0]);
  const wide = flat(80, 20, [0, 0, 255]);
  const sheet = contactSheet([red, red, wide], {
    columns: 2,
    cell: { width: 40, height: 40 },
    padding: 4,
    background: [9, 9, 9],
  });
  expect([sheet.width, sheet.height]).toEqual([4 + 2 * 44, 4 + 2 * 44]);
  expect(at(sheet, 2, 2)).toEqual([9, 9, 9]);
  expect(at(sheet, 24, 24)).toEqual([255, 0, 0]);
  expect(at(sheet, 46, 24)).toEqual([9, 9, 9]);
  expect(at(sheet, 68, 24)).toEqual([255, 0, 0]);
  // Twice as wide as its cell: 40 x 10, with bands above and below.
  expect(at(sheet, 24, 68)).toEqual([0, 0, 255]);
  expect(at(sheet, 24, 54)).toEqual([9, 9, 9]);
  expect(at(sheet, 24, 82)).toEqual([9, 9, 9]);
  expect(at(sheet, 68, 68)).toEqual([9, 9, 9]);
});

test("labels stand below their pictures and inside their cells", () => {
  const cells = Array.from({ length: 5 }, () => flat(60, 30, [255, 255, 255]));
  const bare = contactSheet(cells, { columns: 3 });
  const labels = ["one", "", "a label much too long for its cell"];
  const sheet = contactSheet(cells, { columns: 3, labels });
  expect(sheet.height).toBeGreaterThan(bare.height);
  const darkIn = (left: number, right: number) => {
    let count = 0;
    for (let y = 8 + 30; y < 8 + 30 + 22; y++) {
      for (let x = left; x < right; x++) if (at(sheet, x, y)[0] === 0) count++;
    }
    return count;
  };
  expect(darkIn(8, 68)).toBeGreaterThan(20);
  expect(darkIn(76, 136)).toBe(0);
  expect(darkIn(144, 204)).toBeGreaterThan(20);
  expect(darkIn(204, sheet.width)).toBe(0);
});

test("transparent pictures show the background", () => {
  const clear = { ...flat(4, 4, [0, 0, 0]), alpha: new Uint8Array(16) };
  const sheet = contactSheet([clear], { background: [1, 200, 3], padding: 0 });
  expect(at(sheet, 2, 2)).toEqual([1, 200, 3]);
});

test("sheets that cannot be", () => {
  const image = flat(4, 4, [0, 0, 0]);
  expect(() => contactSheet([])).toThrow(/needs pictures/);
  expect(() => contactSheet([image], { columns: 0 })).toThrow(/cannot have 0 columns/);
  expect(() => contactSheet([image], { cell: { width: 4.5, height: 4 } })).toThrow(/cannot have/);
  expect(() => contactSheet([image], { padding: -1 })).toThrow(/cannot have/);
});
