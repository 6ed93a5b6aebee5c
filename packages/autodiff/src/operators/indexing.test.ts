import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import { gradients } from "../differentiate/gradients.js";
import { evaluate } from "../evaluate/evaluate.js";
import type { DType } from "../graph/dtype.js";
import { Graph } from "../graph/graph.js";
import { range, type Shape, sizeOf, stridesOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";
import { mul } from "./arithmetic.js";
import { reduceSum } from "./broadcasting.js";
import {
  gather,
  gatherElements,
  gatherND,
  type ScatterReduction,
  scatterElements,
  scatterND,
} from "./indexing.js";
import { reshape } from "./layout.js";

const runs = (seed: number, numRuns: number) => ({ seed, numRuns });
const seeds = fc.integer();
const dims = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength, maxLength });

/** Random indices of an axis of size `dim`, some counted from the end. */
function indicesOf(random: () => number, size: number, dim: number): number[] {
  return range(size).map(() => Math.floor(random() * 2 * dim) - dim);
}

function shuffled(random: () => number, n: number): number[] {
  const order = range(n).map((i) => ({ i, key: random() }));
  return order.sort((a, b) => a.key - b.key).map(({ i }) => i);
}

/** Constant indices, or computed ones: an input of the graph that `feeds` then holds. */
interface Source {
  readonly graph: Graph;
  readonly feeds: Map<Tensor, ArrayLike<number>>;
}

function data({ graph, feeds }: Source, name: string, shape: Shape, values: ArrayLike<number>) {
  const tensor = graph.input(name, "float64", shape);
  feeds.set(tensor, values);
  return tensor;
}

const source = (): Source => ({ graph: new Graph(), feeds: new Map() });

const valuesOf = (y: Tensor, { feeds }: Source) => [...evaluate([y], feeds)[0]!];

const at = (shape: Shape, index: readonly number[]) => {
  const strides = stridesOf(shape);
  return index.reduce((sum, i, axis) => {
    const dim = shape[axis]!;
    return sum + (i < 0 ? i + dim : i) * strides[axis]!;
  }, 0);
};

const gathers = fc.record({ shape: dims(1, 4), indexed: dims(0, 3), seed: seeds });

function axisFor(random: () => number, rank: number): number {
  return Math.floor(random() * 2 * rank) - rank;
}

describe("Gather", () => {
  it("reads the entries along the axis", () => {
    fc.assert(
      fc.property(gathers, ({ shape, indexed, seed }) => {
        const random = generator(seed);
        const axis = axisFor(random, shape.length);
        const front = axis < 0 ? axis + shape.length : axis;
        const indices = indicesOf(random, sizeOf(indexed), shape[front]!);
        const values = uniform(random, sizeOf(shape));
        const from = source();
        const x = data(from, "x", shape, values);
        const dtype: DType = random() < 0.5 ? "int32" : "int64";
        const y = gather(x, from.graph.constant(indices, dtype, indexed), axis);
        expect(y.shape).toEqual([...shape.slice(0, front), ...indexed, ...shape.slice(front + 1)]);
        const result = valuesOf(y, from);
        forEachIndex(y.shape, (flat, index) => {
          const tuple = index.slice(front, front + indexed.length);
          const named = indices[at(indexed, tuple)]!;
          const place = [...index.slice(0, front), named, ...index.slice(front + indexed.length)];
          expect(result[flat]).toBe(values[at(shape, place)]);
        });
      }),
      runs(1, 200),
    );
  });

  it("has right first and second adjoints, also where indices repeat", () => {
    fc.assert(
      fc.property(gathers, ({ shape, indexed, seed }) => {
        const random = generator(seed);
        const axis = axisFor(random, shape.length);
        const indices = indicesOf(random, sizeOf(indexed), shape.at(axis)!);
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }, graph) => {
            const y = gather(x!, graph.constant(indices, "int32", indexed), axis);
            return mul(y, y);
          },
          random,
        });
      }),
      runs(2, 60),
    );
  });

  it("is a slice for evenly spaced constant indices", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [6, 5]);
    const types = (indices: number[], shape: number[], axis: number) =>
      ancestors([gather(x, graph.constant(indices, "int64", shape), axis)]).map(
        ({ definition }) => definition.type,
      );
    expect(gather(x, graph.constant(range(6), "int64"))).toBe(x);
    expect(types([1, 2, -3], [3], 0)).toEqual(["Slice"]);
    expect(types([4, 2, 0], [3], 1)).toEqual(["Slice"]);
    expect(types([-1], [], 1)).toEqual(["Slice", "Reshape"]);
    expect(types([0, 2, 3], [3], 0)).toEqual(["Gather"]);
    expect(types([1, 1], [2], 0)).toEqual(["Gather"]);
  });

  it("leaves no large constant in the gradient", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [400, 300]);
    const indices = graph.input("i", "int64", [7]);
    const [gradient] = gradients(reduceSum(gather(x, indices)), [x]);
    const constants = ancestors([gradient!]).flatMap(({ inputs }) => inputs.map((t) => t?.data));
    expect(Math.max(...constants.map((own) => own?.length ?? 0))).toBeLessThan(3000);
  });

  it("refuses what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const index = (values: number[], dtype: DType = "int64") => graph.constant(values, dtype);
    expect(() => gather(x, index([3]), 1)).toThrow("index 3 is outside an axis of size 3");
    expect(() => gather(x, index([-4]), 1)).toThrow("index -4 is outside an axis of size 3");
    expect(() => gather(x, index([0]), 2)).toThrow("axis 2 is outside rank 2");
    expect(() => gather(x, index([0], "float32"))).toThrow(
      "indices are float32, not int32 or int64",
    );
  });
});

