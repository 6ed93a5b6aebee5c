import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { range, type Shape, sizeOf, stridesOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import {
  Concat,
  concat,
  Pad,
  type PadMode,
  pad,
  reverse,
  Slice,
  Split,
  slice,
  split,
} from "./slicing.js";

const INT64_MAX = 2 ** 63;
const runs = (seed: number, numRuns: number) => ({ seed, numRuns });
const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
const seeds = fc.integer();

/** Values of one output for inputs that are 1, 2, 3, ... */
function counted(shape: Shape, build: (x: Tensor) => Tensor): { shape: Shape; data: number[] } {
  const x = new Graph().input("x", "float32", shape);
  const y = build(x);
  const [data] = evaluate([y], new Map([[x, count(sizeOf(shape))]]));
  return { shape: y.shape, data: [...data!] };
}

const count = (n: number) => range(n).map((i) => i + 1);

/** Elements of a counted tensor at the given indices of each axis; 0 where an index is null. */
function pick(shape: Shape, axes: readonly (readonly (number | null)[])[]) {
  const strides = stridesOf(shape);
  const data: number[] = [];
  forEachIndex(
    axes.map((indices) => indices.length),
    (_, index) => {
      const at = index.map((i, axis) => axes[axis]![i]!);
      data.push(
        at.includes(null as never) ? 0 : 1 + at.reduce((s, i, a) => s + i * strides[a]!, 0),
      );
    },
  );
  return { shape: axes.map((indices) => indices.length), data };
}

/**
 * Python's `range(dim)[start:end:step]`, walked one by one; but ONNX clamps the start of a backward
 * slice to the first element, where Python finds nothing.
 */
function walk(dim: number, start: number, end: number, step: number): number[] {
  const from = start < 0 ? start + dim : start;
  const to = end < 0 ? end + dim : end;
  const result: number[] = [];
  if (step > 0) for (let i = Math.max(from, 0); i < Math.min(to, dim); i += step) result.push(i);
  const last = Math.min(Math.max(from, 0), dim - 1);
  if (step < 0) for (let i = last; i > Math.max(to, -1); i += step) result.push(i);
  return result;
}

const bound = fc.oneof(
  fc.integer({ min: -7, max: 7 }),
  fc.constantFrom(INT64_MAX, -INT64_MAX, 2 ** 31 - 1),
);
const step = fc.constantFrom(1, 1, 2, 3, 5, -1, -2, -3, INT64_MAX, -INT64_MAX);

/** A shape, and a random slice of some of its axes in random order, some counted from the end. */
const slices = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.shuffledSubarray(range(shape.length)),
    signs: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    bounds: fc.array(fc.tuple(bound, bound, step), { minLength: 4, maxLength: 4 }),
  }),
);

type SliceCase = typeof slices extends fc.Arbitrary<infer T> ? T : never;

function sliceOf(x: Tensor, { axes, signs, bounds }: SliceCase): Tensor {
  const own = axes.map((axis) => bounds[axis]!);
  return slice(
    x,
    own.map(([start]) => start),
    own.map(([, end]) => end),
    axes.map((axis) => (signs[axis] ? axis - x.rank : axis)),
    own.map(([, , stride]) => stride),
  );
}

