import { expect, test } from "vitest";
import { boxPoints, draw, labelSize, type Shape } from "./draw.js";
import type { Image } from "./image.js";

const black = (width: number, height: number): Image => ({
  width,
  height,
  data: new Uint8Array(width * height * 3),
});
const WHITE = [255, 255, 255] as const;
/** Area that was painted, pixels. */
const area = (image: Image) => image.data.reduce((sum, value) => sum + value, 0) / (3 * 255);
const valueAt = (image: Image, x: number, y: number) => image.data[3 * (y * image.width + x)]!;

test("a disc has its area and its place", () => {
  for (const radius of [1, 2.5, 6]) {
    const drawn = draw(black(32, 32), [
      { kind: "dots", points: [15.3, 16.8], radius, colour: WHITE },
    ]);
    expect(Math.abs(area(drawn) / (Math.PI * radius ** 2) - 1)).toBeLessThan(0.12);
    let x = 0;
    for (let i = 0; i < 1024; i++) x += ((i % 32) + 0.5) * (drawn.data[3 * i]! / 255);
    expect(x / area(drawn)).toBeCloseTo(15.3, 1);
  }
});

test("a stroke has its length times its width, at any angle", () => {
  for (let degrees = 0; degrees < 360; degrees += 23) {
    const [x, y] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const points = [40 - 25 * x, 40 - 25 * y, 40 + 25 * x, 40 + 25 * y];
    const drawn = draw(black(80, 80), [{ kind: "line", points, width: 3, colour: WHITE }]);
    // And two half discs at its ends.
    expect(Math.abs(area(drawn) / (50 * 3 + Math.PI * 1.5 ** 2) - 1)).toBeLessThan(0.03);
  }
});

test("a closed line has all its sides, an open one lacks the last", () => {
  const box = { kind: "line", points: boxPoints(4, 6, 20, 10), colour: WHITE } as const;
  const closed = draw(black(30, 30), [{ ...box, closed: true }]);
  const open = draw(black(30, 30), [box]);
  for (const [x, y] of [
    [14, 6],
    [23, 10],
    [14, 15],
  ] as const) {
    expect(valueAt(closed, x, y)).toBe(255);
    expect(valueAt(open, x, y)).toBe(255);
  }
  expect(valueAt(closed, 4, 11)).toBe(255);
  expect(valueAt(open, 4, 11)).toBe(0);
  expect(valueAt(closed, 14, 10)).toBe(0);
});

test("what lies outside is left out, and the picture given is not touched", () => {
  const image = black(8, 8);
  const shapes: Shape[] = [
    { kind: "dots", points: [-100, 3, 1e9, 1e9, Number.NaN, 4], colour: WHITE },
    { kind: "line", points: [-1e7, -1e7, 1e7, 1e7], colour: WHITE },
    { kind: "label", text: "far", x: -500, y: 4, colour: WHITE, background: [9, 9, 9] },
    { kind: "line", points: [], colour: WHITE },
  ];
  const drawn = draw(image, shapes);
  for (let i = 0; i < 8; i++) expect(valueAt(drawn, i, i)).toBe(255);
  expect(valueAt(drawn, 7, 0)).toBe(0);
  expect(area(image)).toBe(0);
});

test("a label is as large as it says, in dots as drawn", () => {
  const { width, height } = labelSize("A1", 1);
  expect([width, height]).toEqual([11, 7]);
  const drawn = draw(black(13, 9), [
    { kind: "label", text: "A1", x: 1, y: 1, size: 1, colour: WHITE },
  ]);
  const rows = Array.from({ length: 7 }, (_, y) =>
    Array.from({ length: 11 }, (_, x) => (valueAt(drawn, x + 1, y + 1) ? "#" : ".")).join(""),
  );
  expect(rows).toEqual([
    ".###....#..",
    "#...#..##..",
    "#...#...#..",
    "#...#...#..",
    "#####...#..",
    "#...#...#..",
    "#...#..###.",
  ]);
  const boxed = draw(black(30, 30), [
    { kind: "label", text: "é", x: 5, y: 5, size: 2, colour: WHITE, background: [0, 0, 90] },
  ]);
  const question = draw(black(30, 30), [
    { kind: "label", text: "?", x: 5, y: 5, size: 2, colour: WHITE, background: [0, 0, 90] },
  ]);
  expect(boxed).toEqual(question);
  expect(boxed.data[3 * (3 * 30 + 3) + 2]).toBe(90);
});