const elements = fc.record({ shape: dims(1, 4), seed: seeds }).map(({ shape, seed }) => {
  const random = generator(seed);
  const axis = axisFor(random, shape.length);
  const front = axis < 0 ? axis + shape.length : axis;
  const indexed = shape.map((dim, i) =>
    i === front ? 1 + Math.floor(random() * 5) : 1 + Math.floor(random() * dim),
  );
  return { shape, axis, front, indexed, random };
});

/** Indices of which no two name the same element: a shuffled axis, cut to `indexed`. */
function distinctElements(random: () => number, indexed: Shape, front: number, dim: number) {
  const shape = indexed.with(front, Math.min(indexed[front]!, dim));
  const indices = new Array<number>(sizeOf(shape));
  forEachIndex(shape.with(front, 1), (_, index) => {
    shuffled(random, dim)
      .slice(0, shape[front])
      .forEach((named, i) => {
        indices[at(shape, index.with(front, i))] = random() < 0.5 ? named : named - dim;
      });
  });
  return { shape, indices };
}

describe("GatherElements", () => {
  it("reads one element for every index", () => {
    fc.assert(
      fc.property(elements, ({ shape, axis, front, indexed, random }) => {
        const indices = indicesOf(random, sizeOf(indexed), shape[front]!);
        const values = uniform(random, sizeOf(shape));
        const from = source();
        const x = data(from, "x", shape, values);
        const y = gatherElements(x, from.graph.constant(indices, "int64", indexed), axis);
        const result = valuesOf(y, from);
        expect(y.shape).toEqual(indexed);
        forEachIndex(indexed, (flat, index) => {
          expect(result[flat]).toBe(values[at(shape, index.with(front, indices[flat]!))]);
        });
      }),
      runs(3, 200),
    );
  });

  it("has right first and second adjoints", () => {
    fc.assert(
      fc.property(elements, ({ shape, axis, front, indexed, random }) => {
        const indices = indicesOf(random, sizeOf(indexed), shape[front]!);
        checkGradients({
          inputs: { x: { shape } },
          build: ({ x }, graph) => {
            const y = gatherElements(x!, graph.constant(indices, "int64", indexed), axis);
            return mul(y, y);
          },
          random,
        });
      }),
      runs(4, 40),
    );
  });

  it("refuses what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const indices = (shape: Shape) => graph.constant(0, "int64", shape);
    expect(() => gatherElements(x, indices([2]))).toThrow("indices must have 2 axes");
    expect(() => gatherElements(x, indices([1, 4]), 0)).toThrow("within the data's except axis 0");
    expect(() => gatherElements(x, graph.constant([5], "int64", [1, 1])).producer).not.toThrow();
  });
});

