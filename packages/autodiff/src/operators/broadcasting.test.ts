import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import {
  broadcastElement,
  coordinates,
  expectClose,
  shapes,
  typesOf,
  valuesOf,
} from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { range } from "../graph/shape.js";
import { mul } from "./arithmetic.js";
import { expand, fill, ReduceSum, reduceSum, tile, unbroadcast } from "./broadcasting.js";
import { reshape } from "./layout.js";

const runs = { seed: 24, numRuns: 40 };

/** A shape and one it expands to. */
const expansions = fc
  .tuple(shapes(0, 4, 3), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(4))
  .map(([target, ones, drop]) => ({
    target,
    shape: target.map((dim, axis) => (ones[axis] ? 1 : dim)).slice(Math.max(0, drop - 2)),
  }));

const reductions = shapes(0, 4, 3).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.option(fc.shuffledSubarray(range(shape.length)), { nil: undefined }),
    negative: fc.boolean(),
    keepdims: fc.boolean(),
  }),
);

const tilings = shapes(1, 3, 3).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    repeats: fc.array(fc.nat(3), { minLength: shape.length, maxLength: shape.length }),
  }),
);

describe("Expand", () => {
  it("repeats", () => {
    fc.assert(
      fc.property(expansions, ({ shape, target }) => {
        const x = new Graph().input("x", "float64", shape);
        const y = expand(x, target);
        expect(y.shape).toEqual(target);
        const expected = range(y.size).map((flat) =>
          broadcastElement(range(x.size), shape, coordinates(flat, target)),
        );
        expect(valuesOf(y, [[x, range(x.size)]])).toEqual(expected);
        if (x.size === y.size) expect(y).toBe(reshape(x, target));
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(expansions, fc.integer(), ({ shape, target }, seed) =>
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => mul(expand(mul(x!, x!), target), expand(x!, target)),
          random: generator(seed),
        }),
      ),
      runs,
    );
  });

  it("keeps axes that are larger than what is asked for", () => {
    const x = new Graph().input("x", "float64", [2, 3]);
    expect(expand(x, [1])).toBe(x);
    expect(expand(x, [4, 1, 1]).shape).toEqual([4, 2, 3]);
  });

  it("names what does not fit", () => {
    const x = new Graph().input("x", "float64", [2, 3]);
    expect(() => expand(x, [2, 4])).toThrow(
      'Expand "Expand": cannot expand to [2,4] (inputs [2,3])',
    );
  });
});

describe("fill", () => {
  it("repeats a number in the element type of another tensor", () => {
    const x = new Graph().input("x", "float64", [2]);
    expect(fill(x, 3).dtype).toBe("float64");
    expect(valuesOf(fill(x, 3))).toEqual([3, 3]);
    expect(fill(x, 3, [0, 2]).shape).toEqual([0, 2]);
  });
});

describe("ReduceSum", () => {
  it("adds what shares its place on the other axes", () => {
    fc.assert(
      fc.property(reductions, fc.integer(), ({ shape, axes, negative, keepdims }, seed) => {
        const x = new Graph().input("x", "float64", shape);
        const data = uniform(generator(seed), x.size);
        const signed = axes?.map((axis) => (negative ? axis - shape.length : axis));
        const y = reduceSum(x, signed, keepdims);
        const gone = axes ?? range(shape.length);
        const kept = shape.map((dim, axis) => (gone.includes(axis) ? 1 : dim));
        expect(y.shape).toEqual(keepdims ? kept : kept.filter((_, axis) => !gone.includes(axis)));
        const expected = new Float64Array(y.size);
        data.forEach((value, flat) => {
          const index = coordinates(flat, shape).map((i, axis) => (gone.includes(axis) ? 0 : i));
          expected[kept.reduce((at, dim, axis) => at * dim + index[axis]!, 0)]! += value;
        });
        expectClose(valuesOf(y, [[x, data]]), expected);
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(reductions, fc.integer(), ({ shape, axes, keepdims }, seed) =>
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => reduceSum(mul(x!, mul(x!, x!)), axes, keepdims),
          random: generator(seed),
        }),
      ),
      runs,
    );
  });

  it("over nothing, or axes of size one, only reshapes", () => {
    const x = new Graph().input("x", "float64", [1, 3]);
    expect(reduceSum(x, [])).toBe(x);
    expect(reduceSum(x, [0], true)).toBe(x);
    expect(reduceSum(x, [0])).toBe(reshape(x, [3]));
    const noop = { axes: [], noop_with_empty_axes: 1 };
    expect(x.graph.apply(ReduceSum, [x], noop)[0]).toBe(x);
    expect(x.graph.apply(ReduceSum, [x], { axes: [] })[0]!.shape).toEqual([1, 1]);
    expect(x.graph.apply(ReduceSum, [x], { keepdims: 0 })[0]!.shape).toEqual([]);
  });

  it("names what does not fit", () => {
    const x = new Graph().input("x", "float64", [2, 3]);
    expect(() => reduceSum(x, [2])).toThrow(/ReduceSum "ReduceSum": axis 2 is outside rank 2/);
    expect(() => reduceSum(x, [0, -2])).toThrow(/axes \[0,-2\] repeat \(inputs \[2,3\]\)/);
  });

  it("undoes a broadcast in one node", () => {
    const x = new Graph().input("x", "float64", [4, 2, 3]);
    expect(unbroadcast(x, [4, 2, 3])).toBe(x);
    expect(typesOf(unbroadcast(x, [2, 1]))).toEqual(["ReduceSum", "Reshape"]);
    expect(unbroadcast(x, [3])).toBe(reduceSum(x, [0, 1]));
  });
});

describe("Tile", () => {
  it("repeats whole axes", () => {
    fc.assert(
      fc.property(tilings, ({ shape, repeats }) => {
        const x = new Graph().input("x", "float64", shape);
        const y = tile(x, repeats);
        const larger = shape.map((dim, axis) => dim * repeats[axis]!);
        expect(y.shape).toEqual(larger);
        const expected = range(y.size).map((flat) => {
          const index = coordinates(flat, larger);
          return shape.reduce((at, dim, axis) => at * dim + (index[axis]! % dim), 0);
        });
        expect(valuesOf(y, [[x, range(x.size)]])).toEqual(expected);
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(tilings, fc.integer(), ({ shape, repeats }, seed) => {
        fc.pre(!repeats.includes(0));
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }) => tile(mul(x!, x!), repeats),
          random: generator(seed),
        });
      }),
      runs,
    );
    const x = new Graph().input("x", "float64", [2]);
    const [g] = gradients(tile(x, [0]), [x], { cotangent: x.graph.constant([], "float64") });
    expect(valuesOf(g!)).toEqual([0, 0]);
  });

  it("names what does not fit", () => {
    const x = new Graph().input("x", "float64", [2, 3]);
    expect(() => tile(x, [2])).toThrow(
      'Tile "Tile": repeats [2] need one count per axis (inputs [2,3])',
    );
    expect(() => tile(x, [2, -1])).toThrow(/repeats \[2,-1\]/);
  });
});
