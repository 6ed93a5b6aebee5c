/**
 * A float32 network once more in float64, of operators that ONNX Runtime has in that type: a
 * convolution becomes matrix products tap by tap, PRelu a choice by given signs. What it computes is
 * precise enough to take differences of, and a second opinion on the network's own operators.
 *
 * The signs are those the float32 network found. Of millions of activations a few lie so near to
 * zero that rounding decides on which side, and each moves the gradient by up to a percent; given the
 * signs, both networks are on the same linear piece.
 */
import { toFloat64 } from "../../src/graph/dtype.js";
import { type GraphNode, producedBy } from "../../src/graph/node.js";
import { range, sizeOf } from "../../src/graph/shape.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { ancestors } from "../../src/graph/traverse.js";
import { Conv, type ConvAttributes, convGeometry } from "../../src/operators/convolution.js";
import { add, matmul, mul, pad, reshape, slice, sum, where } from "../../src/operators/index.js";

/** `y` for the float64 input `wide` in place of `x`; `signs` has a boolean for every PRelu. */
export function inFloat64(
  y: Tensor,
  x: Tensor,
  wide: Tensor,
  signs: ReadonlyMap<GraphNode, Tensor>,
): Tensor {
  const known = new Map([[x, wide]]);
  const convert = (tensor: Tensor): Tensor => {
    const own = known.get(tensor);
    if (own || !tensor.data) return own!;
    const data = toFloat64(tensor.dtype, tensor.data);
    return tensor.graph.constant(data, "float64", tensor.shape);
  };
  for (const node of ancestors([y])) {
    const inputs = node.inputs.map((tensor) => tensor && convert(tensor));
    const sign = signs.get(node);
    known.set(
      node.output,
      sign ? where(sign, inputs[0]!, mul(inputs[0]!, inputs[1]!)) : again(node, inputs),
    );
  }
  return convert(y);
}

function again(node: GraphNode, inputs: readonly (Tensor | undefined)[]): Tensor {
  const convolution = producedBy(node.output, Conv);
  if (!convolution) return node.graph.apply(node.definition, inputs, node.attributes)[0]!;
  return convolved(convolution, inputs[0]!, inputs[1]!, inputs[2]);
}

/** A convolution of one picture in two dimensions. */
function convolved(
  node: GraphNode<ConvAttributes>,
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
): Tensor {
  const { window, group, small } = convGeometry(node);
  const [features, channels] = w.shape as [number, number];
  const plane = sizeOf(small);
  const spatial = small.map((_, i) => i + 2);
  const padded = pad(x, [0, 0, ...window.begins, 0, 0, ...window.ends]);
  const flat = reshape(w, [features, channels, -1]);
  const taps = range(sizeOf(window.kernel)).map((tap) => {
    const [row, column] = [Math.floor(tap / window.kernel[1]!), tap % window.kernel[1]!];
    const starts = [row, column].map((at, i) => at * window.dilations[i]!);
    const ends = starts.map((start, i) => start + (small[i]! - 1) * window.strides[i]! + 1);
    const seen = slice(padded, starts, ends, spatial, window.strides);
    const rows = reshape(seen, [group, x.shape[1]! / group, plane]);
    const weights = reshape(slice(flat, [tap], [tap + 1], [2]), [
      group,
      features / group,
      channels,
    ]);
    return matmul(weights, rows);
  });
  const y = reshape(sum(taps), [1, features, ...small]);
  return bias ? add(y, reshape(bias, [features, 1, 1])) : y;
}
