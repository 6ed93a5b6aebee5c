/** The two tests of every function of one operand: its value, and its first and second gradient. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Graph } from "../src/graph/graph.js";
import { sizeOf } from "../src/graph/shape.js";
import type { Tensor } from "../src/graph/tensor.js";
import { checkGradients, generator } from "./finite-differences.js";
import { away, expectClose, shapes, valuesOf } from "./properties.js";

export interface SmoothFunction {
  readonly build: (x: Tensor) => Tensor;
  /** The same in plain arithmetic. */
  readonly value: (x: number) => number;
  readonly low?: number;
  readonly high?: number;
  /** How far samples stay from kinks. */
  readonly by?: number;
  /** Where it is not smooth. */
  readonly kinks?: readonly number[];
}

export function testFunction(
  { build, value, kinks = [], ...interval }: SmoothFunction,
  runs: { readonly seed: number; readonly numRuns: number },
): void {
  const sample = (seed: number, size: number) => away(generator(seed), size, kinks, interval);

  it("has its value", () => {
    fc.assert(
      fc.property(shapes(0, 4), fc.integer(), (shape, seed) => {
        const x = new Graph().input("x", "float64", shape);
        const data = sample(seed, x.size);
        expect(build(x).shape).toEqual(shape);
        expectClose(valuesOf(build(x), [[x, data]]), data.map(value));
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(shapes(0, 4, 3), fc.integer(), (shape, seed) =>
        checkGradients({
          inputs: { x: { shape, data: sample(seed, sizeOf(shape)) } },
          build: ({ x }) => build(x!),
          random: generator(seed),
        }),
      ),
      runs,
    );
  });
}
