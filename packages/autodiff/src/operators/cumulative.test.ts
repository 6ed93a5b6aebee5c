import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import { cumSum, trilu } from "./cumulative.js";

const dim = fc.integer({ min: 1, max: 4 });
const seeds = fc.integer();

function valuesOf(x: Tensor, y: Tensor, values: readonly number[]): number[] {
  return [...evaluate([y], new Map([[x, values]]))[0]!];
}

function check(shape: readonly number[], f: (x: Tensor) => Tensor, seed: number): void {
  checkGradients({
    inputs: { x: { shape } },
    build: ({ x }) => {
      const y = f(x!);
      return mul(y, y);
    },
    random: generator(seed),
  });
}

describe("CumSum", () => {
  it("gives the examples of the ONNX specification", () => {
    const x = new Graph().input("x", "float32", [3]);
    const sums = (options: { exclusive?: boolean; reverse?: boolean }) =>
      valuesOf(x, cumSum(x, 0, options), [1, 2, 3]);
    expect(sums({})).toEqual([1, 3, 6]);
    expect(sums({ exclusive: true })).toEqual([0, 1, 3]);
    expect(sums({ reverse: true })).toEqual([6, 5, 3]);
    expect(sums({ exclusive: true, reverse: true })).toEqual([5, 3, 0]);
  });

  it("runs along any axis", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(valuesOf(x, cumSum(x, 0), [1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 5, 7, 9]);
    expect(valuesOf(x, cumSum(x, -1), [1, 2, 3, 4, 5, 6])).toEqual([1, 3, 6, 4, 9, 15]);
  });

  it("has right first and second adjoints", () => {
    const cases = fc.record({
      shape: fc.array(dim, { minLength: 1, maxLength: 3 }),
      axis: fc.integer({ min: 0, max: 5 }),
      exclusive: fc.boolean(),
      reverse: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, seeds, ({ shape, axis, exclusive, reverse }, seed) => {
        const own = (axis % (2 * shape.length)) - shape.length;
        check(shape, (x) => cumSum(x, own, { exclusive, reverse }), seed);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it("refuses an axis there is not", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(() => cumSum(x, 2)).toThrow(/CumSum.*axis 2 is outside rank 2.*\[2,3\]/);
  });
});

describe("Trilu", () => {
  const shapes = fc.array(dim, { minLength: 2, maxLength: 4 });
  const diagonals = fc.integer({ min: -6, max: 6 });

  it("keeps one side of the diagonal", () => {
    fc.assert(
      fc.property(shapes, diagonals, fc.boolean(), (shape, k, upper) => {
        const x = new Graph().input("x", "float32", shape);
        const ones = new Array<number>(x.size).fill(1);
        const [rows, columns] = shape.slice(-2) as [number, number];
        valuesOf(x, trilu(x, k, upper), ones).forEach((value, flat) => {
          const row = Math.floor(flat / columns) % rows;
          const offset = (flat % columns) - row;
          expect(value).toBe((upper ? offset >= k : offset <= k) ? 1 : 0);
        });
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it("has right first and second adjoints", () => {
    fc.assert(
      fc.property(shapes, diagonals, fc.boolean(), seeds, (shape, k, upper, seed) => {
        check(shape, (x) => trilu(x, k, upper), seed);
      }),
      { seed: 3, numRuns: 30 },
    );
  });

  it("refuses vectors", () => {
    const x = new Graph().input("x", "float32", [3]);
    expect(() => trilu(x)).toThrow("takes matrices");
    expect(() => trilu(new Graph().input("x", "float32", [3, 3]), 0.5)).toThrow("not an integer");
  });
});
