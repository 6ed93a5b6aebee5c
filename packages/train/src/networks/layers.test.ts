import { evaluate, Graph, reduceMean, type Shape, type Tensor } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { noise, valuesOf } from "../../test/network-values.js";
import { blended, convolution, dense, halved, pixelNorm, withBatchDeviation } from "./layers.js";

function evaluated(values: readonly number[], shape: Shape, layer: (x: Tensor) => Tensor) {
  const graph = new Graph();
  const result = layer(graph.constant(Float32Array.from(values), "float32", shape));
  return { shape: result.shape, values: [...evaluate([result], new Map())[0]!] };
}

function close(found: readonly number[], expected: readonly number[], digits = 6): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
}

describe("pixelNorm", () => {
  it("gives every pixel's features a mean square of 1", () => {
    // Two pixels of two features each: (3, 4) and (0, -2).
    const { values } = evaluated([3, 0, 4, -2], [1, 2, 1, 2], pixelNorm);
    close(values, [3 / Math.sqrt(12.5), 0, 4 / Math.sqrt(12.5), -Math.SQRT2]);
  });

  it("brings a latent to the sphere of radius sqrt(n), and leaves zeros", () => {
    const { values } = evaluated([...noise(32, 1), ...new Float32Array(32)], [2, 32], pixelNorm);
    const squares = values.map((value) => value * value);
    expect(squares.slice(0, 32).reduce((a, b) => a + b)).toBeCloseTo(32, 4);
    expect(values.slice(32).every((value) => value === 0)).toBe(true);
  });
});

describe("withBatchDeviation", () => {
  it("adds the mean over features and places of the deviation over the batch", () => {
    // Two pictures of 2 x 1 x 2: deviations |a - b| / 2 are 1, 2, 0, 3.
    const pictures = [1, 2, 3, 4, 3, -2, 3, 10];
    const { shape, values } = evaluated(pictures, [2, 2, 1, 2], withBatchDeviation);
    expect(shape).toEqual([2, 3, 1, 2]);
    close(values.slice(0, 4), pictures.slice(0, 4));
    close(values.slice(6, 10), pictures.slice(4));
    // The zero counts as the square root of the epsilon.
    for (const found of [values.slice(4, 6), values.slice(10)]) close(found, [1.5, 1.5], 4);
  });

  it("adds next to nothing to pictures that are all the same", () => {
    const one = [...noise(8, 3)];
    const { values } = evaluated([...one, ...one, ...one], [3, 2, 2, 2], withBatchDeviation);
    close(values.slice(8, 12), [1e-4, 1e-4, 1e-4, 1e-4], 8);
  });
});

describe("halved", () => {
  it("takes means over blocks of 2 x 2", () => {
    const { shape, values } = evaluated([1, 2, 5, 0, 3, 6, 0, 3], [1, 1, 2, 4], halved);
    expect(shape).toEqual([1, 1, 1, 2]);
    close(values, [3, 2]);
  });
});

it("blends from the first to the second", () => {
  for (const share of [0, 0.25, 1]) {
    const graph = new Graph();
    const constant = (...values: number[]) =>
      graph.constant(Float32Array.from(values), "float32", [values.length]);
    const [found] = evaluate([blended(constant(2, 4), constant(6, 0), constant(share))], new Map());
    close([...found!], [2 + 4 * share, 4 - 4 * share]);
  }
});

describe("equalised learning rates", () => {
  const mean = (values: Float64Array, of: (value: number) => number) =>
    values.reduce((sum, value) => sum + of(value), 0) / values.length;

  it.each<[string, (gain: number) => Float64Array]>([
    [
      "convolution",
      (gain) =>
        valuesOf((weights, graph) => {
          const x = graph.constant(noise(4 * 16 * 64, 5), "float32", [4, 16, 8, 8]);
          return { y: convolution(weights, "a", x, 32, { gain, padding: 0 }) };
        }).y,
    ],
    [
      "dense",
      (gain) =>
        valuesOf((weights, graph) => {
          const x = graph.constant(noise(128 * 64, 6), "float32", [128, 64]);
          return { y: dense(weights, "a", x, 64, { gain }) };
        }).y,
    ],
  ])("%s gives unit input the variance of its gain squared", (_, outputs) => {
    for (const gain of [1, Math.SQRT2, 0.5]) {
      const y = outputs(gain);
      expect(Math.abs(mean(y, (v) => v))).toBeLessThan(0.1 * gain);
      expect(mean(y, (v) => v * v) / gain ** 2).toBeGreaterThan(0.9);
      expect(mean(y, (v) => v * v) / gain ** 2).toBeLessThan(1.1);
    }
  });

  it("is a plain convolution with the weight times gain / sqrt(inputs)", () => {
    const x = [...noise(9, 7)];
    const values = { "c/weight": noise(9, 8), "c/bias": Float32Array.of(0.25) };
    const { y } = valuesOf((weights, graph) => {
      const input = graph.constant(x, "float32", [1, 1, 3, 3]);
      return { y: convolution(weights, "c", input, 1, { gain: 3 }) };
    }, values);
    // At the middle all nine weights meet all nine pixels.
    const product = x.reduce((sum, value, i) => sum + value * values["c/weight"][i]!, 0);
    expect(y[4]).toBeCloseTo(0.25 + product, 5);
    // At a corner zeros are around it.
    const [a, b, c, d] = [4, 5, 7, 8].map((i) => values["c/weight"][i]!);
    expect(y[0]).toBeCloseTo(0.25 + a! * x[0]! + b! * x[1]! + c! * x[3]! + d! * x[4]!, 5);
  });

  it("begins a layer that adds nothing where that is asked for", () => {
    const { y } = valuesOf((weights, graph) => {
      const x = graph.constant(noise(8, 1), "float32", [1, 8]);
      return { y: reduceMean(dense(weights, "a", x, 4, { initial: 0 })) };
    });
    expect(y[0]).toBe(0);
  });
});
