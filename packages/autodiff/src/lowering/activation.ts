/**
 * How Relu, LeakyRelu and PRelu and their cotangents are written as ONNX.
 *
 * Cotangent g of an activation with slope s below zero; y is its output. Between two convolutions
 * at [1,16,512,512], ONNX Runtime 1.30, two cores of a Zen 4 server, ms (median / least of 13 runs;
 * a product g y, the least it can cost, 35.0 / 32.4):
 *
 *     g * BatchNormalization(HardSigmoid(1e38 y))   36.4 / 32.6   <- used
 *     g * depthwise 1x1 Conv of HardSigmoid         37.9 / 34.8
 *     g * Max(HardSigmoid(1e38 y), s)               45.9 / 40.2
 *     g * Where(y > 0, 1, s)                        47.8 / 43.2
 *     g * ((1 - s) HardSigmoid(1e38 y) + s)         51.4 / 46.6
 *     Where(y > 0, g, s g)                          52.1 / 46.7
 *
 * HardSigmoid with a huge slope is the step function in one vectorised pass, and it, the
 * batch normalisation (here the affine map of 0 to s and 1 to 1) and the product all stay in the
 * blocked channel layout of the convolutions around them; a comparison or a scalar product leaves it.
 *
 * PRelu itself, alone at [1,32,112,112] and between convolutions at [1,16,512,512]:
 *
 *     PRelu                       22 / 1.16     39.0 / 32.9
 *     Max(x, s x), 0 <= s <= 1    0.24 / 0.20   32.7 / 25.6
 *     s x + (1 - s) Relu(x)       0.36 / 0.26   27.9 / 19.3   <- used
 */
import type { GraphNode } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { hardSigmoid, relu } from "../operators/activation.js";
import { add, mul, scalarValue, sub } from "../operators/arithmetic.js";
import { expand } from "../operators/broadcasting.js";
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

export function lowerLeakyReluGradient(node: GraphNode): Tensor[] {
  const [g, x, slope] = [node.input(0), node.input(1), node.input(2)];
  if (x.dtype === "float32") {
    if (scalarValue(slope) === 0) return [mul(g, hardSigmoid(x, STEEP, 0))];
    const perChannel = channelSlope(slope, x);
    if (perChannel) {
      const zero = expand(x.graph.constant(0, x.dtype), perChannel.shape);
      const one = expand(x.graph.constant(1, x.dtype), perChannel.shape);
      const step = hardSigmoid(x, STEEP, 0);
      const rise = sub(1, perChannel);
      return [mul(g, batchNormalization(step, rise, perChannel, zero, one, 0))];
    }
  }
  return [where(greater(x, 0), g, mul(g, slope))];
}

export function lowerPRelu(node: GraphNode): Tensor[] | undefined {
  const [x, slope] = [node.input(0), node.input(1)];
  const perChannel = channelSlope(slope, x);
  if (!perChannel) return undefined;
  const column = reshape(perChannel, [perChannel.size, ...x.shape.slice(2).map(() => 1)]);
  return [add(mul(x, column), mul(relu(x), sub(1, column)))];
}
