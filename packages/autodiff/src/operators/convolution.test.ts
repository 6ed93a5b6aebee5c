import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import {
  broadcastElement,
  coordinates,
  expectClose,
  typesOf,
  valuesOf,
} from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { range, type Shape, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { add, mul } from "./arithmetic.js";
import { reduceSum } from "./broadcasting.js";
import {
  type ConvAttributes,
  type ConvTransposeAttributes,
  conv,
  convTranspose,
} from "./convolution.js";
import { reduceSumSquare } from "./reduction.js";

interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  /** ConvTranspose only. */
  readonly extra: number;
}

const axis: fc.Arbitrary<Axis> = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  begin: fc.integer({ min: 0, max: 2 }),
  end: fc.integer({ min: 0, max: 2 }),
  extra: fc.integer({ min: 0, max: 1 }),
});
/** Small enough for finite differences over every element of x and w. */
const volume: fc.Arbitrary<readonly Axis[]> = fc
  .array(axis, { minLength: 1, maxLength: 3 })
  .filter((axes) => sizeOf(axes.map(({ size, kernel }) => size * kernel)) <= 120);
const extent = ({ kernel, dilation }: Axis) => (kernel - 1) * dilation + 1;

const setting = fc.record({
  axes: volume,
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  /** Channels and features of one group; 1 and 1 is depthwise. */
  inner: fc.integer({ min: 1, max: 2 }),
  outer: fc.integer({ min: 1, max: 2 }),
  bias: fc.boolean(),
  automatic: fc.constantFrom("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

function attributesOf({ axes, group, automatic }: Setting): ConvAttributes {
  const pads = [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)];
  return {
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    ...(automatic === "NOTSET" ? { pads } : { auto_pad: automatic }),
    group,
  };
}

/** The pads of one axis of a convolution, by ONNX's definition of `auto_pad`. */
function padsOf(given: Axis, automatic: string): readonly [number, number] {
  if (automatic === "NOTSET") return [given.begin, given.end];
  if (automatic === "VALID") return [0, 0];
  const places = Math.ceil(given.size / given.stride);
  const total = Math.max(0, (places - 1) * given.stride + extent(given) - given.size);
  const less = Math.floor(total / 2);
  return automatic === "SAME_UPPER" ? [less, total - less] : [total - less, less];
}

const convolutions = setting.filter(({ axes, automatic }) =>
  axes.every((a) => {
    const [begin, end] = padsOf(a, automatic);
    return a.size + begin + end >= extent(a);
  }),
);
const transposed = setting.filter(({ axes, automatic }) =>
  axes.every((a) => {
    const full = a.stride * (a.size - 1) + extent(a) + a.extra;
    return automatic !== "NOTSET" || full > a.begin + a.end;
  }),
);

const shapesOf = ({ axes, batch, group, inner, outer }: Setting) => ({
  x: [batch, group * inner, ...axes.map(({ size }) => size)],
  w: [group * outer, inner, ...axes.map(({ kernel }) => kernel)],
  b: [group * outer],
});
const transposedShapesOf = ({ axes, batch, group, inner, outer }: Setting) => ({
  x: [batch, group * inner, ...axes.map(({ size }) => size)],
  w: [group * inner, outer, ...axes.map(({ kernel }) => kernel)],
  b: [group * outer],
});

const runs = { seed: 29, numRuns: 60 };

/** A convolution read off its definition: for every output, a sum over channels and taps. */
function convolved(given: Setting, x: Float64Array, w: Float64Array, b: Float64Array): number[] {
  const { axes, automatic, group, inner, outer } = given;
  const shapes = shapesOf(given);
  const taps = axes.map(({ kernel }) => kernel);
  const pads = axes.map((a) => padsOf(a, automatic));
  const places = axes.map(
    (a, i) => Math.floor((a.size + pads[i]![0] + pads[i]![1] - extent(a)) / a.stride) + 1,
  );
  const shape = [given.batch, group * outer, ...places];
  return range(sizeOf(shape)).map((flat) => {
    const [n, m, ...at] = coordinates(flat, shape) as [number, number, ...number[]];
    let total = given.bias ? b[m]! : 0;
    for (const c of range(inner)) {
      for (const tap of range(sizeOf(taps)).map((t) => coordinates(t, taps))) {
        const from = axes.map((a, i) => at[i]! * a.stride + tap[i]! * a.dilation - pads[i]![0]);
        if (from.some((p, i) => p < 0 || p >= axes[i]!.size)) continue;
        const channel = Math.floor(m / outer) * inner + c;
        total +=
          broadcastElement(x, shapes.x, [n, channel, ...from]) *
          broadcastElement(w, shapes.w, [m, c, ...tap]);
      }
    }
    return total;
  });
}

describe("Conv", () => {
  const build = (given: Setting, { x, w, b }: Record<string, Tensor>) =>
    conv(x!, w!, given.bias ? b : undefined, attributesOf(given));

  it("has its value", () => {
    fc.assert(
      fc.property(convolutions, fc.integer(), (given, seed) => {
        const graph = new Graph();
        const random = generator(seed);
        const shapes = shapesOf(given);
        const [x, w, b] = Object.entries(shapes).map(([name, shape]) =>
          graph.input(name, "float64", shape),
        ) as [Tensor, Tensor, Tensor];
        const data = [x, w, b].map((tensor) => uniform(random, tensor.size));
        const [xs, ws, bs] = data as [Float64Array, Float64Array, Float64Array];
        const y = build(given, { x, w, b });
        const feeds = [[x, xs] as const, [w, ws] as const, [b, bs] as const];
        expectClose(valuesOf(y, feeds), convolved(given, xs, ws, bs));
      }),
      { ...runs, numRuns: 200 },
    );
  });

  it("has its gradients, first and second, with the mixed ones of x and w", () => {
    const seen = { grouped: 0, depthwise: 0, cubes: 0, automatic: 0, steps: 0 };
    fc.assert(
      fc.property(convolutions, fc.integer(), (given, seed) => {
        seen.grouped += given.group > 1 && given.inner > 1 ? 1 : 0;
        seen.depthwise += given.group > 1 && given.inner * given.outer === 1 ? 1 : 0;
        seen.cubes += given.axes.length === 3 ? 1 : 0;
        seen.automatic += given.automatic.startsWith("SAME") ? 1 : 0;
        seen.steps += given.axes.some((a) => a.stride > 1 && a.dilation > 1) ? 1 : 0;
        const { x, w, b } = shapesOf(given);
        checkGradients({
          inputs: { x: { shape: x }, w: { shape: w }, ...(given.bias && { b: { shape: b } }) },
          build: (tensors) => build(given, tensors),
          random: generator(seed),
        });
      }),
      runs,
    );
    for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(3);
  });

  it("has gradients of every order that stay among the three convolutions", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [1, 2, 5]);
    const w = graph.input("w", "float64", [3, 2, 3]);
    const scalar = (y: Tensor) => reduceSumSquare(y);
    const penalty = scalar(gradients(scalar(conv(x, w)), [x])[0]!);
    const types = new Set(typesOf(...gradients(penalty, [x, w])));
    for (const type of ["Conv", "ConvTranspose", "ConvWeightGradient"]) {
      expect([...types]).toContain(type);
    }
  });

  it("third derivatives agree with differences of second ones", () => {
    const weights = uniform(generator(3), 12);
    checkGradients({
      inputs: { x: { shape: [1, 2, 5] }, w: { shape: [2, 2, 3] } },
      build: ({ x, w }, graph) => {
        const y = conv(x!, w!, undefined, { pads: [1, 0], strides: [2] });
        const loss = reduceSum(mul(y, mul(y, y)));
        const [gx, gw] = gradients(loss, [x!, w!]);
        const projection = graph.constant(weights, "float64", [2, 2, 3]);
        return add(reduceSumSquare(gx!), reduceSum(mul(gw!, projection)));
      },
      random: generator(4),
    });
  });
});

