import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { range, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { ancestors } from "../graph/traverse.js";
import { mul } from "./arithmetic.js";
import {
  arange,
  argMax,
  argMin,
  ConstantOfShape,
  constantOfShape,
  EyeLike,
  eyeLike,
  OneHot,
  oneHot,
  ShapeOf,
  Size,
  TopK,
  topK,
} from "./generators.js";

const dims = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: 5 }), { minLength, maxLength });

function valuesOf(y: Tensor, x?: Tensor, values: ArrayLike<number> = []): number[] {
  return [...evaluate([y], new Map(x ? [[x, values]] : []))[0]!];
}

describe("Shape and Size", () => {
  it("are constants even of a computed tensor", () => {
    const x = new Graph().input("x", "float32", [2, 3, 4]);
    const shape = (attributes: { start?: number; end?: number }) =>
      x.graph.apply(ShapeOf, [mul(x, x)], attributes)[0]!.data;
    expect(shape({})).toEqual(BigInt64Array.of(2n, 3n, 4n));
    expect(shape({ start: 1 })).toEqual(BigInt64Array.of(3n, 4n));
    expect(shape({ start: -9, end: -1 })).toEqual(BigInt64Array.of(2n, 3n));
    expect(shape({ start: 2, end: 1 })).toEqual(new BigInt64Array(0));
    const size = x.graph.apply(Size, [x], {})[0]!;
    expect([size.shape, size.data]).toEqual([[], BigInt64Array.of(24n)]);
  });
});

describe("ConstantOfShape", () => {
  it("repeats its value, with zero and float32 by default", () => {
    const graph = new Graph();
    const zeros = graph.apply(ConstantOfShape, [], { shape: [2, 2] })[0]!;
    expect([zeros.dtype, zeros.data]).toEqual(["float32", new Float32Array(4)]);
    const given = graph.apply(ConstantOfShape, [], { shape: [2], value: [7], dtype: 7 })[0]!;
    expect(given.data).toEqual(BigInt64Array.of(7n, 7n));
    expect(constantOfShape(graph, [], 3).shape).toEqual([]);
    expect(constantOfShape(graph, [4096, 4096], 3).data).toBeUndefined();
  });

  it("refuses what is not a shape", () => {
    const graph = new Graph();
    expect(() => constantOfShape(graph, [2, -1])).toThrow("[2,-1] is not a shape");
    expect(() => constantOfShape(graph, [2 ** 14, 2 ** 14])).toThrow("more than 67108864 elements");
    const apply = (attributes: { value?: number[]; dtype?: number }) => () =>
      graph.apply(ConstantOfShape, [], { shape: [1], ...attributes });
    expect(apply({ value: [1, 2] })).toThrow("the value must be one element");
    expect(apply({ dtype: 99 })).toThrow("data type 99 unknown");
  });
});

describe("Range", () => {
  it("counts up to the limit", () => {
    const graph = new Graph();
    expect(arange(graph, 0, 3).data).toEqual(BigInt64Array.of(0n, 1n, 2n));
    expect(arange(graph, 10, 4, -2).data).toEqual(BigInt64Array.of(10n, 8n, 6n));
    expect(arange(graph, 0, 1, 0.25, "float32").data).toEqual(Float32Array.of(0, 0.25, 0.5, 0.75));
    expect(arange(graph, 3, 0).shape).toEqual([0]);
  });

  it("refuses what never ends", () => {
    const graph = new Graph();
    expect(() => arange(graph, 0, 3, 0)).toThrow("cannot go from 0 to 3 in steps of 0");
    expect(() => arange(graph, 0, Infinity)).toThrow("cannot go from 0 to Infinity");
  });
});

describe("EyeLike", () => {
  it("puts ones on a diagonal", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(valuesOf(eyeLike(x), x, uniform(generator(1), 6))).toEqual([1, 0, 0, 0, 1, 0]);
    expect(valuesOf(eyeLike(x, 1), x, new Array(6))).toEqual([0, 1, 0, 0, 0, 1]);
    expect(valuesOf(eyeLike(x, -1), x, new Array(6))).toEqual([0, 0, 0, 1, 0, 0]);
    expect(eyeLike(x, 0, "int64").dtype).toBe("int64");
    expect(x.graph.apply(EyeLike, [x], {})[0]!.dtype).toBe("float32");
    expect(() => eyeLike(x.graph.input("y", "float32", [2]))).toThrow("takes a matrix");
  });
});

