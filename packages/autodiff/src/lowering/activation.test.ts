import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { Census, checkLowering, shapes } from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import type { DType } from "../graph/dtype.js";
import { Graph } from "../graph/graph.js";
import { producedBy } from "../graph/node.js";
import { type Shape, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { LeakyReluGradient, leakyRelu, prelu, relu } from "../operators/activation.js";
import { conv } from "../operators/convolution.js";

const SLOPES = [0, 1, 0.25, -0.5, 3];
const kinds = ["scalar", "per channel", "spread", "computed", "row"] as const;
type Kind = (typeof kinds)[number];

/** What a slope of each kind looks like beside x. */
function slopeShape(kind: Kind, x: Shape): Shape {
  if (kind === "scalar") return x.length % 2 === 0 ? [] : [1];
  if (kind === "row") return x.slice(-1);
  if (kind === "spread") return x.slice(1);
  return [x[1] ?? 1, ...x.slice(2).map(() => 1)];
}

const setting = fc.record({
  shape: shapes(2, 5, 3),
  kind: fc.constantFrom(...kinds),
  dtype: fc.constantFrom<DType>("float32", "float32", "float64"),
  seed: fc.integer(),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

function build({ shape, kind, dtype, seed }: Setting) {
  const random = generator(seed);
  const graph = new Graph();
  const x = graph.input("x", dtype, shape);
  const own = slopeShape(kind, shape);
  const values = uniform(random, sizeOf(own), 0, SLOPES.length).map((i) => SLOPES[Math.floor(i)]!);
  const slope =
    kind === "computed"
      ? graph.input("slope", dtype, own)
      : graph.constant(Array.from(values), dtype, own);
  const g = graph.input("g", dtype, shape);
  // Zeros among the elements, of either sign, and some of the smallest normal float32 numbers.
  const scale = (size: number) => (size < 0.5 ? 0 : size < 1 ? 1e-37 : 1);
  const data = uniform(random, x.size, -3, 3).map((v) => v * scale(Math.abs(v)));
  const feeds: (readonly [Tensor, Float64Array])[] = [
    [x, data],
    [g, uniform(random, g.size)],
  ];
  if (kind === "computed") feeds.push([slope, values]);
  return { x, g, slope, feeds };
}

/** Whether the slope is known, one number a channel at most, on a float32 image. */
function isPerChannel({ shape, kind, dtype }: Setting, slope: Tensor): boolean {
  if (dtype !== "float32" || shape.length < 3 || kind === "computed") return false;
  const ofChannels = slope.shape.at(1 - shape.length) === shape[1] && slope.size === shape[1];
  return slope.size === 1 || ofChannels;
}

/** The operators that tell apart the forms at the head of activation.ts. */
const FORMS = ["BatchNormalization", "HardSigmoid", "Max", "Clip", "Where"];

const formOf = (types: readonly string[]) => FORMS.find((name) => types.includes(name));

describe("lowered gradients of activations", () => {
  it("have the same value, whatever the slope", () => {
    const census = new Census();
    fc.assert(
      fc.property(setting, fc.boolean(), (given, convolved) => {
        const { x, g, slope, feeds } = build(given);
        const { shape, dtype, kind } = given;
        const channels = shape[1]!;
        const kernel = [channels, 1, ...shape.slice(2).map(() => 1)];
        // Between convolutions of constant weights another form is cheaper.
        const ones = x.graph.constant(1, dtype, kernel);
        const image = shape.length > 2;
        const source = convolved && image ? conv(x, ones, undefined, { group: channels }) : x;
        const [gradient] = gradients(prelu(source, slope), [source], { cotangent: g });
        const node = producedBy(gradient!, LeakyReluGradient)!;
        expect(node.input(2)).toBe(slope);
        const form = formOf(checkLowering(gradient!, feeds)!);
        if (dtype === "float64") expect(form).toBe("Where");
        census.note({
          ...Object.fromEntries(kinds.map((name) => [name, kind === name])),
          ...Object.fromEntries(FORMS.map((name) => [name, form === name])),
          "Where for float32": form === "Where" && dtype === "float32",
          matrix: !image,
          volume: shape.length === 5,
          "after a convolution": convolved && image,
        });
      }),
      { seed: 35, numRuns: 800 },
    );
    census.require(10);
  });

  it("of Relu and LeakyRelu, for every sign of the slope", () => {
    for (const shape of [[5], [2, 3, 4], [1, 2, 3, 3]]) {
      for (const dtype of ["float32", "float64"] as const) {
        for (const alpha of [...SLOPES, undefined]) {
          const graph = new Graph();
          const [x, cotangent] = [graph.input("x", dtype, shape), graph.input("g", dtype, shape)];
          const y = alpha === undefined ? relu(x) : leakyRelu(x, alpha);
          const [gradient] = gradients(y, [x], { cotangent });
          const data = uniform(generator(1), x.size, -2, 2);
          data[0] = 0;
          const types = checkLowering(gradient!, [
            [x, data],
            [cotangent, uniform(generator(2), x.size)],
          ]);
          expect(types).toBeDefined();
        }
      }
    }
  });
});

describe("a lowered PRelu", () => {
  it("has the same value, and is one where the slope is constant per channel", () => {
    let replaced = 0;
    fc.assert(
      fc.property(setting, (given) => {
        const { x, slope, feeds } = build(given);
        const types = checkLowering(prelu(x, slope), feeds);
        expect(types !== undefined).toBe(isPerChannel(given, slope));
        expect(types ?? []).not.toContain("PRelu");
        replaced += types ? 1 : 0;
      }),
      { seed: 36, numRuns: 300 },
    );
    expect(replaced).toBeGreaterThan(50);
  });
});
