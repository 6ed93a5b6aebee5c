/**
 * Convolutions of which a part is known or not wanted: channels of the input that are constant (coordinates, noise,
 * masks) need no convolution at every run, and channels of the output that a slice drops none at all. The gradient
 * with respect to the other input channels is such a slice.
 *
 * 3 x 3, 3 + 8 constant -> 32 channels at 256 x 256, ms of one core (least of 40 runs, ONNX Runtime 1.30, Zen 4):
 *
 *     Concat, Conv               4.6
 *     Conv plus a constant       3.9    <- used
 *
 * More is gained backwards, where 32 -> 11 channels become 32 -> 3, which narrow-convolution.ts makes cheaper still.
 */
import type { GraphNode } from "../graph/node.js";
import type { Tensor } from "../graph/tensor.js";
import { add } from "../operators/arithmetic.js";
import {
  Conv,
  type ConvAttributes,
  ConvTranspose,
  conv,
  convTranspose,
} from "../operators/convolution.js";
import { Concat, concat, type SliceAttributes, slice } from "../operators/slicing.js";
import { computedBy, type LoweringTarget } from "./target.js";

/**
 * A convolution of a Concat of channels some of which are constant as the sum of two, the second of which has no
 * inputs: ONNX Runtime computes it once.
 */
export function lowerPartlyConstantConv(
  node: GraphNode<ConvAttributes>,
  target: LoweringTarget,
): Tensor[] | undefined {
  const joined = computedBy(node.input(0), Concat, target);
  const [w, bias] = [node.input(1), node.inputs[2]];
  const { group, ...attributes } = node.attributes;
  const axis = joined && (joined.attributes.axis + node.input(0).rank) % node.input(0).rank;
  if (!joined || axis !== 1 || group !== 1 || !w.data) return undefined;
  const parts: { tensor: Tensor; weights: Tensor }[] = [];
  let start = 0;
  for (const tensor of joined.inputs as readonly Tensor[]) {
    const end = start + tensor.shape[1]!;
    parts.push({ tensor, weights: slice(w, [start], [end], [1]) });
    start = end;
  }
  const of = (chosen: typeof parts, b?: Tensor) => {
    const x = concat(
      chosen.map(({ tensor }) => tensor),
      1,
    );
    return conv(
      x,
      concat(
        chosen.map(({ weights }) => weights),
        1,
      ),
      b,
      attributes,
    );
  };
  const known = parts.filter(({ tensor }) => tensor.data);
  const others = parts.filter(({ tensor }) => !tensor.data);
  if (known.length === 0 || others.length === 0) return undefined;
  return [add(of(others), of(known, bias))];
}

/** Some channels of a convolution that nothing else reads, as one with fewer features. */
export function lowerSlicedConv(
  node: GraphNode<SliceAttributes>,
  target: LoweringTarget,
): Tensor[] | undefined {
  const { starts, ends, axes, steps } = node.attributes;
  const source = node.input(0);
  if (node.output.size === 0 || target.readers(source) > 1) return undefined;
  if (axes?.length !== 1 || axes[0] !== 1) return undefined;
  const cut = (tensor: Tensor, axis: number) => slice(tensor, starts, ends, [axis], steps);
  const forward = computedBy(source, Conv, target);
  if (forward?.attributes.group === 1) {
    const [x, w, bias] = [forward.input(0), forward.input(1), forward.inputs[2]];
    return [conv(x, cut(w, 0), bias && cut(bias, 0), forward.attributes)];
  }
  const back = computedBy(source, ConvTranspose, target);
  if (back?.attributes.group !== 1) return undefined;
  return [convTranspose(back.input(0), cut(back.input(1), 1), undefined, back.attributes)];
}
