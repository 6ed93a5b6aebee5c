import { evaluate, Graph } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { noise } from "../../test/network-values.js";
import { colourLoss, detailLoss } from "./texture-losses.js";

type Loss = typeof colourLoss;

/** Of `n x 3 x size x size` each, and a mask `n x 1 x size x size`. */
function lossOf(
  loss: Loss,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  mask: ArrayLike<number>,
  n = 1,
) {
  const size = Math.sqrt(mask.length / n);
  const graph = new Graph();
  const of = (values: ArrayLike<number>, channels: number) =>
    graph.constant(Float32Array.from(values), "float32", [n, channels, size, size]);
  const result = loss(of(a, 3), of(b, 3), of(mask, 1));
  expect(result.size).toBe(1);
  return evaluate([result], new Map())[0]![0]!;
}

describe("colourLoss", () => {
  it("is the mean absolute difference of what is seen", () => {
    const size = 32;
    const a = noise(3 * size * size, 1);
    // By 0.5 everywhere, in both directions.
    const b = a.map((value, i) => value + (i % 2 ? 0.5 : -0.5));
    const mask = Array.from({ length: size * size }, (_, i) => (i % size < 16 ? 1 : 0));
    const seen = 3 * 16 * size;
    expect(lossOf(colourLoss, a, b, mask)).toBeCloseTo((0.5 * seen) / (seen + 1), 6);
    expect(lossOf(colourLoss, a, a, mask)).toBe(0);
  });

  it("counts by confidence, over all pictures of a batch, and nothing where it is 0", () => {
    const a = new Float32Array(2 * 3 * 4);
    const b = Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? 1 : 3));
    expect(lossOf(colourLoss, a, b, [1, 1, 0, 0, 0.5, 0, 0, 0], 2)).toBeCloseTo(
      (3 * (1 + 1 + 0.5 * 3)) / (3 * 2.5 + 1),
      6,
    );
    expect(lossOf(colourLoss, a, b, new Float32Array(8), 2)).toBe(0);
  });
});

describe("detailLoss", () => {
  const SIZE = 32;
  const all = new Float32Array(SIZE * SIZE).fill(1);
  /** Grain of an amplitude by place, which has no coarser octave. */
  const checkers = (amplitude: (row: number, column: number) => number) =>
    Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
      const [row, column] = [Math.floor(i / SIZE) % SIZE, i % SIZE];
      return 0.5 + ((row + column) % 2 ? 1 : -1) * amplitude(row, column);
    });
  const least = 0.1 / 255;
  const deviation = (amplitude: number) => Math.sqrt(amplitude ** 2 + least ** 2);

  it("is the difference in strength, not in pattern", () => {
    const real = checkers(() => 0.1);
    const other = real.map((value) => 1 - value);
    // What is seen is divided by the mask's sum and a thousandth.
    expect(lossOf(detailLoss, other, real, all)).toBeLessThan(1e-4);
    const weaker = checkers(() => 0.03);
    const expected = deviation(0.1) - deviation(0.03);
    expect(lossOf(detailLoss, weaker, real, all)).toBeCloseTo(expected, 4);
    expect(lossOf(detailLoss, real, weaker, all)).toBeCloseTo(expected, 4);
  });

  it("sees the two finest octaves and no coarser one", () => {
    const plain = new Float32Array(3 * SIZE * SIZE).fill(0.5);
    const blocks = (side: number) =>
      plain.map((value, i) => {
        const [row, column] = [Math.floor(i / SIZE) % SIZE, i % SIZE];
        const odd = (Math.floor(row / side) + Math.floor(column / side)) % 2;
        return value + (odd ? 0.1 : -0.1);
      });
    const expected = deviation(0.1) - deviation(0);
    expect(lossOf(detailLoss, plain, blocks(1), all)).toBeCloseTo(expected, 4);
    // The coarser of the two counts three times.
    expect(lossOf(detailLoss, plain, blocks(2), all)).toBeCloseTo(3 * expected, 3);
    expect(lossOf(detailLoss, plain, blocks(4), all)).toBeLessThan(1e-6);
  });

  it("takes bare skin's strength, six tenths of the mean of what is seen, for what is not", () => {
    // Seen at the left, where it is 0.1; what the right half holds must not matter.
    const mask = all.map((_, i) => (i % SIZE < 16 ? 1 : 0));
    const real = checkers((_, column) => (column < 16 ? 0.1 : 0.4));
    const bare = checkers((_, column) => (column < 16 ? 0.1 : 0.06));
    expect(lossOf(detailLoss, bare, real, mask)).toBeLessThan(3e-4);
    const flatRight = checkers((_, column) => (column < 16 ? 0.1 : 0));
    // Of all cells half are wrong.
    const expected = (0.6 * deviation(0.1) - deviation(0)) / 2;
    expect(lossOf(detailLoss, flatRight, real, mask)).toBeCloseTo(expected, 3);
  });

  it("takes a cell's own strength where half of it is seen", () => {
    const real = checkers((row) => (row < 16 ? 0.02 : 0.2));
    const half = all.map((_, i) => (i % 2 ? 1 : 0));
    expect(lossOf(detailLoss, real, real, half)).toBeLessThan(4e-4);
  });

  it("wants each cell's own strength where it is seen", () => {
    const real = checkers((row) => (row < 16 ? 0.02 : 0.2));
    const even = checkers(() => Math.sqrt((0.02 ** 2 + 0.2 ** 2) / 2));
    expect(lossOf(detailLoss, real, real, all)).toBeLessThan(1e-4);
    expect(lossOf(detailLoss, even, real, all)).toBeGreaterThan(0.05);
  });
});
