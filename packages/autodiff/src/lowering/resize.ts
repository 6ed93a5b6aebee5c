/** How linear Resize over unusual axes, and the sum over blocks, are written as ONNX. */
import type { GraphNode } from "../graph/node.js";
import { sameShape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { reduceSum } from "../operators/broadcasting.js";
import { conv } from "../operators/convolution.js";
import { reshape } from "../operators/layout.js";
import { onesKernel } from "../operators/pooling.js";
import {
  applyMatrices,
  type BlockAttributes,
  type ResizeAttributes,
  resamplingOf,
} from "../operators/resize.js";

/**
 * ONNX Runtime resizes linearly all axes of up to three, or the last two or three of [N, C, ...],
 * and copies its input where scales leave the shape as it is; anything else becomes products with
 * interpolation matrices.
 */
export function lowerResize(node: GraphNode<ResizeAttributes>): Tensor[] | undefined {
  const { mode, scales } = resamplingOf(node);
  const rank = scales.length;
  const image = (rank === 4 || rank === 5) && scales[0] === 1 && scales[1] === 1;
  const taken = mode === "nearest" || rank === 2 || rank === 3 || image;
  if (taken && !sameShape(node.input(0).shape, node.output.shape)) return undefined;
  return [applyMatrices(node.input(0), node, "forward")];
}

/**
 * A convolution with ones where the blocks lie on the spatial axes of [N, C, ...], else a reduction.
 * Blocks of 2 x 2, ms (4th of 15 runs) on ONNX Runtime 1.30 and two cores:
 *
 *                                     64x256x256   512x64x64   512x16x16   3x512x512
 *     Conv, ones, one group a channel    1.9          0.42        0.06        0.22
 *     AveragePool times 4                2.7          0.54        0.06        0.18
 *     ReduceSum of [N, C, h, 2, w, 2]    3.3          1.4         0.16        0.50
 *     two strided Slices and an Add      4.0          1.8         0.18        0.65
 */
export function lowerSumBlocks(node: GraphNode<BlockAttributes>): Tensor[] {
  const { factors } = node.attributes;
  const x = node.input(0);
  const [batch, group, ...kernel] = factors;
  if (batch === 1 && group === 1 && kernel.length > 0 && kernel.length <= 3) {
    const channels = x.shape[1]!;
    const ones = onesKernel(x, channels, kernel);
    return [conv(x, ones, undefined, { strides: kernel, group: channels })];
  }
  const split = node.output.shape.flatMap((size, i) => [size, factors[i]!]);
  const within = factors.flatMap((factor, i) => (factor > 1 ? [2 * i + 1] : []));
  return [reshape(reduceSum(reshape(x, split), within), node.output.shape)];
}