const combine: Record<ScatterReduction, (a: number, b: number) => number> = {
  none: (_, b) => b,
  add: (a, b) => a + b,
  mul: (a, b) => a * b,
  min: Math.min,
  max: Math.max,
};
const reductions = Object.keys(combine) as ScatterReduction[];

describe("ScatterElements", () => {
  it.each(reductions)("writes one element for every index (%s)", (reduction) => {
    fc.assert(
      fc.property(elements, ({ shape, axis, front, indexed, random }) => {
        const indices = indicesOf(random, sizeOf(indexed), shape[front]!);
        const values = uniform(random, sizeOf(shape));
        const news = uniform(random, sizeOf(indexed));
        const from = source();
        const x = data(from, "x", shape, values);
        const u = data(from, "u", indexed, news);
        const named = from.graph.constant(indices, "int64", indexed);
        const result = valuesOf(scatterElements(x, named, u, axis, reduction), from);
        const expected = [...values];
        forEachIndex(indexed, (flat, index) => {
          const place = at(shape, index.with(front, indices[flat]!));
          expected[place] = combine[reduction](expected[place]!, news[flat]!);
        });
        expect(result).toEqual(expected);
      }),
      runs(5, 100),
    );
  });

  it.each(["none", "add"] as const)("has right first and second adjoints (%s)", (reduction) => {
    fc.assert(
      fc.property(elements, ({ shape, axis, front, indexed, random }) => {
        const target =
          reduction === "none"
            ? distinctElements(random, indexed, front, shape[front]!)
            : { shape: indexed, indices: indicesOf(random, sizeOf(indexed), shape[front]!) };
        checkGradients({
          inputs: { x: { shape }, u: { shape: target.shape } },
          build: ({ x, u }, graph) => {
            const indices = graph.constant(target.indices, "int64", target.shape);
            const y = scatterElements(x!, indices, mul(u!, u!), axis, reduction);
            return mul(y, y);
          },
          random,
        });
      }),
      runs(6, 40),
    );
  });

  it("refuses what does not fit, and gradients through other reductions", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const indices = graph.constant(0, "int64", [2, 2]);
    const updates = graph.input("u", "float32", [2, 2]);
    expect(() => scatterElements(x, indices, x, 1)).toThrow("updates need the indices' shape");
    expect(() => scatterElements(x, indices, indices, 1)).toThrow("updates are int64, not float32");
    expect(() => scatterElements(x, indices, updates, 1, "sum" as never)).toThrow(
      '"sum" is unknown',
    );
    const product = reduceSum(scatterElements(x, indices, updates, 1, "mul"));
    expect(() => gradients(product, [x])).toThrow(/ScatterElements.*"mul" has no adjoint here/);
  });
});

/** Data, batch axes and index tuples. */
const tuples = fc
  .record({ lead: dims(0, 2), shape: dims(1, 3), rows: dims(0, 2), seed: seeds })
  .map(({ lead, shape, rows, seed }) => {
    const random = generator(seed);
    const length = 1 + Math.floor(random() * shape.length);
    const tuple = () => shape.slice(0, length).map((dim) => indicesOf(random, 1, dim)[0]!);
    const indices = range(sizeOf([...lead, ...rows])).flatMap(tuple);
    return { lead, shape, rows, length, indices, random };
  });

