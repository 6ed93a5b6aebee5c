import { beforeAll, expect, test } from "vitest";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import { addDetail } from "./add-detail.js";
import { type FaceRegions, faceRegions } from "./face-regions.js";

const SIZE = 256;
const COUNT = SIZE * SIZE;
const SKIN = [0.7, 0.5, 0.42];

let regions: FaceRegions;
beforeAll(async () => {
  regions = faceRegions(await loadUvFrame(), SIZE);
});

const place = (i: number) => [(i % SIZE) / SIZE, Math.floor(i / SIZE) / SIZE] as const;
const near = (i: number, u: number, v: number) => Math.hypot(place(i)[0] - u, place(i)[1] - v);

function texture(at: (i: number) => number) {
  return {
    size: SIZE,
    colour: Float32Array.from(
      { length: 3 * COUNT },
      (_, n) => SKIN[n % 3]! * at(Math.floor(n / 3)),
    ),
  };
}

const BASE = texture(() => 1);
const red = (colour: Float32Array, u: number, v: number) =>
  colour[3 * (Math.round(v * SIZE) * SIZE + Math.round(u * SIZE))]! / SKIN[0]!;

test("a mole is carried over, light and what is not sure are not", () => {
  const seen = {
    // Light from the left over all, a mole on each cheek, and a glint.
    ...texture((i) => {
      const light = 1.25 - 0.5 * place(i)[0];
      const mole = near(i, 0.37, 0.6) < 0.012 || near(i, 0.63, 0.6) < 0.012 ? 0.5 : 1;
      const glint = near(i, 0.5, 0.25) < 0.012 ? 1.6 : 1;
      return light * mole * glint;
    }),
    confidence: Float32Array.from({ length: COUNT }, (_, i) => (place(i)[0] < 0.55 ? 1 : 0)),
  };
  const { colour } = addDetail(BASE, seen, regions);
  expect(red(colour, 0.37, 0.6)).toBeLessThan(0.75);
  expect(red(colour, 0.63, 0.6)).toBeCloseTo(1, 5);
  expect(red(colour, 0.5, 0.25)).toBeLessThan(1.15);
  for (const [u, v] of [
    [0.3, 0.5],
    [0.4, 0.7],
    [0.45, 0.85],
  ] as const) {
    expect(Math.abs(red(colour, u, v) - 1)).toBeLessThan(0.02);
  }
});

test("the border of a shadow is not carried over", () => {
  const seen = {
    ...texture((i) => (place(i)[0] < 0.4 ? 0.6 : 1)),
    confidence: new Float32Array(COUNT).fill(1),
  };
  const { colour } = addDetail(BASE, seen, regions);
  for (let u = 0.36; u < 0.44; u += 1 / SIZE) {
    expect(Math.abs(red(colour, u, 0.62) - 1)).toBeLessThan(0.08);
  }
});

test("the same texture adds nothing, and sizes must agree", () => {
  const seen = { ...BASE, confidence: new Float32Array(COUNT).fill(1) };
  const { colour } = addDetail(BASE, seen, regions);
  expect(Math.max(...[0.3, 0.5, 0.7].map((u) => Math.abs(red(colour, u, 0.6) - 1)))).toBeLessThan(
    1e-3,
  );
  expect(() => addDetail({ size: 2, colour: new Float32Array(12) }, seen, regions)).toThrow(
    /256 x 256/,
  );
});