describe("OneHot", () => {
  it("marks the index along the new axis", () => {
    fc.assert(
      fc.property(
        dims(0, 3),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 7 }),
        fc.integer(),
        (shape, depth, place, seed) => {
          const random = generator(seed);
          const rank = shape.length + 1;
          const axis = (place % (2 * rank)) - rank;
          const front = axis < 0 ? axis + rank : axis;
          const x = new Graph().input("x", "int64", shape);
          const indices = range(x.size).map(() => Math.floor((random() - 0.5) * 4 * depth));
          const y = oneHot(x, depth, [2, 5], axis);
          expect(y.shape).toEqual([...shape.slice(0, front), depth, ...shape.slice(front)]);
          const inner = sizeOf(shape.slice(front));
          valuesOf(y, x, indices).forEach((value, flat) => {
            const outer = Math.floor(flat / (inner * depth));
            const own = Math.floor(flat / inner) % depth;
            const index = indices[outer * inner + (flat % inner)]!;
            expect(value).toBe(index === own || index + depth === own ? 5 : 2);
          });
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it("takes indices and gives values of any type", () => {
    const x = new Graph().input("x", "float32", [2]);
    expect(valuesOf(oneHot(x, 2, [0, 1], 0, "bool"), x, [1, 0])).toEqual([0, 1, 1, 0]);
    expect(oneHot(x, 2, [0, 1], 0, "float64").dtype).toBe("float64");
  });

  it("refuses what does not fit", () => {
    const x = new Graph().input("x", "int64", [2]);
    expect(() => oneHot(x, 0)).toThrow("depth 0 is not positive");
    expect(() => oneHot(x, 2, [0, 1], 2)).toThrow("axis 2 is outside rank 2");
    expect(() => x.graph.apply(OneHot, [x], { depth: 2, values: [1] })).toThrow("two values");
  });
});

describe("ArgMax and ArgMin", () => {
  it("find the first or last extremum along the axis", () => {
    fc.assert(
      fc.property(
        dims(1, 3),
        fc.integer({ min: 0, max: 5 }),
        fc.integer(),
        (shape, place, seed) => {
          const random = generator(seed);
          const axis = (place % (2 * shape.length)) - shape.length;
          const front = axis < 0 ? axis + shape.length : axis;
          const x = new Graph().input("x", "float32", shape);
          const values = range(x.size).map(() => Math.floor(random() * 3)); // many are equal
          const inner = sizeOf(shape.slice(front + 1));
          const dim = shape[front]!;
          const lanes = range(x.size / dim).map((lane) =>
            range(dim).map(
              (i) => values[(Math.floor(lane / inner) * dim + i) * inner + (lane % inner)]!,
            ),
          );
          const last = valuesOf(argMax(x, axis, { last: true }), x, values);
          expect(valuesOf(argMax(x, axis), x, values)).toEqual(
            lanes.map((lane) => lane.indexOf(Math.max(...lane))),
          );
          expect(last).toEqual(lanes.map((lane) => lane.lastIndexOf(Math.max(...lane))));
          expect(valuesOf(argMin(x, axis), x, values)).toEqual(
            lanes.map((lane) => lane.indexOf(Math.min(...lane))),
          );
          expect(argMin(x, axis, { keepdims: true }).shape).toEqual(shape.with(front, 1));
          expect(argMin(x, axis).shape).toEqual(shape.toSpliced(front, 1));
        },
      ),
      { seed: 2, numRuns: 100 },
    );
  });

  it("refuse an empty axis", () => {
    const x = new Graph().input("x", "float32", [2, 0]);
    expect(() => argMax(x, 1)).toThrow(/ArgMax.*axis 1 is empty.*\[2,0\]/);
  });
});

const choices = fc
  .record({ shape: dims(1, 3), place: fc.integer({ min: 0, max: 5 }), largest: fc.boolean() })
  .map(({ shape, place, largest }) => {
    const axis = (place % (2 * shape.length)) - shape.length;
    return { shape, axis, front: axis < 0 ? axis + shape.length : axis, largest };
  });

/** Distinct numbers at least 0.1 apart, so that a step of a finite difference changes no order. */
function spaced(random: () => number, n: number): Float64Array {
  const order = range(n).map((i) => ({ i, key: random() }));
  const result = new Float64Array(n);
  order
    .sort((a, b) => a.key - b.key)
    .forEach(({ i }, rank) => {
      result[i] = 0.1 * (rank - n / 2);
    });
  return result;
}

describe("TopK", () => {
  it("sorts each lane, equal elements in their order", () => {
    fc.assert(
      fc.property(choices, fc.integer(), ({ shape, axis, front, largest }, seed) => {
        const random = generator(seed);
        const dim = shape[front]!;
        const k = Math.floor(random() * (dim + 1));
        const x = new Graph().input("x", "float32", shape);
        const data = range(x.size).map(() => Math.floor(random() * 3));
        const { values, indices } = topK(x, k, axis, { largest });
        const [picked, places] = evaluate([values, indices], new Map([[x, data]]));
        expect(values.shape).toEqual(shape.with(front, k));
        const inner = sizeOf(shape.slice(front + 1));
        for (let lane = 0; lane < x.size / dim; lane++) {
          const at = (length: number, i: number) =>
            (Math.floor(lane / inner) * length + i) * inner + (lane % inner);
          const own = range(dim).map((i) => ({ i, value: data[at(dim, i)]! }));
          own.sort((a, b) => (largest ? b.value - a.value : a.value - b.value) || a.i - b.i);
          for (let i = 0; i < k; i++) {
            expect([picked![at(k, i)], places![at(k, i)]]).toEqual([own[i]!.value, own[i]!.i]);
          }
        }
      }),
      { seed: 3, numRuns: 150 },
    );
  });

  it("has right first and second adjoints", () => {
    fc.assert(
      fc.property(choices, fc.integer(), ({ shape, axis, front, largest }, seed) => {
        const random = generator(seed);
        const k = 1 + Math.floor(random() * shape[front]!);
        checkGradients({
          inputs: { x: { shape, data: spaced(random, sizeOf(shape)) } },
          build: ({ x }) => {
            const { values } = topK(x!, k, axis, { largest });
            return mul(values, values);
          },
          random,
        });
      }),
      { seed: 4, numRuns: 40 },
    );
  });

  it("reads k as a number or a list, and is the same node", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    const [values] = x.graph.apply(TopK, [x], { k: 2, axis: -1, largest: 1, sorted: 1 });
    expect(values).toBe(topK(x, 2).values);
    expect(ancestors([values!])).toHaveLength(1);
  });

  it("refuses more than there is", () => {
    const x = new Graph().input("x", "float32", [2, 3]);
    expect(() => topK(x, 4)).toThrow(/TopK.*cannot pick 4 of the 3 elements of axis 1.*\[2,3\]/);
    expect(() => topK(x, -1)).toThrow("cannot pick -1");
  });
});
