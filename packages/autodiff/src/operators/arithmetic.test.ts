import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import {
  away,
  broadcastable,
  broadcastElement,
  coordinates,
  distinct,
  expectClose,
  typesOf,
  valuesOf,
} from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import {
  add,
  div,
  Max,
  Mean,
  Min,
  maximum,
  minimum,
  mul,
  neg,
  Pow,
  pow,
  Sum,
  sub,
  sum,
} from "./arithmetic.js";
import { expand, reduceSum } from "./broadcasting.js";
import { reduceMean } from "./reduction.js";

interface Leaf {
  /** A constant of one element, of up to three axes; otherwise an input. */
  readonly constant: number | null;
  readonly rank: number;
  /** Repeated by Expand. */
  readonly wide: boolean;
}

type Fill = (random: () => number, size: number) => Float64Array;

const anything: Fill = (random, size) => uniform(random, size);
const positive: Fill = (random, size) => uniform(random, size, 0.3, 2);
const nonzero: Fill = (random, size) => away(random, size, [0], { by: 0.3 });

interface Case {
  readonly build: (a: Tensor, b: Tensor) => Tensor;
  readonly value: (a: number, b: number) => number;
  readonly fill?: readonly [Fill, Fill];
}

const BINARY: Readonly<Record<string, Case>> = {
  Add: { build: add, value: (a, b) => a + b },
  Sub: { build: sub, value: (a, b) => a - b },
  Mul: { build: mul, value: (a, b) => a * b },
  Div: { build: div, value: (a, b) => a / b, fill: [anything, nonzero] },
  Pow: { build: pow, value: (a, b) => a ** b, fill: [positive, anything] },
};

const EXTREMA: Readonly<Record<string, Case>> = {
  Max: { build: maximum, value: (a, b) => Math.max(a, b) },
  Min: { build: minimum, value: (a, b) => Math.min(a, b) },
};

const runs = { seed: 22, numRuns: 25 };

describe.each(Object.entries({ ...BINARY, ...EXTREMA }))("%s", (type, { build, value, fill }) => {
  const data = (seed: number, sizes: readonly number[]): Float64Array[] => {
    const random = generator(seed);
    if (fill) return sizes.map((size, i) => fill[i]!(random, size));
    const all = distinct(random, sizes[0]! + sizes[1]!);
    return [all.slice(0, sizes[0]), all.slice(sizes[0])];
  };

  it("has its value", () => {
    fc.assert(
      fc.property(broadcastable(2), fc.integer(), ([p, q], seed) => {
        const graph = new Graph();
        const [a, b] = [graph.input("a", "float64", p!), graph.input("b", "float64", q!)];
        const [left, right] = data(seed, [a.size, b.size]) as [Float64Array, Float64Array];
        const y = build(a, b);
        const expected = Array.from({ length: y.size }, (_, flat) => {
          const index = coordinates(flat, y.shape);
          return value(broadcastElement(left, p!, index), broadcastElement(right, q!, index));
        });
        const feeds = [[a, left] as const, [b, right] as const];
        expectClose(valuesOf(y, feeds), expected);
      }),
      runs,
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(broadcastable(2), fc.integer(), ([p, q], seed) => {
        const [left, right] = data(seed, [sizeOf(p!), sizeOf(q!)]);
        checkGradients({
          inputs: { a: { shape: p!, data: left! }, b: { shape: q!, data: right! } },
          build: ({ a, b }) => build(a!, b!),
          random: generator(seed),
        });
      }),
      runs,
    );
  });

  it("names itself, the node and both shapes when they do not broadcast", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float32", [2, 3]), graph.input("b", "float32", [4])];
    expect(() => build(a, b)).toThrow(
      `${type} "${type}": shapes do not broadcast (inputs [2,3], [4])`,
    );
    expect(() => graph.scope("layer", () => build(a, b))).toThrow(`${type} "layer/${type}`);
  });
});

describe("several operands", () => {
  it("Sum, Mean, Max, Min take any number", () => {
    const values = {
      Sum: (...x: number[]) => x.reduce((a, b) => a + b),
      Mean: (...x: number[]) => x.reduce((a, b) => a + b) / x.length,
      Max: Math.max,
      Min: Math.min,
    };
    const count = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(count.chain(broadcastable), fc.integer(), (all, seed) => {
        const data = distinct(generator(seed), 200);
        for (const definition of [Sum, Mean, Max, Min]) {
          const graph = new Graph();
          const xs = all.map((shape, i) => graph.input(`x${i}`, "float64", shape));
          const feeds = xs.map((x, i) => [x, data.slice(40 * i, 40 * i + x.size)] as const);
          if (xs.some((x) => x.size > 40)) return;
          const y = graph.apply(definition, xs, {})[0]!;
          const f = values[definition.type as keyof typeof values];
          const expected = Array.from({ length: y.size }, (_, flat) => {
            const index = coordinates(flat, y.shape);
            return f(...feeds.map(([x, own]) => broadcastElement(own, x.shape, index)));
          });
          expectClose(valuesOf(y, feeds), expected);
          checkGradients({
            inputs: Object.fromEntries(
              feeds.map(([x, own]) => [x.name, { shape: x.shape, data: own }]),
            ),
            build: (tensors, own) => own.apply(definition, Object.values(tensors), {})[0]!,
            random: generator(seed),
          });
        }
      }),
      { ...runs, numRuns: 15 },
    );
  });
});

