import { expect, test } from "vitest";
import { farthest } from "../../test/painted-face.js";
import { lowBand } from "./smooth-field.js";

const SIZE = 128;

function filled(value: (x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
    value((i % SIZE) + 0.5, Math.floor(i / SIZE) + 0.5),
  );
}

test("constants stay, and ramps stay away from the borders", () => {
  expect(
    lowBand(
      filled(() => 0.3),
      SIZE,
      1,
      8,
    ).every((v) => Math.abs(v - 0.3) < 1e-6),
  ).toBe(true);
  const low = lowBand(
    filled((x, y) => 2 * x - y),
    SIZE,
    1,
    8,
  );
  let most = 0;
  for (let y = 16; y < SIZE - 16; y++) {
    for (let x = 16; x < SIZE - 16; x++) {
      most = Math.max(most, Math.abs(low[y * SIZE + x]! - 2 * (x + 0.5) + (y + 0.5)));
    }
  }
  expect(most).toBeLessThan(1e-3);
});

test("waves pass by the response of a box and a quadratic spline", () => {
  const cell = 4;
  for (const length of [64, 32, 16]) {
    const wave = filled((x) => Math.cos((2 * Math.PI * x) / length));
    const low = lowBand(wave, SIZE, 1, cell);
    let [product, power] = [0, 0];
    for (let i = 0; i < wave.length; i++) {
      product += low[i]! * wave[i]!;
      power += wave[i]! ** 2;
    }
    // Of a box of n texels the discrete sinc; of the spline between cells the cube of the sinc.
    const f = 1 / length;
    const box = Math.sin(Math.PI * f * cell) / (cell * Math.sin(Math.PI * f));
    const spline = (Math.sin(Math.PI * f * cell) / (Math.PI * f * cell)) ** 3;
    expect(product / power).toBeCloseTo(box * spline, 1);
  }
});

test("channels do not touch each other", () => {
  const one = filled((x, y) => Math.sin(x / 9) * Math.cos(y / 7));
  const two = Float32Array.from({ length: 2 * one.length }, (_, i) => (i % 2 ? one[i >> 1]! : 1));
  const low = lowBand(two, SIZE, 2, 8);
  const alone = lowBand(one, SIZE, 1, 8);
  expect(
    farthest(
      low.filter((_, i) => i % 2 === 1),
      alone,
    ),
  ).toBeLessThan(1e-6);
  expect(
    farthest(
      low.filter((_, i) => i % 2 === 0),
      alone.map(() => 1),
    ),
  ).toBeLessThan(1e-6);
});

test("cells must fill the side", () => {
  expect(() => lowBand(new Float32Array(100), 10, 1, 3)).toThrow(/no cells of 3/);
});
