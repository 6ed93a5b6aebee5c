import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { GridSample, type GridSampleOptions, gridSample } from "./gridsample.js";

const runs = { seed: 15, numRuns: 40 };
const dim = fc.integer({ min: 1, max: 4 });
const options: fc.Arbitrary<Required<GridSampleOptions>> = fc.record({
  mode: fc.constantFrom("bilinear" as const, "nearest" as const),
  padding: fc.constantFrom("zeros" as const, "border" as const, "reflection" as const),
  alignCorners: fc.boolean(),
});

/** Grid coordinates whose pixel positions stay away from whole and half numbers, where kinks lie. */
function smoothGrid(
  random: () => number,
  shape: readonly [number, number, number, number],
  sizes: readonly [number, number],
  alignCorners: boolean,
): Float64Array {
  const [n, h, w] = shape;
  return Float64Array.from({ length: n * h * w * 2 }, (_, i) => {
    const size = sizes[i % 2]!;
    const half = Math.floor((random() * 4 - 1.5) * 2 * size) / 2;
    const position = half + 0.1 + 0.3 * random();
    if (!alignCorners) return (2 * position + 1) / size - 1;
    return size === 1 ? random() : (2 * position) / (size - 1) - 1;
  });
}

describe("gridSample", () => {
  it("differentiates twice, by image and grid", () => {
    fc.assert(
      fc.property(
        fc.tuple(dim, dim, dim, dim, dim),
        fc.integer({ min: 1, max: 2 }),
        options,
        fc.integer(),
        ([c, h, w, rows, columns], n, choice, seed) => {
          const random = generator(seed);
          const shape = [n, rows, columns, 2] as const;
          const data = smoothGrid(random, shape, [w, h], choice.alignCorners);
          checkGradients({
            inputs: { x: { shape: [n, c, h, w] }, grid: { shape, data } },
            build: ({ x, grid }) => gridSample(x!, grid!, choice),
            random,
          });
        },
      ),
      runs,
    );
  });

  const sample = (x: readonly number[], u: readonly number[], choice: GridSampleOptions) => {
    const graph = new Graph();
    const image = graph.constant([...x], "float64", [1, 1, 1, x.length]);
    const grid = graph.constant(
      u.flatMap((v) => [v, 0]),
      "float64",
      [1, 1, u.length, 2],
    );
    return [...evaluate([gridSample(image, grid, choice)], new Map())[0]!];
  };

  it("places the ends of the grid on edges or on centres", () => {
    expect(sample([1, 2, 3, 4], [-1, -0.75, 0, 1], {})).toEqual([0.5, 1, 2.5, 2]);
    expect(sample([1, 2, 3, 4], [-1, 0, 1], { alignCorners: true })).toEqual([1, 2.5, 4]);
  });

  it("continues the image by its padding", () => {
    const outside = [-1.5, 1.25];
    expect(sample([1, 2, 3, 4], outside, { padding: "zeros" })).toEqual([0, 0]);
    expect(sample([1, 2, 3, 4], outside, { padding: "border" })).toEqual([1, 4]);
    expect(sample([1, 2, 3, 4], outside, { padding: "reflection" })).toEqual([1.5, 4]);
    const corners = { padding: "reflection", alignCorners: true } as const;
    expect(sample([1, 2, 3], [-2, 2.5], corners)).toEqual([2, 1.5]);
  });

  it("rounds halves to even when it takes the nearest", () => {
    const nearest = { mode: "nearest", alignCorners: true } as const;
    expect(sample([1, 2, 3], [-0.5, 0.5, 0.6], nearest)).toEqual([1, 3, 3]);
  });

  it("reads opset 20's name for bilinear", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 1, 2, 2]);
    const grid = graph.input("grid", "float32", [1, 3, 3, 2]);
    expect(graph.apply(GridSample, [x, grid], { mode: "linear" })[0]).toBe(gridSample(x, grid));
  });

  it("says what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 3, 8, 8]);
    const grid = graph.input("grid", "float32", [1, 4, 4, 2]);
    const apply = (attributes: object) => () =>
      graph.apply(GridSample, [x, grid], { ...attributes });
    expect(apply({ mode: "cubic" })).toThrow(/mode "cubic" is not supported/);
    expect(apply({ padding_mode: "wrap" })).toThrow(/padding_mode "wrap"/);
    expect(() => gridSample(x, graph.input("g", "float32", [2, 4, 4, 2]))).toThrow(/\[1,H',W',2\]/);
    expect(() => gridSample(graph.input("v", "float32", [1, 3, 8]), grid)).toThrow(
      /\[N, C, H, W\]/,
    );
    expect(() => gridSample(x, graph.input("d", "float64", [1, 4, 4, 2]))).toThrow(/types differ/);
  });
});
