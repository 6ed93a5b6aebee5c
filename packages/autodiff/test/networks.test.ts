/**
 * Gradients of whole networks, as ONNX Runtime computes them in float32, along random directions
 * against differences in float64 of what they are gradients of. In float32 the differences
 * themselves would be off by percents: steps small enough not to cross the kinks of thousands of
 * activations drown in rounding.
 */
import { describe, expect, it } from "vitest";
import { producedBy } from "../src/graph/node.js";
import { ancestors } from "../src/graph/traverse.js";
import {
  compile,
  evaluate,
  Graph,
  gradients,
  importModel,
  readModelFile,
  type Tensor,
} from "../src/index.node.js";
import { PRelu } from "../src/operators/activation.js";
import {
  add,
  averagePool,
  conv,
  gemm,
  greater,
  leakyRelu,
  mul,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  reshape,
  sqrt,
  sub,
} from "../src/operators/index.js";
import { generator, uniform } from "./finite-differences.js";
import { inFloat64 } from "./networks/in-float64.js";
import { progressiveGenerator } from "./networks/progressive-generator.js";
import { sfacePath } from "./networks/sface.node.js";

const DIRECTIONS = 20;
const TOLERANCE = 5e-3;

type Vector = Float64Array;

const dot = (a: Vector, b: Vector) => a.reduce((total, value, i) => total + value * b[i]!, 0);

/** Normally distributed numbers (Box and Muller), which float32 holds exactly. */
function normal(random: () => number, size: number): Vector {
  const draw = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Float64Array.from(Float32Array.from({ length: size }, draw));
}

/**
 * Compares gradient times direction with differences of `loss`. Each error is relative to the
 * derivative, or to their root mean square where that is more.
 */
async function expectDerivatives(check: {
  readonly at: Vector;
  readonly gradient: Vector;
  readonly loss: (x: Vector) => number | Promise<number>;
  readonly random: () => number;
  readonly step: number;
}): Promise<void> {
  const { at, gradient, loss, random, step } = check;
  const here = await loss(at);
  const pairs: (readonly [analytic: number, numeric: number])[] = [];
  for (let i = 0; i < DIRECTIONS; i++) {
    const direction = normal(random, at.length);
    const there = await loss(at.map((value, k) => value + step * direction[k]!));
    pairs.push([dot(gradient, direction), (there - here) / step]);
  }
  const rms = Math.sqrt(pairs.reduce((total, [, d]) => total + d * d, 0) / pairs.length);
  expect(rms).toBeGreaterThan(0);
  const errors = pairs.map(([a, d]) => Math.abs(a - d) / Math.max(Math.abs(d), rms));
  expect(Math.max(...errors)).toBeLessThanOrEqual(TOLERANCE);
}

type Feeds = ReadonlyMap<Tensor, Vector>;

/** Values of float32 outputs on ONNX Runtime, one after another. */
async function run(outputs: readonly Tensor[], feeds: Feeds): Promise<Vector> {
  const program = await compile(outputs[0]!.graph, {
    inputs: Object.fromEntries([...feeds.keys()].map((tensor) => [tensor.name, tensor])),
    outputs: Object.fromEntries(outputs.map((tensor, i) => [`output${i}`, tensor])),
  });
  const fed = [...feeds].map(([tensor, data]) => [tensor.name, Float32Array.from(data)] as const);
  const results = await program.run(Object.fromEntries(fed));
  await program.dispose();
  return joined(outputs.map((_, i) => results[`output${i}`] as Float32Array));
}

