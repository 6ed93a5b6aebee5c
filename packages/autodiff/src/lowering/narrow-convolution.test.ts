import { describe, expect, it } from "vitest";
import { generator, uniform } from "../../test/finite-differences.js";
import { expectClose, typesOf } from "../../test/properties.js";
import { evaluate } from "../evaluate/evaluate.js";
import { Graph } from "../graph/graph.js";
import { type ConvAttributes, conv } from "../operators/convolution.js";
import { lowerNarrowConv } from "./narrow-convolution.js";
import { ANY_TARGET, type LoweringTarget } from "./target.js";

const CPU: LoweringTarget = { ...ANY_TARGET, device: "cpu" };

interface Setting {
  readonly features?: number;
  readonly channels?: number;
  readonly kernel?: readonly [number, number];
  readonly side?: number;
  readonly attributes?: ConvAttributes;
  readonly bias?: boolean;
}

function build(setting: Setting, seed = 1) {
  const { features = 3, channels = 16, kernel = [3, 3], side = 64, bias = false } = setting;
  const random = generator(seed);
  const noise = (size: number) => Float32Array.from(uniform(random, size));
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, channels, side, side]);
  const w = graph.constant(noise(features * channels * kernel[0] * kernel[1]), "float32", [
    features,
    channels,
    ...kernel,
  ]);
  const y = conv(x, w, bias ? graph.constant(noise(features), "float32", [features]) : undefined, {
    pads: [1, 1, 1, 1],
    ...setting.attributes,
  });
  return { y, feeds: new Map([[x, noise(x.size)]]) };
}

const lowered = (setting: Setting, target = CPU) =>
  lowerNarrowConv(build(setting).y.producer as never, target)?.[0];

describe("a convolution to few channels", () => {
  it.each<Setting>([
    {},
    { features: 1, bias: true },
    { features: 4, kernel: [2, 5], attributes: { pads: [0, 3, 1, 1] } },
    { features: 2, kernel: [5, 3], attributes: { pads: [2, 1, 2, 1] }, bias: true },
  ])("is the same four pixels at a time: %j", (setting) => {
    const { y, feeds } = build(setting);
    const blocks = lowerNarrowConv(y.producer as never, CPU)![0]!;
    expect(blocks.shape).toEqual(y.shape);
    expect(typesOf(blocks)).toEqual(["Conv", "DepthToSpace"]);
    const [expected, found] = evaluate([y, blocks], feeds);
    expectClose(found!, expected!);
  });

  it.each<[string, Setting]>([
    ["five features", { features: 5 }],
    ["few input channels", { channels: 15 }],
    ["an odd side", { side: 65 }],
    ["few pixels", { side: 62 }],
    ["a pointwise kernel", { kernel: [1, 3], attributes: { pads: [0, 1, 0, 1] } }],
    ["strides", { side: 128, attributes: { strides: [2, 2] } }],
    ["dilation", { attributes: { dilations: [2, 2], pads: [2, 2, 2, 2] } }],
  ])("stays as it is with %s", (_, setting) => {
    expect(lowered(setting)).toBeUndefined();
  });

  it("stays as it is where channels are not laid out in blocks", () => {
    expect(lowered({}, { ...ANY_TARGET, device: "webgpu" })).toBeUndefined();
    expect(lowered({}, ANY_TARGET)).toBeUndefined();
  });
});