describe("ConvTranspose", () => {
  const build = (given: Setting, { x, w, b }: Record<string, Tensor>) =>
    convTranspose(x!, w!, given.bias ? b : undefined, {
      ...attributesOf(given),
      output_padding: given.axes.map(({ extra }) => extra),
    });

  it("has its gradients, first and second, with the mixed ones of x and w", () => {
    fc.assert(
      fc.property(transposed, fc.integer(), (given, seed) => {
        const { x, w, b } = transposedShapesOf(given);
        checkGradients({
          inputs: { x: { shape: x }, w: { shape: w }, ...(given.bias && { b: { shape: b } }) },
          build: (tensors) => build(given, tensors),
          random: generator(seed),
        });
      }),
      runs,
    );
  });

  /** Every input element, times every weight, added where ONNX says it lands. */
  function scattered(
    given: Setting,
    shape: Shape,
    begins: readonly number[],
    [x, w, b]: readonly [Float64Array, Float64Array, Float64Array],
  ): Float64Array {
    const { axes, group, inner, outer, bias } = given;
    const shapes = transposedShapesOf(given);
    const out = new Float64Array(sizeOf(shape));
    for (const flat of out.keys()) out[flat] = bias ? b[coordinates(flat, shape)[1]!]! : 0;
    x.forEach((value, i) => {
      const [n, c, ...at] = coordinates(i, shapes.x) as [number, number, ...number[]];
      w.forEach((weight, j) => {
        const [from, m, ...tap] = coordinates(j, shapes.w) as [number, number, ...number[]];
        if (from !== c) return;
        const to = axes.map((a, k) => at[k]! * a.stride + tap[k]! * a.dilation - begins[k]!);
        if (to.some((p, k) => p < 0 || p >= shape[k + 2]!)) return;
        const feature = Math.floor(c / inner) * outer + m;
        const place = [n, feature, ...to].reduce((flat, p, k) => flat * shape[k]! + p, 0);
        out[place]! += value * weight;
      });
    });
    expect(shape[1]).toBe(group * outer);
    return out;
  }

  it("has its value", () => {
    fc.assert(
      fc.property(transposed, fc.integer(), (given, seed) => {
        const graph = new Graph();
        const random = generator(seed);
        const [x, w, b] = Object.entries(transposedShapesOf(given)).map(([name, shape]) =>
          graph.input(name, "float64", shape),
        ) as [Tensor, Tensor, Tensor];
        const data = [x, w, b].map((tensor) => uniform(random, tensor.size));
        const y = build(given, { x, w, b });
        const { axes, automatic } = given;
        const full = axes.map((a) => a.stride * (a.size - 1) + extent(a) + a.extra);
        const pads = axes.map((a, i): readonly [number, number] => {
          if (!automatic.startsWith("SAME")) return padsOf(a, automatic);
          const total = Math.max(0, full[i]! - a.size * a.stride);
          const less = Math.floor(total / 2);
          return automatic === "SAME_UPPER" ? [less, total - less] : [total - less, less];
        });
        const large = automatic.startsWith("SAME")
          ? axes.map((a) => a.size * a.stride)
          : full.map((size, i) => size - pads[i]![0] - pads[i]![1]);
        expect(y.shape).toEqual([given.batch, given.group * given.outer, ...large]);
        const expected = scattered(
          given,
          y.shape,
          pads.map(([begin]) => begin),
          data as [Float64Array, Float64Array, Float64Array],
        );
        const feeds = [x, w, b].map((tensor, i) => [tensor, data[i]!] as const);
        expectClose(valuesOf(y, feeds), expected);
      }),
      { ...runs, numRuns: 200 },
    );
  });

  it("cuts its pads from a given output shape", () => {
    const graph = new Graph();
    const [x, w] = [graph.input("x", "float64", [1, 1, 3]), graph.input("w", "float64", [1, 1, 3])];
    const feeds = [[x, [1, 10, 100]] as const, [w, [1, 2, 3]] as const];
    const at = (attributes: ConvTransposeAttributes) =>
      valuesOf(convTranspose(x, w, undefined, { strides: [2], ...attributes }), feeds);
    const whole = [1, 2, 13, 20, 130, 200, 300];
    expect(at({})).toEqual(whole);
    expect(at({ output_shape: [7] })).toEqual(whole);
    // One element too many: ONNX cuts it in front, and behind for SAME_UPPER.
    expect(at({ output_shape: [6] })).toEqual(whole.slice(1));
    expect(at({ output_shape: [6], auto_pad: "SAME_UPPER" })).toEqual(whole.slice(0, -1));
    expect(at({ output_shape: [1, 1, 5] })).toEqual(whole.slice(1, -1));
    expect(at({ auto_pad: "SAME_LOWER" })).toEqual(whole.slice(1));
    expect(at({ output_padding: [1] })).toEqual([...whole, 0]);
    expect(at({ output_shape: [9] })).toEqual([...whole, 0, 0]);
  });

  it("with an output shape has its gradients", () => {
    for (const auto_pad of ["NOTSET", "SAME_UPPER", "SAME_LOWER"]) {
      const output_shape = auto_pad === "NOTSET" ? [10, 9] : [6, 4];
      checkGradients({
        inputs: { x: { shape: [1, 2, 3, 2] }, w: { shape: [2, 1, 3, 2] } },
        build: ({ x, w }) =>
          convTranspose(x!, w!, undefined, { strides: [2, 3], output_shape, auto_pad }),
        random: generator(6),
      });
    }
  });

  it("is the adjoint of Conv with the same attributes", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [1, 2, 8]);
    const w = graph.input("w", "float64", [4, 2, 3]);
    const attributes = { kernel_shape: [3], strides: [2], dilations: [1], pads: [1, 0], group: 1 };
    const y = conv(x, w, undefined, attributes);
    const g = graph.input("g", "float64", y.shape);
    const [back] = gradients(y, [x], { cotangent: g });
    expect(back).toBe(convTranspose(g, w, undefined, { ...attributes, output_padding: [0] }));
  });

  it("adds its bias apart", () => {
    const graph = new Graph();
    const input = (shape: Shape) => graph.input("x", "float64", shape);
    const y = convTranspose(input([1, 2, 4]), input([2, 3, 3]), input([3]));
    expect(typesOf(y).sort()).toEqual(["Add", "ConvTranspose", "Reshape"]);
  });
});

