import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering } from "../../test/properties.js";
import { Graph } from "../graph/graph.js";
import { convTranspose } from "../operators/convolution.js";

const axis = fc.record({
  size: fc.integer({ min: 1, max: 5 }),
  kernel: fc.integer({ min: 1, max: 4 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  // Now and then larger than the kernel.
  begin: fc.oneof(fc.nat(2), fc.nat(8)),
  end: fc.oneof(fc.nat(2), fc.nat(8)),
  extra: fc.nat(2),
});

const setting = fc.record({
  axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  inner: fc.integer({ min: 1, max: 2 }),
  outer: fc.integer({ min: 1, max: 2 }),
  unitStride: fc.boolean(),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

const strideOf = ({ unitStride }: Setting, { stride }: Setting["axes"][number]) =>
  unitStride ? 1 : stride;
const extentOf = ({ kernel, dilation }: Setting["axes"][number]) => (kernel - 1) * dilation + 1;

function attributesOf(given: Setting) {
  const { axes, group } = given;
  return {
    strides: axes.map((a) => strideOf(given, a)),
    dilations: axes.map(({ dilation }) => dilation),
    pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
    group,
  };
}

describe("a lowered ConvTranspose", () => {
  it("has the same value", () => {
    const census = new Census();
    const valid = setting.filter((given) =>
      given.axes.every(
        (a) => strideOf(given, a) * (a.size - 1) + extentOf(a) + a.extra > a.begin + a.end,
      ),
    );
    fc.assert(
      fc.property(valid, fc.integer(), (given, seed) => {
        const { axes, batch, group, inner, outer } = given;
        const random = generator(seed);
        const graph = new Graph();
        const sizes = axes.map(({ size }) => size);
        const kernel = axes.map((a) => a.kernel);
        const x = graph.input("x", "float64", [batch, group * inner, ...sizes]);
        const w = graph.input("w", "float64", [group * inner, outer, ...kernel]);
        const y = convTranspose(x, w, undefined, {
          ...attributesOf(given),
          output_padding: axes.map(({ extra }) => extra),
        });
        const feeds = [
          [x, uniform(random, x.size)] as const,
          [w, uniform(random, w.size)] as const,
        ];
        const types = checkLowering(y, feeds)!;
        const strides = axes.map((a) => strideOf(given, a));
        const unit = strides.every((stride) => stride === 1);
        const negative = axes.some((a) => a.begin >= extentOf(a) || a.end - a.extra >= extentOf(a));
        expect(types).not.toContain("ConvTranspose");
        census.note({
          flipped: unit && !negative,
          "cropped for its negative pads": unit && negative,
          phased: !unit,
          "a phase without taps": axes.some((a, i) => a.kernel < strides[i]!),
          "stride 3": strides.includes(3),
          "dilation with stride": axes.some((a, i) => a.dilation > 1 && strides[i]! > 1),
          "dilation and stride with a common factor": axes.some(
            (a, i) => a.dilation === strides[i] && a.dilation > 1,
          ),
          "odd size": axes.some((_, i) => y.shape[i + 2]! % strides[i]! !== 0),
          grouped: group > 1 && inner * outer > 1,
          depthwise: group > 1 && inner * outer === 1,
          volume: axes.length === 3,
          "strides that differ": new Set(strides).size > 1,
          "phases and pads beyond the kernel": !unit && negative,
        });
      }),
      { seed: 31, numRuns: 700 },
    );
    census.require(12);
  });

  it("never sees input that no phase reaches", () => {
    // The pads cut everything but what one phase gives.
    const graph = new Graph();
    const x = graph.input("x", "float64", [1, 1, 4]);
    const w = graph.input("w", "float64", [1, 1, 2]);
    const feeds = [[x, [1, 2, 3, 4]] as const, [w, [5, 6]] as const];
    for (const pads of [
      [0, 10],
      [10, 0],
      [3, 8],
      [8, 3],
    ]) {
      for (const dilation of [5, 6, 7]) {
        const attributes = { strides: [2], dilations: [dilation], pads };
        checkLowering(convTranspose(x, w, undefined, attributes), feeds);
      }
    }
  });
});