describe("Slice", () => {
  it("takes what the ONNX specification says", () => {
    fc.assert(
      fc.property(slices, (given) => {
        const expected = given.shape.map((dim, axis) =>
          given.axes.includes(axis) ? walk(dim, ...given.bounds[axis]!) : range(dim),
        );
        expect(counted(given.shape, (x) => sliceOf(x, given))).toEqual(pick(given.shape, expected));
      }),
      runs(1, 500),
    );
  });

  it("of a slice takes the same elements from the source", () => {
    fc.assert(
      fc.property(slices, slices, (first, second) => {
        const both = (x: Tensor) => {
          const inner = sliceOf(x, first);
          const axes = second.axes.filter((axis) => axis < x.rank);
          return sliceOf(inner, { ...second, axes });
        };
        const inner = first.shape.map((dim, axis) =>
          first.axes.includes(axis) ? walk(dim, ...first.bounds[axis]!) : range(dim),
        );
        const expected = inner.map((indices, axis) =>
          second.axes.includes(axis)
            ? walk(indices.length, ...second.bounds[axis]!).map((i) => indices[i]!)
            : indices,
        );
        expect(counted(first.shape, both)).toEqual(pick(first.shape, expected));
        const x = new Graph().input("x", "float32", first.shape);
        const node = both(x).producer;
        if (node) expect(node.inputs).toEqual([x]);
      }),
      runs(2, 300),
    );
  });

  it("has right first and second adjoints", () => {
    fc.assert(
      fc.property(slices, seeds, (given, seed) => {
        checkGradients({
          inputs: { x: { shape: given.shape } },
          build: ({ x }) => {
            const y = sliceOf(x!, given);
            return mul(y, y);
          },
          random: generator(seed),
        });
      }),
      runs(3, 60),
    );
  });

  it("is the tensor itself when it takes everything, and one node when asked twice", () => {
    const x = new Graph().input("x", "float32", [3, 4]);
    expect(slice(x, [0, -4], [INT64_MAX, 9])).toBe(x);
    expect(reverse(reverse(x, [1]), [-1])).toBe(x);
    expect(slice(x, [1], [3], [1])).toBe(slice(x, [-9, -3], [9, -1], [0, -1], [1, 1]));
  });

  it("refuses what does not fit, naming the shapes", () => {
    const x = new Graph().input("x", "float32", [3, 4]);
    expect(() => slice(x, [0], [1, 2])).toThrow(/Slice "Slice.*1 starts, 2 ends.*\[3,4\]/);
    expect(() => slice(x, [0], [1], [2])).toThrow("axis 2 is outside rank 2");
    expect(() => slice(x, [0, 0], [1, 1], [1, -1])).toThrow("repeat");
    expect(() => slice(x, [0], [1], [0], [0])).toThrow("steps 0");
    expect(() => slice(x, [0.5], [1])).toThrow("no integers");
    expect(() => slice(x, [0], [1], [0], [1, 1])).toThrow("1 starts and 2 steps");
  });
});

/** Where each element of a padded axis of size `dim` comes from, by the pictures in ONNX's text. */
function paddedAxis(dim: number, begin: number, end: number, mode: PadMode): (number | null)[] {
  const kept = range(dim).slice(Math.max(0, -begin), dim + Math.min(0, end));
  const [before, after] = [Math.max(0, begin), Math.max(0, end)];
  if (mode === "constant") {
    return [...Array(before).fill(null), ...kept, ...Array(after).fill(null)];
  }
  if (mode === "edge") {
    return [...Array(before).fill(kept[0]), ...kept, ...Array(after).fill(kept.at(-1))];
  }
  const mirrored = [...kept].reverse();
  return [
    ...mirrored.slice(mirrored.length - 1 - before, mirrored.length - 1),
    ...kept,
    ...mirrored.slice(1, 1 + after),
  ];
}

const pads = fc
  .tuple(shapes, fc.constantFrom<PadMode>("constant", "reflect", "edge"))
  .chain(([shape, mode]) => {
    const least = shape.map((dim) => -Math.floor((dim - 1) / 2));
    const border = (axis: number) =>
      fc.integer({
        min: least[axis]!,
        max: mode === "reflect" ? shape[axis]! - 1 + 2 * least[axis]! : 3,
      });
    const borders = [...shape, ...shape].map((_, i) => border(i % shape.length));
    return fc.record({
      shape: fc.constant(shape),
      mode: fc.constant(mode),
      pads: fc.tuple(...borders),
    });
  });

describe("Pad", () => {
  it("adds what ONNX says", () => {
    fc.assert(
      fc.property(pads, (given) => {
        const { shape, mode } = given;
        const expected = shape.map((dim, axis) =>
          paddedAxis(dim, given.pads[axis]!, given.pads[shape.length + axis]!, mode),
        );
        expect(counted(shape, (x) => pad(x, given.pads, { mode }))).toEqual(pick(shape, expected));
      }),
      runs(4, 500),
    );
  });

  it("has right first and second adjoints", () => {
    fc.assert(
      fc.property(pads, seeds, (given, seed) => {
        checkGradients({
          inputs: { x: { shape: given.shape } },
          build: ({ x }) => {
            const y = pad(x!, given.pads, { mode: given.mode, value: 0.5 });
            return mul(y, y);
          },
          random: generator(seed),
        });
      }),
      runs(5, 60),
    );
  });

  it("accepts a value, and axes as of opset 18", () => {
    expect(counted([2], (x) => pad(x, [1, -1], { value: -Infinity })).data).toEqual([-Infinity, 1]);
    const x = new Graph().input("x", "float32", [2, 3]);
    const [y] = x.graph.apply(Pad, [x], { pads: [1, 2], axes: [-1] });
    expect(y).toBe(pad(x, [0, 1, 0, 2]));
  });

  it("makes something of nothing", () => {
    expect(counted([0, 2], (x) => pad(x, [1, 0, 0, 0], { value: 3 })).data).toEqual([3, 3]);
    expect(counted([2], (x) => pad(x, [-1, 2, -1, 0].slice(0, 2))).data).toEqual([2, 0, 0]);
  });

  it("is the tensor itself without pads, and a slice with negative ones", () => {
    const x = new Graph().input("x", "float32", [3, 4]);
    expect(pad(x, [0, 0, 0, 0], { mode: "edge" })).toBe(x);
    expect(pad(x, [0, -1, 0, -2])).toBe(slice(x, [1], [2], [1]));
  });

  it("refuses what does not fit", () => {
    const x = new Graph().input("x", "float32", [3, 1]);
    expect(() => pad(x, [1, 1])).toThrow("pads [1,1] need two integers for each of 2 axes");
    expect(() => pad(x, [-2, 0, -2, 0])).toThrow("cut more than axis 0 holds");
    expect(() => pad(x, [3, 0, 0, 0], { mode: "reflect" })).toThrow(
      "cannot add 3 to the 3 elements",
    );
    expect(() => pad(x, [-3, 0, 1, 0], { mode: "edge" })).toThrow("cannot add 1 to the 0 elements");
    expect(() => x.graph.apply(Pad, [x], { pads: [0, 0, 0, 0], mode: "wrap" })).toThrow('"wrap"');
  });
});

const joins = shapes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
    sizes: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
  }),
);