function joined(parts: readonly (Float32Array | Vector)[]): Vector {
  const all = new Float64Array(parts.reduce((total, part) => total + part.length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

/** Cuts one vector into the values of several tensors. */
function feedsOf(tensors: readonly Tensor[], x: Vector): Map<Tensor, Vector> {
  const feeds = new Map<Tensor, Vector>();
  let start = 0;
  for (const tensor of tensors) {
    feeds.set(tensor, x.subarray(start, start + tensor.size));
    start += tensor.size;
  }
  return feeds;
}

/** The sum of y times fixed random weights. */
function projection(y: Tensor, random: () => number): Tensor {
  const weights = Float32Array.from(uniform(random, y.size));
  return reduceSum(mul(y, y.graph.constant(weights, "float32", y.shape)));
}

describe("a progressive generator", () => {
  it("has its gradient by the latent, at 64 x 64 pixels", async () => {
    const random = generator(1);
    const sizes = { resolution: 64, featureBase: 512, featureMax: 64 };
    const { latent, image } = progressiveGenerator(new Graph(), sizes);
    const loss = projection(image, random);
    const at = normal(random, latent.size);
    await expectDerivatives({
      at,
      gradient: await run(gradients(loss, [latent]), new Map([[latent, at]])),
      loss: (x) => evaluate([loss], new Map([[latent, x]]))[0]![0]!,
      random,
      step: 1e-7,
    });
  });

  it("has its gradient by all weights, for a batch of two", async () => {
    const random = generator(2);
    const { latent, image, weights, values } = progressiveGenerator(new Graph(), {
      resolution: 16,
      featureBase: 128,
      featureMax: 32,
      batch: 2,
      trainable: true,
    });
    const names = Object.keys(weights);
    const tensors = names.map((name) => weights[name]!);
    const z = normal(random, latent.size);
    const loss = projection(image, random);
    const at = joined(names.map((name) => values[name]!));
    const feedsAt = (x: Vector) => feedsOf(tensors, x).set(latent, z);
    await expectDerivatives({
      at,
      gradient: await run(gradients(loss, tensors), feedsAt(at)),
      loss: (x) => evaluate([loss], feedsAt(x))[0]![0]!,
      random,
      step: 1e-8,
    });
  });
});

describe("a recognition network", () => {
  it("has its gradient by the image", async () => {
    const random = generator(3);
    const graph = new Graph();
    const image = graph.input("image", "float32", [1, 3, 112, 112]);
    const { fc1 } = importModel(readModelFile(sfacePath()), graph, { data: image });
    const weights = uniform(random, fc1!.size).map(Math.fround);
    const constant = graph.constant(Float32Array.from(weights), "float32", fc1!.shape);
    const [gradient] = gradients(reduceSum(mul(fc1!, constant)), [image]);
    // Smooth, and between 0 and 255.
    const at = Float64Array.from({ length: image.size }, (_, i) => {
      const [x, y, c] = [i % 112, Math.floor(i / 112) % 112, Math.floor(i / 112 ** 2)];
      const value = 128 + 60 * Math.sin(x / 9 + c) + 50 * Math.cos(y / 13 - (c * x) / 30);
      return Math.fround(value);
    });
    const activations = ancestors([fc1!]).filter(({ output }) => producedBy(output, PRelu));
    expect(activations.length).toBeGreaterThan(20);
    const positive = Object.fromEntries(
      activations.map(({ name, inputs }) => [name, greater(inputs[0]!, 0)]),
    );
    const outputs = { gradient: gradient!, features: fc1!, ...positive };
    const program = await compile(graph, { inputs: { image }, outputs });
    const single = await program.run({ image: Float32Array.from(at) });
    await program.dispose();

    const signs = new Map(
      activations.map((node) => [node, graph.input("sign", "bool", node.output.shape)]),
    );
    const wide = graph.input("wide", "float64", image.shape);
    const inputs = Object.fromEntries([...signs].map(([{ name }, sign]) => [name, sign]));
    const reference = await compile(graph, {
      inputs: { wide, ...inputs },
      outputs: { features: inFloat64(fc1!, image, wide, signs) },
    });
    const given = Object.fromEntries(activations.map(({ name }) => [name, single[name]!]));
    const featuresAt = async (x: Vector) =>
      Float64Array.from((await reference.run({ wide: x, ...given })).features as Vector);
    // Given those signs it still is the same network.
    const features = await featuresAt(at);
    const differences = features.map((v, i) => Math.abs(v - Number(single.features![i])));
    expect(Math.max(...differences)).toBeLessThan(1e-5 * Math.max(...features.map(Math.abs)));
    await expectDerivatives({
      at,
      gradient: Float64Array.from(single.gradient as Float32Array),
      loss: async (x) => dot(await featuresAt(x), weights),
      random,
      step: 1e-3,
    });
    await reference.dispose();
  });
});

describe("a critic with a gradient penalty", () => {
  /** The penalty of Gulrajani et al. 2017 on samples x: (|critic'(x)| - 1)^2, averaged. */
  function critic(dtype: "float32" | "float64") {
    const graph = new Graph();
    const x = graph.input("x", dtype, [3, 3, 8, 8]);
    const weights = [[4, 3, 3, 3], [4], [6, 4, 3, 3], [6], [24, 5], [5], [5, 1]].map((shape, i) =>
      graph.input(`w${i}`, dtype, shape),
    );
    const [w0, b0, w1, b1, w2, b2, w3] = weights as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const pads = [1, 1, 1, 1];
    const halve = (y: Tensor) => averagePool(y, [2, 2], { strides: [2, 2] });
    const first = halve(leakyRelu(conv(x, w0, b0, { pads }), 0.2));
    const second = halve(leakyRelu(conv(first, w1, b1, { pads }), 0.2));
    const dense = leakyRelu(gemm(reshape(second, [3, 24]), w2, b2), 0.2);
    const [slope] = gradients(reduceSum(gemm(dense, w3)), [x]);
    const norm = sqrt(add(reduceSumSquare(slope!, [1, 2, 3]), 1e-8));
    const excess = sub(norm, 1);
    return { x, weights, penalty: reduceMean(mul(excess, excess)) };
  }

  it("has the penalty's gradient by the critic's weights, of every element", async () => {
    const random = generator(4);
    const { x, weights, penalty } = critic("float64");
    const samples = normal(random, x.size);
    const at = joined(weights.map((w) => normal(random, w.size).map((v) => Math.fround(v / 3))));
    const feedsAt = (values: Vector) => feedsOf(weights, values).set(x, samples);
    const gradient = joined(evaluate(gradients(penalty, weights), feedsAt(at)));
    const loss = (values: Vector) => evaluate([penalty], feedsAt(values))[0]![0]!;
    const scale = Math.max(...gradient.map(Math.abs));
    expect(scale).toBeGreaterThan(0.1);
    const step = 1e-6;
    for (const i of at.keys()) {
      const moved = (by: number) => at.map((value, k) => (k === i ? value + by : value));
      const numeric = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
      expect(Math.abs(gradient[i]! - numeric) / scale, `element ${i}`).toBeLessThan(1e-6);
    }
    await expectDerivatives({ at, gradient, loss, random, step: 1e-8 });
    const single = critic("float32");
    const feeds = feedsOf(single.weights, at).set(single.x, samples);
    const computed = await run(gradients(single.penalty, single.weights), feeds);
    const errors = computed.map((value, i) => Math.abs(value - gradient[i]!) / scale);
    expect(Math.max(...errors)).toBeLessThan(1e-4);
  });
});