describe("errors", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, 4, 5, 5]);
  const w = (...shape: number[]) => graph.input("w", "float32", shape);

  it("of Conv name what does not fit", () => {
    expect(() => conv(w(4, 5), w(4, 5))).toThrow(/Conv "Conv": x must be \[N, C, spatial/);
    expect(() => conv(x, w(2, 4, 3))).toThrow(
      'Conv "Conv": weights must have 4 axes (inputs [1,4,5,5], [2,4,3])',
    );
    expect(() => conv(x, w(2, 3, 3, 3))).toThrow(/weights take 3 channels, x has 4/);
    expect(() => conv(x, w(3, 2, 3, 3), undefined, { group: 2 })).toThrow(
      /3 channels do not divide into 2 groups/,
    );
    expect(() => conv(x, w(3, 2, 3, 3), undefined, { group: 3 })).toThrow(/4 channels do not/);
    expect(() => conv(x, w(2, 4, 3, 3), w(3))).toThrow(/bias must be \[2\] \(inputs .*\[3\]\)/);
    expect(() => conv(x, w(2, 4, 7, 3))).toThrow(/window \(7\) is larger .* axis 2/);
    expect(() => conv(x, w(2, 4, 3, 3), undefined, { pads: [1, 1] })).toThrow(/pads \[1,1\] must/);
    expect(() => conv(x, w(2, 4, 3, 3), undefined, { strides: [0, 1] })).toThrow(/strides \[0,1\]/);
    expect(() => conv(x, w(2, 4, 3, 3), undefined, { auto_pad: "ALL" })).toThrow(/auto_pad "ALL"/);
  });

  it("of ConvTranspose name what does not fit", () => {
    expect(() => convTranspose(x, w(3, 4, 3, 3))).toThrow(
      /ConvTranspose "ConvTranspose": weights take 3 channels, x has 4 \(inputs \[1,4,5,5\], \[3,/,
    );
    expect(() => convTranspose(x, w(4, 4, 3, 3), w(3))).toThrow(/bias must be \[4\]/);
    expect(() => convTranspose(x, w(4, 4, 1, 1), undefined, { pads: [3, 0, 3, 0] })).toThrow(
      /the pads leave an output of \[-1,5\]/,
    );
    const extra = { output_padding: [-1, 0] };
    expect(() => convTranspose(x, w(4, 4, 3, 3), undefined, extra)).toThrow(/output_padding \[-1/);
  });
});