describe("GatherND", () => {
  it("reads the row of every tuple", () => {
    fc.assert(
      fc.property(tuples, ({ lead, shape, rows, length, indices, random }) => {
        const whole = [...lead, ...shape];
        const values = uniform(random, sizeOf(whole));
        const from = source();
        const x = data(from, "x", whole, values);
        const named = from.graph.constant(indices, "int64", [...lead, ...rows, length]);
        const y = gatherND(x, named, lead.length);
        expect(y.shape).toEqual([...lead, ...rows, ...shape.slice(length)]);
        const result = valuesOf(y, from);
        const counts = [...lead, ...rows];
        forEachIndex(y.shape, (flat, index) => {
          const row = at(counts, index.slice(0, counts.length));
          const place = [
            ...index.slice(0, lead.length),
            ...indices.slice(row * length, (row + 1) * length),
            ...index.slice(counts.length),
          ];
          expect(result[flat]).toBe(values[at(whole, place)]);
        });
      }),
      runs(7, 200),
    );
  });

  it("has right first and second adjoints", () => {
    fc.assert(
      fc.property(tuples, ({ lead, shape, rows, length, indices, random }) => {
        checkGradients({
          inputs: { x: { shape: [...lead, ...shape] } },
          build: ({ x }, graph) => {
            const named = graph.constant(indices, "int64", [...lead, ...rows, length]);
            const y = gatherND(x!, named, lead.length);
            return mul(y, y);
          },
          random,
        });
      }),
      runs(8, 60),
    );
  });

  it("refuses what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const indices = (shape: Shape, dtype: DType = "int64") => graph.constant(0, dtype, shape);
    expect(() => gatherND(x, indices([4, 3]))).toThrow("index tuples of 3 elements do not fit");
    expect(() => gatherND(x, indices([2, 1], "int32"))).toThrow("indices are int32, not int64");
    expect(() => gatherND(x, indices([3, 1]), 1)).toThrow("the first 1 axes of data and indices");
    expect(() => gatherND(x, indices([2, 1]), 2)).toThrow("batch_dims 2 is not among 0 to 1");
  });
});

describe("ScatterND", () => {
  it.each(reductions)("writes the row of every tuple (%s)", (reduction) => {
    fc.assert(
      fc.property(tuples, ({ shape, rows, length, indices, random }) => {
        const width = sizeOf(shape.slice(length));
        const values = uniform(random, sizeOf(shape));
        const from = source();
        const x = data(from, "x", shape, values);
        const count = sizeOf(rows);
        const own = indices.slice(0, count * length);
        const news = uniform(random, count * width);
        const u = data(from, "u", [...rows, ...shape.slice(length)], news);
        const named = from.graph.constant(own, "int64", [...rows, length]);
        const result = valuesOf(scatterND(x, named, u, reduction), from);
        const expected = [...values];
        for (let i = 0; i < count * width; i++) {
          const row = Math.floor(i / width);
          const first = at(shape.slice(0, length), own.slice(row * length, (row + 1) * length));
          const place = first * width + (i % width);
          expected[place] = combine[reduction](expected[place]!, news[i]!);
        }
        expect(result).toEqual(expected);
      }),
      runs(9, 100),
    );
  });

  it.each(["none", "add"] as const)("has right first and second adjoints (%s)", (reduction) => {
    fc.assert(
      fc.property(tuples, ({ shape, rows, length, indices, random }) => {
        const rowShape = shape.slice(length);
        const places = shuffled(random, sizeOf(shape.slice(0, length)));
        const distinct = reduction === "none";
        const count = distinct ? Math.min(places.length, sizeOf(rows)) : sizeOf(rows);
        const leading = distinct ? [count] : rows;
        const own = distinct
          ? places
              .slice(0, count)
              .flatMap((place) =>
                stridesOf(shape.slice(0, length)).map(
                  (stride, i) => Math.floor(place / stride) % shape[i]!,
                ),
              )
          : indices.slice(0, count * length);
        checkGradients({
          inputs: { x: { shape }, u: { shape: [...leading, ...rowShape] } },
          build: ({ x, u }, graph) => {
            const named = graph.constant(own, "int64", [...leading, length]);
            const y = scatterND(x!, named, mul(u!, u!), reduction);
            return mul(y, y);
          },
          random,
        });
      }),
      runs(10, 60),
    );
  });

  it("is the data itself when nothing is written", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const none = graph.constant([], "int64", [0, 1]);
    expect(scatterND(x, none, graph.input("u", "float32", [0, 3]))).toBe(x);
  });

  it("refuses what does not fit, and gradients through other reductions", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 3]);
    const indices = graph.constant(0, "int64", [4, 1]);
    const updates = graph.input("u", "float32", [4, 3]);
    expect(() => scatterND(x, indices, x)).toThrow("updates must have the shape [4,3]");
    expect(() => scatterND(x, indices, reshape(indices, [4, 1]))).toThrow("shape [4,3]");
    const largest = reduceSum(scatterND(x, indices, updates, "max"));
    expect(() => gradients(largest, [updates])).toThrow(/ScatterND.*"max" has no adjoint here/);
  });
});
