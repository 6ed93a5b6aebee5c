import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import {
  away,
  coordinates,
  distinct,
  expectClose,
  shapes,
  typesOf,
  valuesOf,
} from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { range, sizeOf } from "../graph/shape.js";
import { mul } from "./arithmetic.js";
import { expand, reduceSum } from "./broadcasting.js";
import { abs, log } from "./elementary.js";
import { reshape } from "./layout.js";
import {
  ReduceMean,
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSumSquare,
} from "./reduction.js";

type Sampler = (random: () => number, size: number) => Float64Array;

interface Case {
  readonly build: typeof reduceMean;
  readonly value: (group: readonly number[]) => number;
  readonly sample: Sampler;
}

const nonzero: Sampler = (random, size) => away(random, size, [0], { by: 0.2 });
const positive: Sampler = (random, size) => uniform(random, size, 0.2, 2);
const total = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);

const REDUCTIONS: Readonly<Record<string, Case>> = {
  ReduceMean: { build: reduceMean, value: (x) => total(x) / x.length, sample: nonzero },
  ReduceMax: { build: reduceMax, value: (x) => Math.max(...x), sample: distinct },
  ReduceMin: { build: reduceMin, value: (x) => Math.min(...x), sample: distinct },
  ReduceL1: { build: reduceL1, value: (x) => total(x.map(Math.abs)), sample: nonzero },
  ReduceL2: { build: reduceL2, value: (x) => Math.hypot(...x), sample: nonzero },
  ReduceSumSquare: {
    build: reduceSumSquare,
    value: (x) => total(x.map((v) => v * v)),
    sample: nonzero,
  },
  ReduceProd: { build: reduceProd, value: (x) => x.reduce((a, b) => a * b, 1), sample: nonzero },
  ReduceLogSum: { build: reduceLogSum, value: (x) => Math.log(total(x)), sample: positive },
  ReduceLogSumExp: {
    build: reduceLogSumExp,
    value: (x) => Math.log(total(x.map(Math.exp))),
    sample: nonzero,
  },
};

const reductions = shapes(0, 4, 3).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.option(fc.shuffledSubarray(range(shape.length)), { nil: undefined }),
    keepdims: fc.boolean(),
  }),
);

const runs = { seed: 26, numRuns: 30 };

describe.each(Object.entries(REDUCTIONS))("%s", (type, { build, value, sample }) => {
  it("has its value", () => {
    fc.assert(
      fc.property(reductions, fc.integer(), ({ shape, axes, keepdims }, seed) => {
        const x = new Graph().input("x", "float64", shape);
        const data = sample(generator(seed), x.size);
        const gone = axes ?? range(shape.length);
        const kept = shape.map((dim, axis) => (gone.includes(axis) ? 1 : dim));
        const groups: number[][] = range(sizeOf(kept)).map(() => []);
        data.forEach((element, flat) => {
          const index = coordinates(flat, shape).map((i, axis) => (gone.includes(axis) ? 0 : i));
          groups[kept.reduce((at, dim, axis) => at * dim + index[axis]!, 0)]!.push(element);
        });
        const y = build(x, axes, keepdims);
        expect(y.shape).toEqual(keepdims ? kept : kept.filter((_, axis) => !gone.includes(axis)));
        const nothing = axes?.length === 0 || shape.length === 0;
        expectClose(valuesOf(y, [[x, data]]), groups.map(value));
        if (nothing) expect(typesOf(y)).not.toContain(type);
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(reductions, fc.integer(), ({ shape, axes, keepdims }, seed) => {
        const random = generator(seed);
        checkGradients({
          inputs: { x: { shape, data: sample(random, sizeOf(shape)) } },
          build: ({ x }) => build(x!, axes, keepdims),
          random,
        });
      }),
      runs,
    );
  });

  it("names itself, the node and the shape", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(() => build(x, [2])).toThrow(
      `${type} "${type}": axis 2 is outside rank 2 (inputs [2,3])`,
    );
  });
});

describe("special arguments", () => {
  const x = new Graph().input("x", "float64", [2, 3]);
  const gradientAt = (y: ReturnType<typeof reduceMax>, data: readonly number[]) =>
    valuesOf(gradients(reduceSum(y), [x])[0]!, [[x, data]]);

  it("ties of ReduceMax and ReduceMin share the cotangent equally", () => {
    expect(gradientAt(reduceMax(x, [1]), [5, 5, 1, 2, 4, 3])).toEqual([0.5, 0.5, 0, 0, 1, 0]);
    expect(gradientAt(reduceMin(x), [1, 5, 1, 2, 4, 1])).toEqual([1 / 3, 0, 1 / 3, 0, 0, 1 / 3]);
  });

  it("ReduceL2 has gradient 0 at 0, and so has its own gradient", () => {
    expectClose(gradientAt(reduceL2(x, [1]), [0, 0, 0, 0, 3, 4]), [0, 0, 0, 0, 0.6, 0.8]);
    const [first] = gradients(reduceSum(reduceL2(x, [1])), [x]);
    const [second] = gradients(reduceSum(first!), [x]);
    expect(valuesOf(second!, [[x, [0, 0, 0, 0, 3, 4]]]).every(Number.isFinite)).toBe(true);
  });

  it("ReduceL1 has gradient 0 at 0", () => {
    expect(gradientAt(reduceL1(x), [0, 1, -1, 2, -3, 0])).toEqual([0, 1, -1, 1, -1, 0]);
  });

  it("ReduceLogSumExp does not overflow", () => {
    const large = [1000, 1000, 1000, -1000, -1000, -1000];
    expectClose(valuesOf(reduceLogSumExp(x, [1]), [[x, large]]), [
      1000 + Math.log(3),
      -1000 + Math.log(3),
    ]);
  });
});

describe("simplifications", () => {
  const x = new Graph().input("x", "float64", [2, 1, 3]);

  it("over axes of size one, what is done to a single element is left", () => {
    const squeezed = reshape(x, [2, 3]);
    for (const build of [reduceMean, reduceMax, reduceMin, reduceProd, reduceLogSumExp]) {
      expect(build(x, [1])).toBe(squeezed);
    }
    expect(reduceL1(x, [1])).toBe(abs(squeezed));
    expect(reduceL2(x, [1])).toBe(abs(squeezed));
    expect(reduceLogSum(x, [1])).toBe(log(squeezed));
    expect(reduceSumSquare(x, [1], true)).toBe(mul(x, x));
  });

  it("an empty list of axes means all, unless the model says none", () => {
    expect(x.graph.apply(ReduceMean, [x], { axes: [] })[0]!.shape).toEqual([1, 1, 1]);
    const none = { axes: [], noop_with_empty_axes: 1 };
    expect(x.graph.apply(ReduceMean, [x], none)[0]).toBe(x);
  });

  it("a mean's gradient is scaled before it is repeated", () => {
    const [g] = gradients(reduceSum(reduceMean(x, [2])), [x]);
    expect(g).toBe(expand(x.graph.constant(1 / 3, "float64"), x.shape));
  });
});
