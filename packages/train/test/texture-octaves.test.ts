import { randomNormals } from "@ganfit/core";
import { expect, test } from "vitest";
import { octaveSquares, REACH, trustedSkin, weightedMean } from "../bench/texture-octaves.js";

const SIZE = 128;

/** Mean squares over what no border reaches, of one value for all channels. */
function energies(value: (x: number, y: number) => number): [number, number] {
  const colour = Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
    const texel = Math.floor(i / 3);
    return value(texel % SIZE, Math.floor(texel / SIZE));
  });
  const inner = trustedSkin(
    Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
      i % SIZE > 0 && i % SIZE < SIZE - 1 && i >= SIZE && i < SIZE * (SIZE - 1) ? 1 : 0,
    ),
    new Float32Array(SIZE * SIZE).fill(1),
    SIZE,
  );
  const [finest, next] = octaveSquares({ size: SIZE, colour });
  return [weightedMean(finest, inner), weightedMean(next, inner)];
}

const wave = (length: number) => (x: number) => Math.SQRT2 * Math.sin((2 * Math.PI * x) / length);

test.each([
  ["2.7", 2.7, [1, 0]],
  ["5.6", 5.6, [0, 1]],
  ["16", 16, [0, 0]],
])("a wave of %s texels has its energy in its own octave", (_, length, expected) => {
  const along = wave(length);
  for (const found of [energies((x) => along(x)), energies((_, y) => along(y))]) {
    found.forEach((value, octave) => {
      expect(Math.abs(value - expected[octave]!)).toBeLessThan(0.05);
    });
  }
});

test("half of the amplitude passes at the border of two octaves", () => {
  const [finest, next] = energies(wave(4));
  expect(Math.sqrt(finest)).toBeCloseTo(0.5, 1);
  expect(Math.sqrt(next)).toBeCloseTo(0.5, 1);
});

test("white noise has energy as the octaves have area among all frequencies", () => {
  const noise = randomNormals(SIZE * SIZE, 1);
  const [finest, next] = energies((x, y) => noise[y * SIZE + x]!);
  expect(Math.abs(finest - 0.75)).toBeLessThan(0.06);
  expect(Math.abs(next - 3 / 16)).toBeLessThan(0.06);
});

test("an even colour and a ramp have none", () => {
  for (const value of energies((x, y) => 0.5 + 0.01 * x - 0.02 * y)) {
    expect(value).toBeLessThan(1e-9);
  }
});

test("only texels whose whole surroundings are trusted count", () => {
  const skin = new Float32Array(SIZE * SIZE).fill(1);
  const confidence = skin.slice();
  const [x, y] = [60, 70];
  confidence[y * SIZE + x] = 0.5;
  const trusted = trustedSkin(skin, confidence, SIZE);
  expect(trusted[y * SIZE + x + REACH]).toBe(0);
  expect(trusted[(y - REACH) * SIZE + x]).toBe(0);
  expect(trusted[y * SIZE + x + 2 * REACH]).toBe(1);
});