describe("Neg", () => {
  it("has its value and gradient", () => {
    checkGradients({
      inputs: { x: { shape: [2, 3] } },
      build: ({ x }) => mul(neg(x!), neg(mul(x!, x!))),
      random: generator(1),
    });
    const x = new Graph().input("x", "float64", [2]);
    expect(valuesOf(neg(x), [[x, [1, -2]]])).toEqual([-1, 2]);
  });
});

describe("special arguments", () => {
  const gradientsAt = (
    build: (a: Tensor, b: Tensor) => Tensor,
    [a, b]: readonly [number, number],
  ) => {
    const graph = new Graph();
    const [x, y] = [graph.input("x", "float64", []), graph.input("y", "float64", [])];
    const feeds = [[x, [a]] as const, [y, [b]] as const];
    return gradients(build(x, y), [x, y]).map((tensor) => valuesOf(tensor, feeds)[0]);
  };

  it("Max and Min halve the cotangent on a tie", () => {
    expect(gradientsAt(maximum, [3, 3])).toEqual([0.5, 0.5]);
    expect(gradientsAt(minimum, [3, 3])).toEqual([0.5, 0.5]);
    expect(gradientsAt(maximum, [3, 2])).toEqual([1, 0]);
    expect(gradientsAt(minimum, [3, 2])).toEqual([0, 1]);
    expect(gradientsAt((x) => maximum(x, x), [3, 2])[0]).toBe(1);
  });

  it("the gradient of Pow by its exponent is 0 where the base is not positive", () => {
    expect(gradientsAt(pow, [-2, 2])).toEqual([-4, 0]);
    expect(gradientsAt(pow, [0, 2])).toEqual([0, 0]);
  });

  it("constant exponents may be negative, fractional, whole or zero", () => {
    for (const exponent of [-2, -1, -0.5, 0, 0.5, 1, 2, 3]) {
      checkGradients({
        inputs: { x: { shape: [3], data: Float64Array.of(0.5, 1.2, 2) } },
        build: ({ x }) => pow(x!, exponent),
        random: generator(2),
      });
    }
    for (const exponent of [1, 2, 3, 4]) {
      checkGradients({
        inputs: { x: { shape: [3], data: Float64Array.of(-0.5, 0, 2) } },
        build: ({ x }) => pow(x!, exponent),
        random: generator(2),
      });
    }
    expect(gradientsAt((x) => pow(x, 0), [0, 0])[0]).toBe(0);
  });

  it("the exponent of Pow may have another element type", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [2]);
    for (const dtype of ["int64", "float32"] as const) {
      const exponent = graph.input(dtype, dtype, [2]);
      const y = graph.apply(Pow, [x, exponent], {})[0]!;
      expect(y.dtype).toBe("float64");
      const feeds = [[x, [2, 3]] as const, [exponent, [3, 2]] as const];
      expect(valuesOf(y, feeds)).toEqual([8, 9]);
      const [g] = gradients(reduceSum(y), [x]);
      expect(valuesOf(g!, feeds)).toEqual([12, 6]);
    }
  });

  it("a float exponent of another type has a gradient of its own type", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", []);
    const exponent = graph.input("exponent", "float32", []);
    const [g] = gradients(graph.apply(Pow, [x, exponent], {})[0]!, [exponent]);
    expect(g!.dtype).toBe("float32");
  });

  it("integers divide toward zero", () => {
    const graph = new Graph();
    const a = graph.constant([7, -7], "int64");
    expect(valuesOf(div(a, 2))).toEqual([3, -3]);
  });

  it("element types must agree", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float32", [2]), graph.input("b", "float64", [2])];
    expect(() => add(a, b)).toThrow(/Add "Add": element types differ: float32, float64/);
  });
});