const withSize = (shape: Shape, axis: number, size: number) => shape.with(axis, size);

describe("Concat and Split", () => {
  it("undo each other", () => {
    fc.assert(
      fc.property(joins, ({ shape, axis, sizes }) => {
        const total = sizes.reduce((a, b) => a + b, 0);
        const whole = withSize(shape, axis, total);
        const at = axis < 0 ? axis + shape.length : axis;
        let start = 0;
        sizes.forEach((size, i) => {
          const own = range(size).map((k) => start + k);
          const expected = pick(
            whole,
            whole.map((dim, a) => (a === at ? own : range(dim))),
          );
          expect(counted(whole, (x) => split(x, sizes, axis)[i]!)).toEqual(expected);
          start += size;
        });
        const joined = counted(whole, (x) => concat(split(x, sizes, axis), axis));
        expect(joined).toEqual({ shape: whole, data: count(sizeOf(whole)) });
      }),
      runs(6, 200),
    );
  });

  it("have right first and second adjoints", () => {
    fc.assert(
      fc.property(joins, seeds, ({ shape, axis, sizes }, seed) => {
        const inputs = sizes.map((size, i) => [`x${i}`, { shape: withSize(shape, axis, size) }]);
        const parts = sizes.map((_, i) => sizes.length - 1 - i);
        checkGradients({
          inputs: Object.fromEntries(inputs),
          build: (xs) => {
            const y = concat(
              sizes.map((_, i) => xs[`x${i}`]!),
              axis,
            );
            const squares = split(mul(y, y), sizes, axis);
            return concat(
              parts.map((i) => squares[i]!),
              axis,
            );
          },
          random: generator(seed),
        });
      }),
      runs(7, 40),
    );
  });

  it("split evenly by number, the last part smaller", () => {
    const x = new Graph().input("x", "float32", [2, 7]);
    const parts = x.graph.apply(Split, [x], { axis: -1, num_outputs: 3 });
    expect(parts.map((part) => part.shape)).toEqual([
      [2, 3],
      [2, 3],
      [2, 1],
    ]);
  });

  it("are the tensor itself when there is only one part", () => {
    const x = new Graph().input("x", "float32", [2, 7]);
    expect(concat([x], 1)).toBe(x);
    expect(concat([slice(x, [0], [0]), x], 0)).toBe(x);
    expect(split(x, [7], 1)[0]).toBe(x);
  });

  it("refuse what does not fit", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [2, 7]);
    expect(() => concat([], 0)).toThrow(TypeError);
    expect(() => concat([x, graph.input("y", "float32", [3, 6])], 0)).toThrow(
      /Concat.*every axis but 0.*\[2,7\], \[3,6\]/,
    );
    expect(() => concat([x, graph.input("z", "int64", [2, 7])], 0)).toThrow("float32, int64");
    expect(() => concat([x, x], 2)).toThrow("axis 2 is outside rank 2");
    expect(() => split(x, [3, 3], 1)).toThrow(
      "sizes [3,3] do not make up the 7 elements of axis 1",
    );
    expect(() => x.graph.apply(Split, [x], { axis: 0, num_outputs: 4 })).toThrow("into 4 outputs");
    expect(() => x.graph.apply(Split, [x], { axis: 0 })).toThrow("needs sizes");
  });
});

it("folds constants of any dtype", () => {
  const graph = new Graph();
  const x = graph.constant(range(6), "int64", [2, 3]);
  expect(slice(x, [0], [2], [1], [1]).data).toEqual(BigInt64Array.of(0n, 1n, 3n, 4n));
  expect(pad(x, [0, 1, 0, 0], { value: 7 }).data?.[0]).toBe(7n);
  expect(concat([x, graph.constant([INT64_MAX], "int64", [1, 1]), x].slice(0, 1), 0)).toBe(x);
  const random = uniform(generator(1), 4);
  const y = graph.constant(random, "float64", [4]);
  expect(reverse(y, [0]).data).toEqual(random.toReversed());
  expect([Slice, Pad, Concat].every(({ movesData }) => movesData)).toBe(true);
});
