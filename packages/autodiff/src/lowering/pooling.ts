/** How averages that opset 17 cannot express, and indices that WebGPU does not have, are written as ONNX. */
import type { GraphNode } from "../graph/node.js";
import { range, stridesOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { add, maximum, mul } from "../operators/arithmetic.js";
import { conv } from "../operators/convolution.js";
import { cast } from "../operators/layout.js";
import {
  type AveragePoolAttributes,
  inverseCounts,
  type MaxPoolAttributes,
  onesKernel,
  poolGeometry,
} from "../operators/pooling.js";
import { equal, where } from "../operators/selection.js";
import { pad, slice } from "../operators/slicing.js";
import { product } from "./phases.js";
import type { LoweringTarget } from "./target.js";

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

/**
 * ONNX Runtime's WebGPU provider has no indices of maxima: there each window's elements are compared
 * with the maximum one tap after the other, the first equal one winning.
 */
export function lowerMaxPool(
  node: GraphNode<MaxPoolAttributes>,
  { device, readers }: LoweringTarget,
): Tensor[] | undefined {
  if (device !== "webgpu" || readers(node.outputs[1]!) === 0) return undefined;
  const x = node.input(0);
  const { window, spatial, places } = poolGeometry(node);
  const { kernel, strides, dilations, begins } = window;
  const axes = spatial.map((_, i) => i + 2);
  const reach = places.map((count, i) => (count - 1) * strides[i]! + 1);
  const beyond = spatial.map((size, i) => {
    return Math.max(0, reach[i]! + (kernel[i]! - 1) * dilations[i]! - begins[i]! - size);
  });
  const pads = [0, 0, ...begins, 0, 0, ...beyond];
  const padded = pad(x, pads, { value: Number.NEGATIVE_INFINITY });
  const rows = stridesOf(x.shape);
  const taps = product(kernel.map(range)).map((tap) => {
    const starts = tap.map((t, i) => t * dilations[i]!);
    const ends = starts.map((start, i) => start + reach[i]!);
    const offset = starts.reduce((sum, start, i) => sum + start * rows[i + 2]!, 0);
    const index = x.graph.constant(offset, "int32");
    return { values: slice(padded, starts, ends, axes, strides), index };
  });
  const largest = taps.map(({ values }) => values).reduce(maximum);
  const chosen = taps.reduceRight<Tensor>(
    (later, { values, index }) => where(equal(values, largest), index, later),
    taps.at(-1)!.index,
  );
  const origin = new Int32Array(node.output.size);
  forEachIndex(node.output.shape, (flat, index) => {
    origin[flat] = index.reduce((sum, at, axis) => {
      const position = axis < 2 ? at : at * strides[axis - 2]! - begins[axis - 2]!;
      return sum + position * rows[axis]!;
    }, 0);
  });
  const first = x.graph.constant(origin, "int32", node.output.shape);
  return [largest, cast(add(first, chosen), "int64")];
}
