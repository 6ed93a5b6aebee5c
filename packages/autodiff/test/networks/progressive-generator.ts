/**
 * The generator of progressive growing (Karras et al. 2018, arXiv 1710.10196, table 2): a latent of
 * 512 on the hypersphere, 4 x 4 to the final resolution by nearest upsampling and pairs of 3 x 3
 * convolutions, LeakyRelu 0.2, pixelwise normalisation, and a 1 x 1 convolution to RGB.
 */
import {
  add,
  conv,
  type Graph,
  gemm,
  leakyRelu,
  mul,
  reciprocal,
  reduceMean,
  reshape,
  sqrt,
  type Tensor,
  upsample,
} from "../../src/index.js";
import { generator as uniformGenerator } from "../finite-differences.js";

export interface GeneratorOptions {
  readonly resolution: number;
  /** 8192 times the width in the paper's terms. */
  readonly featureBase: number;
  readonly featureMax: number;
  readonly batch?: number;
  /** Weights become graph inputs, which can be differentiated. Default: constants. */
  readonly trainable?: boolean;
  readonly seed?: number;
}

export interface Generator {
  readonly latent: Tensor;
  readonly image: Tensor;
  /** The trainable weights by name, and values to start from. */
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly values: Readonly<Record<string, Float32Array>>;
}

export function pixelNorm(x: Tensor): Tensor {
  const mean = reduceMean(mul(x, x), [1], true);
  return mul(x, reciprocal(sqrt(add(mean, 1e-8))));
}

export function progressiveGenerator(graph: Graph, options: GeneratorOptions): Generator {
  const { resolution, featureBase, featureMax, batch = 1, trainable = false } = options;
  const random = uniformGenerator(options.seed ?? 1);
  const weights: Record<string, Tensor> = {};
  const values: Record<string, Float32Array> = {};
  const weight = (name: string, shape: number[], fanIn: number): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    const gain = Math.sqrt(2 / fanIn);
    // Uniform numbers of the variance that He et al. ask for.
    const scale = Math.sqrt(12) * gain;
    const data = Float32Array.from({ length: size }, () => (random() - 0.5) * scale);
    if (!trainable) return graph.constant(data, "float32", shape, name);
    values[name] = data;
    weights[name] = graph.input(name, "float32", shape);
    return weights[name];
  };
  const features = (size: number) => Math.min((2 * featureBase) / size, featureMax);
  const layer = (x: Tensor, name: string, to: number, kernel: number): Tensor => {
    const from = x.shape[1]!;
    const w = weight(`${name}/weight`, [to, from, kernel, kernel], from * kernel * kernel);
    const b = weight(`${name}/bias`, [to], 1e6);
    const pad = (kernel - 1) / 2;
    return conv(x, w, b, { pads: [pad, pad, pad, pad] });
  };
  const activated = (x: Tensor) => pixelNorm(leakyRelu(x, 0.2));
  const latent = graph.input("latent", "float32", [batch, featureMax]);
  const start = features(4);
  const dense = weight("4x4/dense/weight", [featureMax, 16 * start], featureMax);
  let x = activated(reshape(gemm(pixelNorm(latent), dense), [batch, start, 4, 4]));
  x = activated(layer(x, "4x4/conv", start, 3));
  for (let size = 8; size <= resolution; size *= 2) {
    x = activated(layer(upsample(x, 2), `${size}x${size}/conv0`, features(size), 3));
    x = activated(layer(x, `${size}x${size}/conv1`, features(size), 3));
  }
  const image = layer(x, "to_rgb", 3, 1);
  return { latent, image, weights, values };
}