describe("simplifications", () => {
  const graph = new Graph();
  const x = graph.input("x", "float64", [2, 3]);
  const column = graph.input("column", "float64", [2, 1]);

  it("neutral elements leave the other operand", () => {
    const equal = [
      add(x, 0),
      add(0, x),
      sub(x, 0),
      mul(x, 1),
      mul(1, x),
      div(x, 1),
      pow(x, 1),
      neg(neg(x)),
      graph.apply(Max, [x], {})[0]!,
      graph.apply(Sum, [x], {})[0]!,
    ];
    for (const tensor of equal) expect(tensor).toBe(x);
  });

  it("neutral elements of a larger shape still repeat it", () => {
    const [one, zero] = [
      graph.constant(1, "float64", [1, 1, 1]),
      graph.constant(0, "float64", [1, 1, 1]),
    ];
    for (const tensor of [mul(x, one), add(zero, x), sub(x, zero), div(x, one), pow(x, one)]) {
      expect(tensor.shape).toEqual([1, 2, 3]);
      expect(valuesOf(tensor, [[x, [1, 2, 3, 4, 5, 6]]])).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it("constants are folded, and constant factors are gathered into one", () => {
    expect(add(graph.constant([1, 2], "float64"), 3).data).toEqual(Float64Array.of(4, 5));
    const product = mul(3, mul(mul(x, 2), 5));
    expect(product).toBe(mul(x, 30));
    const shaped = mul(graph.constant(3, "float64", [1, 1, 1]), mul(x, 2));
    expect(valuesOf(shaped, [[x, [1, 2, 3, 4, 5, 6]]])).toEqual([6, 12, 18, 24, 30, 36]);
    expect(shaped.shape).toEqual([1, 2, 3]);
  });

  it("a product with itself has one term of gradient", () => {
    const square = mul(x, x);
    const [g] = gradients(square, [x], { cotangent: x });
    expect(typesOf(g!)).toEqual(["Mul", "Mul"]);
    expect(valuesOf(g!, [[x, [1, 2, 3, 4, 5, 6]]])).toEqual([2, 8, 18, 32, 50, 72]);
  });

  it("equal subexpressions are one, operands of sums and products in any order", () => {
    const sine = add(x, column);
    expect(add(column, x)).toBe(sine);
    expect(mul(column, x)).toBe(mul(x, column));
    expect(sub(column, x)).not.toBe(sub(x, column));
    expect(sum([x, column, x])).toBe(sum([x, column, x]));
    expect(typesOf(mul(add(x, column), add(column, x)))).toEqual(["Add", "Mul"]);
  });

  it("a repeated operand is not repeated beforehand", () => {
    for (const build of [add, sub, mul, div]) {
      const wide = expand(column, [2, 3]);
      expect(build(x, wide)).toBe(build(x, column));
      expect(build(wide, x)).toBe(build(column, x));
      expect(build(wide, 2)).toBe(expand(build(column, 2), [2, 3]));
      expect(build(2, wide)).toBe(expand(build(2, column), [2, 3]));
    }
  });

  it("the gradient of a mean of squares is one product", () => {
    const [g] = gradients(reduceMean(mul(x, x)), [x]);
    expect(typesOf(g!)).toEqual(["Mul"]);
  });

  it("never change a value", () => {
    const builds: readonly (readonly [Case["build"], Case["value"]])[] = [
      ...Object.values(BINARY).slice(0, 4),
      EXTREMA.Max!,
    ].map(({ build, value }) => [build, value]);
    const operand: fc.Arbitrary<Leaf> = fc.record({
      constant: fc.option(fc.constantFrom(0, 1, 2, -3)),
      rank: fc.nat(3),
      wide: fc.boolean(),
    });
    const chain = fc.array(fc.tuple(fc.nat(builds.length - 1), operand, fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    });
    let checked = 0;
    fc.assert(
      fc.property(chain, broadcastable(5), fc.integer(), (steps, all, seed) => {
        const own = new Graph();
        const random = generator(seed);
        const target = all.reduce<readonly number[]>(
          (a, b) => add(own.input("p", "float64", a), own.input("q", "float64", b)).shape,
          [],
        );
        const feeds: [Tensor, Float64Array][] = [];
        const leaf = (i: number, { constant, rank, wide }: Leaf) => {
          const shape = constant === null ? all[i]! : new Array<number>(rank).fill(1);
          const data =
            constant === null ? away(random, sizeOf(shape), [0]) : Float64Array.of(constant);
          const source =
            constant === null
              ? own.input("x", "float64", shape)
              : own.constant(data, "float64", shape);
          if (constant === null) feeds.push([source, data]);
          const tensor = wide && rank <= target.length ? expand(source, target) : source;
          const value = (index: readonly number[]) =>
            broadcastElement(data, shape, [0, 0, 0, ...index]);
          return { tensor, value };
        };
        let { tensor, value } = leaf(0, { constant: null, rank: 0, wide: true });
        steps.forEach(([which, given, swap], i) => {
          const [build, f] = builds[which]!;
          const other = leaf(i + 1, given);
          const before = value;
          // Division by something that may be zero is turned round.
          const turned = swap && build !== div;
          if (build === div && given.constant === 0) return;
          tensor = turned ? build(other.tensor, tensor) : build(tensor, other.tensor);
          value = (index) =>
            turned ? f(other.value(index), before(index)) : f(before(index), other.value(index));
        });
        const expected = Array.from({ length: tensor.size }, (_, flat) =>
          value(coordinates(flat, tensor.shape)),
        );
        expectClose(valuesOf(tensor, feeds), expected);
        checked += 1;
      }),
      { seed: 5, numRuns: 400 },
    );
    expect(checked).toBeGreaterThan(390);
  });
});
