import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { sizeOf } from "../graph/shape.js";
import { lowerAveragePool } from "../lowering/pooling.js";
import {
  AveragePool,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  MaxPool,
  maxPool,
  maxPoolWithIndices,
} from "./pooling.js";

const runs = { seed: 14, numRuns: 40 };

/** One or two spatial axes with windows that fit, and always meet the input. */
const pools = fc
  .record({
    axes: fc.array(
      fc.record({
        size: fc.integer({ min: 3, max: 6 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        begin: fc.integer({ min: 0, max: 1 }),
        end: fc.integer({ min: 0, max: 1 }),
        dilation: fc.integer({ min: 1, max: 2 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 2 }),
    ceil_mode: fc.constantFrom(0, 1),
    auto_pad: fc.constantFrom("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
  })
  .filter(({ axes, auto_pad }) =>
    axes.every(
      ({ size, kernel, begin, end, dilation }) =>
        (kernel - 1) * dilation + 1 <= size + (auto_pad === "VALID" ? 0 : begin + end) &&
        begin < kernel &&
        end < kernel,
    ),
  )
  .map(({ axes, batch, channels, ceil_mode, auto_pad }) => ({
    shape: [batch, channels, ...axes.map(({ size }) => size)],
    kernel: axes.map(({ kernel }) => kernel),
    attributes: {
      strides: axes.map(({ stride }) => stride),
      dilations: axes.map(({ dilation }) => dilation),
      ceil_mode,
      ...(auto_pad === "NOTSET"
        ? { pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)] }
        : { auto_pad }),
    },
  }));

/** Distinct values, further apart than the step of the differences, in random order. */
function distinct(random: () => number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => i / size).sort(() => random() - 0.5);
}

describe("gradients", () => {
  it("of AveragePool", () => {
    fc.assert(
      fc.property(pools, fc.constantFrom(0, 1), fc.integer(), (pool, count_include_pad, seed) => {
        const { shape, kernel, attributes } = pool;
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => averagePool(x!, kernel, { ...attributes, count_include_pad }),
          random: generator(seed),
        });
      }),
      runs,
    );
  });

  it("of AveragePool over tiles", () => {
    checkGradients({
      inputs: { x: { shape: [2, 2, 4, 6] } },
      build: ({ x }) => averagePool(x!, [2, 3], { strides: [2, 3] }),
      random: generator(1),
    });
  });

  it("of MaxPool", () => {
    fc.assert(
      fc.property(pools, fc.integer(), ({ shape, kernel, attributes }, seed) => {
        const random = generator(seed);
        checkGradients({
          inputs: { x: { shape, data: distinct(random, sizeOf(shape)) } },
          build: ({ x }) => maxPool(x!, kernel, attributes),
          random,
        });
      }),
      runs,
    );
  });

  it("of the global pools", () => {
    const random = generator(5);
    const shape = [2, 3, 2, 2];
    const inputs = { x: { shape, data: distinct(random, sizeOf(shape)) } };
    checkGradients({ inputs, build: ({ x }) => globalAveragePool(x!), random });
    checkGradients({ inputs, build: ({ x }) => globalMaxPool(x!), random });
  });
});

describe("values", () => {
  const ramp = (graph: Graph, shape: readonly number[]) =>
    graph.constant(
      Array.from({ length: sizeOf(shape) }, (_, i) => i + 1),
      "float64",
      shape,
    );
  const values = (tensor: ReturnType<typeof ramp>) => [...evaluate([tensor], new Map())[0]!];

  it("count the padding only when asked, and never what hangs over it", () => {
    const x = ramp(new Graph(), [1, 1, 3]);
    const pads = [1, 1];
    expect(values(averagePool(x, [3], { pads }))).toEqual([1.5, 2, 2.5]);
    expect(values(averagePool(x, [3], { pads, count_include_pad: 1 }))).toEqual([1, 2, 5 / 3]);
    const over = { strides: [2], ceil_mode: 1, count_include_pad: 1 };
    expect(values(averagePool(x, [2], over))).toEqual([1.5, 3]);
  });

  it("give flat indices into the whole tensor, the first on a tie", () => {
    const graph = new Graph();
    const x = graph.constant([1, 2, 2, 0, 5, 4, 3, 5], "float64", [1, 2, 2, 2]);
    const [y, indices] = maxPoolWithIndices(x, [2, 2]);
    expect(values(y)).toEqual([2, 5]);
    expect(values(indices)).toEqual([1, 4]);
  });

  it("drop a window that would start in the padding", () => {
    const x = ramp(new Graph(), [1, 1, 3]);
    expect(maxPool(x, [2], { strides: [3], pads: [0, 1], ceil_mode: 1 }).shape).toEqual([1, 1, 1]);
  });

  it("of averages agree with what they are lowered to", () => {
    fc.assert(
      fc.property(pools, fc.constantFrom(0, 1), (pool, count_include_pad) => {
        const graph = new Graph();
        const x = graph.input("x", "float64", pool.shape);
        const data = Float64Array.from({ length: x.size }, (_, i) => Math.sin(i));
        const y = averagePool(x, pool.kernel, { ...pool.attributes, count_include_pad });
        const lowered = lowerAveragePool(y.producer as never);
        if (!lowered) return;
        const [as, bs] = evaluate([y, lowered[0]!], new Map([[x, data]]));
        as!.forEach((a, i) => {
          expect(bs![i]).toBeCloseTo(a, 10);
        });
      }),
      { ...runs, numRuns: 100 },
    );
  });
});

describe("errors", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 2, 3, 4]);

  it("name what does not fit", () => {
    expect(() => averagePool(graph.input("v", "float32", [3, 4]), [2])).toThrow(/\[N, C, spatial/);
    expect(() => averagePool(x, [2])).toThrow(/kernel_shape \[2\] must be 2 positive integers/);
    expect(() => averagePool(x, [2, 2], { strides: [0, 1] })).toThrow(/strides \[0,1\]/);
    expect(() => averagePool(x, [5, 1])).toThrow(/larger than the padded input/);
    expect(() => averagePool(x, [2, 2], { pads: [2, 0, 0, 0] })).toThrow(/nothing but padding/);
    expect(() => averagePool(x, [2, 2], { auto_pad: "SAME" })).toThrow(/auto_pad "SAME"/);
    expect(() => graph.apply(AveragePool, [x], {})).toThrow(/kernel_shape is missing/);
    const columns = { kernel_shape: [2, 2], storage_order: 1 };
    expect(() => graph.apply(MaxPool, [x], columns)).toThrow(/column-major/);
    expect(() => globalAveragePool(graph.input("w", "float32", [3]))).toThrow(/\[N, C, spatial/);
  });
});
