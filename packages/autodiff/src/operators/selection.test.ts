import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import { broadcastable, broadcastElement, coordinates, valuesOf } from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { range, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import { cast } from "./layout.js";
import {
  and,
  equal,
  greater,
  greaterOrEqual,
  IsNaN,
  less,
  lessOrEqual,
  not,
  or,
  Where,
  where,
  xor,
} from "./selection.js";

const runs = { seed: 25, numRuns: 30 };

type Build = (a: Tensor, b: Tensor) => Tensor;
type Test = (a: number, b: number) => boolean;

const COMPARISONS: Readonly<Record<string, readonly [Build, Test]>> = {
  Equal: [equal, (a, b) => a === b],
  Greater: [greater, (a, b) => a > b],
  GreaterOrEqual: [greaterOrEqual, (a, b) => a >= b],
  Less: [less, (a, b) => a < b],
  LessOrEqual: [lessOrEqual, (a, b) => a <= b],
};
const LOGIC: Readonly<Record<string, readonly [Build, Test]>> = {
  And: [and, (a, b) => a + b === 2],
  Or: [or, (a, b) => a + b > 0],
  Xor: [xor, (a, b) => a + b === 1],
};

/** Whole numbers, so that ties are common. */
const wholes = (random: () => number, size: number, count: number) =>
  uniform(random, size, 0, count).map(Math.floor);

describe.each([
  ...Object.entries(COMPARISONS).map((entry) => [...entry, "float64", 3] as const),
  ...Object.entries(LOGIC).map((entry) => [...entry, "bool", 2] as const),
])("%s", (type, [build, test], dtype, count) => {
  it("compares element by element, with broadcasting", () => {
    fc.assert(
      fc.property(broadcastable(2), fc.integer(), ([p, q], seed) => {
        const graph = new Graph();
        const random = generator(seed);
        const [a, b] = [graph.input("a", dtype, p!), graph.input("b", dtype, q!)];
        const [left, right] = [wholes(random, a.size, count), wholes(random, b.size, count)];
        const y = build(a, b);
        expect(y.dtype).toBe("bool");
        const expected = range(y.size).map((flat) => {
          const index = coordinates(flat, y.shape);
          const pair = [broadcastElement(left, p!, index), broadcastElement(right, q!, index)];
          return test(pair[0]!, pair[1]!) ? 1 : 0;
        });
        const feeds = [[a, left] as const, [b, right] as const];
        expect(valuesOf(y, feeds)).toEqual(expected);
      }),
      runs,
    );
  });

  it("names itself and both shapes when they do not broadcast", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", dtype, [2, 3]), graph.input("b", dtype, [4])];
    expect(() => build(a, b)).toThrow(
      `${type} "${type}": shapes do not broadcast (inputs [2,3], [4])`,
    );
  });
});

describe("predicates", () => {
  it("Not and IsNaN", () => {
    const graph = new Graph();
    const flag = graph.input("flag", "bool", [2]);
    expect(valuesOf(not(flag), [[flag, [0, 1]]])).toEqual([1, 0]);
    const x = graph.input("x", "float64", [3]);
    expect(
      valuesOf(x.graph.apply(IsNaN, [x], {})[0]!, [[x, [Number.NaN, 0, Number.POSITIVE_INFINITY]]]),
    ).toEqual([1, 0, 0]);
  });

  it("nothing flows through them", () => {
    const x = new Graph().input("x", "float64", [3]);
    const mask = cast(greater(x, 0), "float64");
    const [g] = gradients(mul(mask, x), [x], { cotangent: mask });
    expect(valuesOf(g!, [[x, [-1, 2, 3]]])).toEqual([0, 1, 1]);
  });

  it("those that are symmetric are one node in either order", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "bool", [2]), graph.input("b", "bool", [2])];
    for (const build of [equal, and, or, xor]) expect(build(a, b)).toBe(build(b, a));
    expect(greater(cast(a, "int32"), cast(b, "int32"))).not.toBe(
      greater(cast(b, "int32"), cast(a, "int32")),
    );
  });

  it("take a number on either side", () => {
    const x = new Graph().input("x", "int64", [3]);
    expect(valuesOf(less(1, x), [[x, [0, 1, 2]]])).toEqual([0, 0, 1]);
    expect(valuesOf(less(x, 1), [[x, [0, 1, 2]]])).toEqual([1, 0, 0]);
    expect(() => less(1, 2)).toThrow(TypeError);
  });
});

describe("Where", () => {
  it("selects, with its gradient, whatever broadcasts", () => {
    fc.assert(
      fc.property(broadcastable(3), fc.integer(), ([c, p, q], seed) => {
        const random = generator(seed);
        const condition = wholes(random, sizeOf(c!), 2);
        const build = ({ a, b }: Record<string, Tensor>, graph: Graph) =>
          where(graph.constant([...condition], "bool", c!), mul(a!, a!), mul(b!, b!));
        checkGradients({ inputs: { a: { shape: p! }, b: { shape: q! } }, build, random });
        const graph = new Graph();
        const [a, b] = [graph.input("a", "float64", p!), graph.input("b", "float64", q!)];
        const [left, right] = [uniform(random, a.size), uniform(random, b.size)];
        const y = where(graph.constant([...condition], "bool", c!), a, b);
        const expected = range(y.size).map((flat) => {
          const index = coordinates(flat, y.shape);
          return broadcastElement(condition, c!, index) === 1
            ? broadcastElement(left, p!, index)
            : broadcastElement(right, q!, index);
        });
        const feeds = [[a, left] as const, [b, right] as const];
        expect(valuesOf(y, feeds)).toEqual(expected);
      }),
      runs,
    );
  });

  it("keeps what was not taken from spoiling the gradient", () => {
    const x = new Graph().input("x", "float64", [2]);
    const [g] = gradients(where(greater(x, 0), x, 7), [x], { cotangent: x });
    expect(valuesOf(g!, [[x, [-1, 2]]])).toEqual([0, 2]);
  });

  it("names what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const flag = graph.input("flag", "bool", [4]);
    expect(() => where(x, x, x)).toThrow(/Where "Where": condition is float32, not bool/);
    expect(() => where(flag, x, x)).toThrow(/do not broadcast \(inputs \[4\], \[2,3\], \[2,3\]\)/);
    const other = graph.input("other", "float64", [2, 3]);
    expect(() => graph.apply(Where, [flag, x, other], {})).toThrow(
      /element types differ: float32, float64/,
    );
  });
});
