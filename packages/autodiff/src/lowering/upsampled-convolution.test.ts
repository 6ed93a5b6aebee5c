import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering } from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import { conv, convTranspose } from "../operators/convolution.js";
import {
  resizeLinear,
  resizeNearest,
  SumBlocks,
  sumBlocks,
  upsample,
} from "../operators/resize.js";
import { lower } from "./index.js";
import { ANY_TARGET } from "./target.js";
import { lowerSummedConvTranspose } from "./upsampled-convolution.js";

const axis = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  factor: fc.integer({ min: 1, max: 3 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  begin: fc.oneof(fc.nat(2), fc.nat(8)),
  end: fc.oneof(fc.nat(2), fc.nat(8)),
});

const setting = fc
  .record({
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
    inner: fc.integer({ min: 1, max: 2 }),
    outer: fc.integer({ min: 1, max: 2 }),
    bias: fc.boolean(),
    uniform: fc.boolean(),
  })
  .map((given) => ({
    ...given,
    axes: given.uniform
      ? given.axes.map((a) => ({ ...a, factor: Math.max(2, given.axes[0]!.factor) }))
      : given.axes,
  }))
  .filter(({ axes }) =>
    axes.every((a) => a.size * a.factor + a.begin + a.end > (a.kernel - 1) * a.dilation),
  );
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

function build({ axes, batch, group, inner, outer, bias }: Setting, seed: number) {
  const random = generator(seed);
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]) => graph.input(name, "float64", shape);
  const x = input("x", [batch, group * inner, ...axes.map(({ size }) => size)]);
  const w = input("w", [group * outer, inner, ...axes.map(({ kernel }) => kernel)]);
  const b = input("b", [group * outer]);
  const large = upsample(
    x,
    axes.map(({ factor }) => factor),
  );
  const y = conv(large, w, bias ? b : undefined, {
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
    group,
  });
  const g = input("g", y.shape);
  const feeds = [x, w, b, g].map((tensor) => [tensor, uniform(random, tensor.size)] as const);
  return { x, y, g, feeds };
}

/** What came up, and what must have. */
function tally(given: Setting): Record<string, boolean> {
  const { axes, group, inner, outer, bias } = given;
  const factors = axes.map(({ factor }) => factor);
  return {
    "factor 2": factors.includes(2),
    "factor 3": factors.includes(3),
    "factors that differ": new Set(factors).size > 1,
    dilated: axes.some((a) => a.dilation > 1 && a.kernel > 1),
    bias,
    "1 x 1": axes.every(({ kernel }) => kernel === 1),
    "as large a result": axes.every((a) => a.begin + a.end === (a.kernel - 1) * a.dilation),
    "pads beyond the kernel": axes.some((a) => a.begin > (a.kernel - 1) * a.dilation),
    grouped: group > 1 && inner * outer > 1,
    depthwise: group > 1 && inner * outer === 1,
    volume: axes.length === 3,
  };
}

describe("a convolution after upsampling", () => {
  it("is computed at the coarse resolution, to the same value", () => {
    const census = new Census();
    fc.assert(
      fc.property(setting, fc.integer(), (given, seed) => {
        const { y, feeds } = build(given, seed);
        const types = checkLowering(y, feeds);
        const repeated = given.axes.some(({ factor }) => factor > 1);
        expect(types !== undefined).toBe(repeated);
        if (!repeated) return;
        expect(types).not.toContain("Resize");
        census.note(tally(given));
      }),
      { seed: 33, numRuns: 350 },
    );
    census.require(6);
  });

  it("stays where the taps do not repeat", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 2, 4, 4]);
    const w = graph.input("w", "float32", [3, 2, 3, 3]);
    const lowered = (y: ReturnType<typeof conv>) => lower(y.producer!);
    expect(lowered(conv(x, w))).toBeUndefined();
    expect(lowered(conv(upsample(x, 2), w))).toBeDefined();
    expect(lowered(conv(upsample(x, 2), w, undefined, { strides: [2, 2] }))).toBeUndefined();
    expect(lowered(conv(resizeLinear(x, [8, 8]), w))).toBeUndefined();
    expect(lowered(conv(resizeNearest(x, [6, 6]), w))).toBeUndefined();
    const down = { coordinates: "asymmetric", rounding: "floor" } as const;
    expect(lowered(conv(resizeNearest(x, [6, 6], down), w))).toBeUndefined();
    expect(lowered(conv(resizeNearest(x, [3, 3], down), w))).toBeUndefined();
    const channels = upsample(graph.input("c", "float32", [1, 1, 4, 4]), [1, 2, 2, 2]);
    expect(lowered(conv(channels, w))).toBeUndefined();
  });
});

describe("a transposed convolution summed over blocks", () => {
  it("is one strided convolution, of the same value", () => {
    const census = new Census();
    fc.assert(
      fc.property(setting, fc.integer(), (given, seed) => {
        const { x, y, g, feeds } = build(given, seed);
        const [gradient] = gradients(y, [x], { cotangent: g });
        if (!producedBy(gradient!, SumBlocks)) return;
        const types = checkLowering(gradient!, feeds);
        expect(types).not.toContain("SumBlocks");
        const joined =
          lowerSummedConvTranspose(producedBy(gradient!, SumBlocks)!, ANY_TARGET) !== undefined;
        census.note({ joined, apart: !joined, ...tally(given) });
      }),
      { seed: 34, numRuns: 350 },
    );
    census.require(6);
  });

  it("is left to the sum where the transposed convolution has strides", () => {
    const graph = new Graph();
    const x = graph.input("x", "float64", [1, 2, 4]);
    const w = graph.input("w", "float64", [2, 1, 2]);
    const strided = sumBlocks(convTranspose(x, w, undefined, { strides: [2] }), [1, 1, 2]);
    expect(lowerSummedConvTranspose(producedBy(strided, SumBlocks)!, ANY_TARGET)).toBeUndefined();
    const channels = sumBlocks(convTranspose(x, w), [1, 1, 5]);
    expect(lowerSummedConvTranspose(producedBy(channels, SumBlocks)!, ANY_TARGET)).toBeDefined();
    const plain = sumBlocks(x, [1, 1, 2]);
    expect(lowerSummedConvTranspose(producedBy(plain, SumBlocks)!, ANY_TARGET)).toBeUndefined();
    const feeds = [[x, uniform(generator(1), 8)] as const, [w, [1, 2, 3, 4]] as const];
    for (const y of [strided, channels, plain]) checkLowering(y, feeds);
  });
});
