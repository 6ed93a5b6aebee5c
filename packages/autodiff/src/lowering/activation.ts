/**
 * How Relu, LeakyRelu and PRelu and their cotangents are written as ONNX.
 *
 * Cotangent g of an activation with slope s below zero; y is its output. ONNX Runtime 1.30, two
 * cores of a Zen 4 server, ms (median / least): between convolutions with constant weights at
 * [1,16,512,512] (a product g y, the least it can cost, takes 35.0 / 32.4), and alone at [1,32,112,112]
 * (0.24 / 0.17):
 *
 *     g * BatchNormalization(HardSigmoid(1e38 y))   36.4 / 32.6   0.33 / 0.27   <- between them
 *     g * depthwise 1x1 Conv of HardSigmoid         37.9 / 34.8
 *     g * Max(Clip(1e38 y, 0, 1), s)                45.9 / 40.2   0.38 / 0.32   <- elsewhere
 *     g * Where(y > 0, 1, s)                        47.8 / 43.2   0.65 / 0.38
 *     g * ((1 - s) HardSigmoid(1e38 y) + s)         51.4 / 46.6   0.45 / 0.33
 *     Where(y > 0, g, s g)                          52.1 / 46.7   0.59 / 0.37
 *
 * HardSigmoid with a huge slope is the step function in one vectorised pass. It, the batch
 * normalisation (here the affine map of 0 to s and 1 to 1) and the product all stay in the blocked
 * channel layout that ONNX Runtime gives convolutions with constant weights; a comparison or a
 * scalar product leaves it. Outside that layout the normalisation is slow (47 against 11 for a
 * product at [8,64,128,128]). With one s for all channels, 0 <= s <= 1, Clip(1e38 y, s, 1) does it.
 *
 * PRelu itself, alone at [1,32,112,112] and between convolutions at [1,16,512,512]:
 *
 *     PRelu                       22 / 1.16     39.0 / 32.9
 *     Max(x, s x), 0 <= s <= 1    0.24 / 0.20   32.7 / 25.6
 *     s x + (1 - s) Relu(x)       0.36 / 0.26   27.9 / 19.3   <- used
 */
import { type GraphNode, producedBy } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { clip, hardSigmoid, relu } from "../operators/activation.js";
import { add, maximum, mul, scalarValue, sub } from "../operators/arithmetic.js";
import { expand } from "../operators/broadcasting.js";
import { Conv } from "../operators/convolution.js";
import { reshape } from "../operators/layout.js";
import { batchNormalization } from "../operators/normalisation.js";
import { greater, where } from "../operators/selection.js";

/** So steep that every float32 above 1e-38 is past the ramp. */
const STEEP = 1e38;

/** A constant slope as one number per channel of x [N, C, spatial...]; undefined if it is not. */
function channelSlope(slope: Tensor, x: Tensor): Tensor | undefined {
  const channels = x.shape[1];
  if (!slope.data || x.rank < 3 || x.dtype !== "float32" || channels === undefined)
    return undefined;
  const perChannel = slope.shape.at(1 - x.rank) === channels && slope.size === channels;
  if (slope.size !== 1 && !perChannel) return undefined;
  return expand(reshape(slope, [slope.size]), [channels]);
}

/** Whether y, an activation or its input, comes right from a convolution with constant weights. */
function inBlockedLayout(y: Tensor): boolean {
  return [y, y.producer?.inputs[0]].some((source) => {
    return source && producedBy(source, Conv)?.input(1).data !== undefined;
  });
}

export function lowerLeakyReluGradient(node: GraphNode): Tensor[] {
  const [g, y, slope] = [node.input(0), node.input(1), node.input(2)];
  const s = scalarValue(slope);
  const perChannel = channelSlope(slope, y);
  if (y.dtype !== "float32") return [where(greater(y, 0), g, mul(g, slope))];
  if (s === 0) return [mul(g, hardSigmoid(y, STEEP, 0))];
  if (perChannel && inBlockedLayout(y)) {
    const zero = expand(y.graph.constant(0), perChannel.shape);
    const one = expand(y.graph.constant(1), perChannel.shape);
    const step = hardSigmoid(y, STEEP, 0);
    return [mul(g, batchNormalization(step, sub(1, perChannel), perChannel, zero, one, 0))];
  }
  const steep = mul(y, STEEP);
  if (s !== undefined && s > 0 && s <= 1) return [mul(g, clip(steep, { min: s, max: 1 }))];
  if (slope.data?.every((value) => value >= 0 && value <= 1)) {
    return [mul(g, maximum(clip(steep, { min: 0, max: 1 }), slope))];
  }
  return [where(greater(y, 0), g, mul(g, slope))];
}

export function lowerPRelu(node: GraphNode): Tensor[] | undefined {
  const [x, slope] = [node.input(0), node.input(1)];
  const perChannel = channelSlope(slope, x);
  if (!perChannel) return undefined;
  const column = reshape(perChannel, [perChannel.size, ...x.shape.slice(2).map(() => 1)]);
  return [add(mul(x, column), mul(relu(x), sub(1, column)))];
}
