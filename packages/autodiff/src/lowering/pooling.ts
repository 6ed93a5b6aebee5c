/** How averages that opset 17 cannot express are written as ONNX. */
import type { GraphNode } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "../operators/arithmetic.js";
import { conv } from "../operators/convolution.js";
import {
  type AveragePoolAttributes,
  inverseCounts,
  onesKernel,
  poolGeometry,
} from "../operators/pooling.js";

/**
 * Dilated averages came with opset 19, and so did the rule that windows which hang over the padding
 * (`ceil_mode`) do not count what lies beyond; both become a convolution with ones.
 */
export function lowerAveragePool(node: GraphNode<AveragePoolAttributes>): Tensor[] | undefined {
  const { window, spatial, places } = poolGeometry(node);
  const { kernel, strides, dilations, begins, ends } = window;
  const reach = spatial.map((size, i) => {
    const extent = (kernel[i]! - 1) * dilations[i]! + 1;
    return (places[i]! - 1) * strides[i]! + extent - begins[i]! - size;
  });
  const overhangs = reach.some((beyond, i) => beyond > ends[i]!);
  const dilated = dilations.some((dilation) => dilation > 1);
  if (!dilated && !(overhangs && node.attributes.count_include_pad === 1)) return undefined;
  const x = node.input(0);
  const group = x.shape[1]!;
  const pads = [...begins, ...reach.map((beyond, i) => Math.max(beyond, ends[i]!))];
  const sums = conv(x, onesKernel(x, group, kernel), undefined, {
    strides,
    dilations,
    pads,
    group,
  });
  return [mul(sums, inverseCounts(node))];
}
