import fc from "fast-check";
import { expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering } from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import { ConvWeightGradient, conv } from "../operators/convolution.js";
import { upsample } from "../operators/resize.js";

const axis = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  /** Nearest upsampling before the convolution. */
  factor: fc.integer({ min: 1, max: 3 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  begin: fc.oneof(fc.nat(2), fc.nat(7)),
  end: fc.oneof(fc.nat(2), fc.nat(7)),
});

const setting = fc
  .record({
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
    batch: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 3 }),
    inner: fc.integer({ min: 1, max: 2 }),
    outer: fc.integer({ min: 1, max: 2 }),
    upsampled: fc.boolean(),
    strided: fc.boolean(),
  })
  .map(({ axes, ...given }) => ({
    ...given,
    axes: axes.map((a) => ({
      ...a,
      factor: given.upsampled ? a.factor : 1,
      stride: given.strided ? a.stride : 1,
    })),
  }))
  .filter(({ axes }) =>
    axes.every((a) => a.size * a.factor + a.begin + a.end > (a.kernel - 1) * a.dilation),
  );

it("a lowered weight gradient has the same value", () => {
  const census = new Census();
  fc.assert(
    fc.property(setting, fc.integer(), ({ axes, batch, group, inner, outer }, seed) => {
      const random = generator(seed);
      const graph = new Graph();
      const input = (name: string, shape: readonly number[]) => graph.input(name, "float64", shape);
      const x = input("x", [batch, group * inner, ...axes.map(({ size }) => size)]);
      const w = input("w", [group * outer, inner, ...axes.map(({ kernel }) => kernel)]);
      const factors = axes.map(({ factor }) => factor);
      const y = conv(upsample(x, factors), w, undefined, {
        strides: axes.map(({ stride }) => stride),
        dilations: axes.map(({ dilation }) => dilation),
        pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
        group,
      });
      const g = input("g", y.shape);
      const [gradient] = gradients(y, [w], { cotangent: g });
      expect(producedBy(gradient!, ConvWeightGradient)).toBeDefined();
      const feeds = [x, g].map((tensor) => [tensor, uniform(random, tensor.size)] as const);
      const types = checkLowering(gradient!, feeds)!;
      const depthwise = inner * outer === 1;
      const unit = axes.every(({ stride }) => stride === 1);
      expect(types).not.toContain("ConvWeightGradient");
      census.note({
        depthwise: depthwise && group > 1,
        grouped: group > 1 && !depthwise,
        plain: group === 1 && !depthwise,
        strided: !unit,
        "stride 3": axes.some(({ stride }) => stride === 3),
        dilated: axes.some((a) => a.dilation > 1 && a.kernel > 1),
        "stride and dilation": axes.some((a) => a.dilation > 1 && a.stride > 1 && a.kernel > 1),
        padded: axes.some((a) => a.begin + a.end > 0),
        "pads that differ": axes.some((a) => a.begin !== a.end),
        "pads beyond the kernel": axes.some((a) => a.begin > (a.kernel - 1) * a.dilation),
        "one place": axes.every((_, i) => y.shape[i + 2] === 1),
        volume: axes.length === 3,
        batch: batch > 1,
        upsampled: unit && factors.some((factor) => factor > 1),
        "upsampled by 3": unit && factors.includes(3),
        "upsampled, then strided": !unit && factors.some((factor) => factor > 1),
        "factors that differ": unit && new Set(factors).size > 1,
        "part of a block": unit && axes.some((a, i) => y.shape[i + 2]! % a.factor !== 0),
      });
    }),
    { seed: 32, numRuns: 600 },
  );
  census.require(20);
});
