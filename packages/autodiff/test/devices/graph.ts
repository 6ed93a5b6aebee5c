/**
 * The graph that every device must agree on. It touches each family of operators once, and its
 * outputs are a loss, the loss's gradient to every input and the gradient of a gradient penalty,
 * so that adjoints and their adjoints run on every device too. The module runs in Node and in a
 * page alike.
 */
import {
  add,
  cast,
  conv,
  convTranspose,
  div,
  Graph,
  gather,
  gemm,
  gradients,
  greater,
  gridSample,
  layerNormalization,
  leakyRelu,
  maxPool,
  mul,
  not,
  reduceMean,
  reduceSum,
  reduceSumSquare,
  reshape,
  resizeLinear,
  type Shape,
  scatterND,
  softmax,
  sqrt,
  type Tensor,
  type TypedArray,
  transpose,
  upsample,
} from "../../src/index.js";

export interface DeviceCase {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly feeds: Readonly<Record<string, TypedArray>>;
}

/** The inputs' shapes; each is differentiated. */
const INPUTS = {
  image: [1, 4, 8, 8],
  kernel: [8, 4, 3, 3],
  bias: [8],
  depthwise: [8, 1, 3, 3],
  transposed: [8, 4, 4, 4],
  grid: [1, 7, 6, 2],
  scale: [4],
  shift: [4],
  weights: [4, 5],
  offsets: [5],
} satisfies Record<string, Shape>;

type InputName = keyof typeof INPUTS;

export function deviceCase(): DeviceCase {
  const graph = new Graph();
  const names = Object.keys(INPUTS) as InputName[];
  const inputs = {} as Record<InputName, Tensor>;
  const feeds: Record<string, TypedArray> = {};
  for (const [seed, name] of names.entries()) {
    inputs[name] = graph.input(name, "float32", INPUTS[name]);
    feeds[name] = noise(inputs[name].size, seed);
  }
  const { loss, features } = network(graph, inputs);
  const first = gradients(
    loss,
    names.map((name) => inputs[name]),
  );
  const penalised = [inputs.image, inputs.kernel, inputs.transposed];
  const penalty = reduceSumSquare(gradients(reduceMean(features), [inputs.image])[0]!);
  const second = gradients(penalty, penalised);
  const outputs = {
    loss,
    features,
    ...Object.fromEntries(names.map((name, i) => [`d_${name}`, first[i]!])),
    penalty,
    ...Object.fromEntries(penalised.map(({ name }, i) => [`d_penalty_${name}`, second[i]!])),
  };
  return { graph, inputs, outputs, feeds };
}

/** An input and an output in each kind of array that is not of plain numbers, and the results. */
export function arraysCase(): DeviceCase & { readonly expected: Record<string, TypedArray> } {
  const graph = new Graph();
  const half = graph.input("half", "float16", [4]);
  const index = graph.input("index", "int64", [3]);
  const flag = graph.input("flag", "bool", [2]);
  const inputs = { half, index, flag };
  const outputs = {
    more: cast(add(cast(half, "float32"), 1), "float16"),
    twice: add(index, index),
    opposite: not(flag),
    positive: greater(cast(half, "float32"), 0),
  };
  const feeds = {
    half: Uint16Array.of(0x3c00, 0xc000, 0x0000, 0x4200), // 1, -2, 0, 3
    index: BigInt64Array.of(1n, -2n, 1n << 40n),
    flag: Uint8Array.of(1, 0),
  };
  const expected = {
    more: Uint16Array.of(0x4000, 0xbc00, 0x3c00, 0x4400), // 2, -1, 1, 4
    twice: BigInt64Array.of(2n, -4n, 1n << 41n),
    opposite: Uint8Array.of(0, 1),
    positive: Uint8Array.of(1, 0, 0, 1),
  };
  return { graph, inputs, outputs, feeds, expected };
}

function network(graph: Graph, x: Record<InputName, Tensor>): { loss: Tensor; features: Tensor } {
  const pads = [1, 1, 1, 1];
  const small = pixelNorm(leakyRelu(conv(x.image, x.kernel, x.bias, { pads }), 0.2));
  const blurred = conv(upsample(small, 2), x.depthwise, undefined, { pads, group: 8 });
  const large = convTranspose(blurred, x.transposed, undefined, { pads, strides: [2, 2] });
  const pooled = maxPool(large, [2, 2], { strides: [2, 2] });
  const features = mul(pooled, resizeLinear(x.image, [16, 16]));
  const sampled = gridSample(features, x.grid);
  const rows = transpose(reshape(sampled, [4, 42]));
  const normal = layerNormalization(rows, x.scale, x.shift);
  // Rows repeat among those gathered and among the targets, so contributions must be added.
  const gathered = gather(normal, graph.constant([0, 3, 3, 41, 17, 0, 8, 8, 8], "int64"));
  const targets = graph.constant([1, 2, 5, 2, 1, 0, 4, 4, 2], "int64", [9, 1]);
  const scattered = scatterND(graph.constant(0, "float32", [6, 4]), targets, gathered, "add");
  const classes = softmax(gemm(scattered, x.weights, x.offsets));
  const desired = graph.constant(noise(30, 99), "float32", [6, 5]);
  return { loss: add(reduceSum(mul(classes, desired)), reduceMean(mul(rows, rows))), features };
}

/** Features scaled to mean square one over the channels (Karras et al. 2018). */
function pixelNorm(x: Tensor): Tensor {
  const meanSquare = reduceMean(mul(x, x), [1], true);
  return div(x, sqrt(add(meanSquare, 1e-8)));
}

/** Numbers in [-1, 1) that are the same on every machine. */
function noise(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    let t = Math.imul((i + 1) ^ (seed << 16), 0x9e3779b1);
    t = Math.imul(t ^ (t >>> 15), 0x85ebca6b);
    return ((t ^ (t >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}
