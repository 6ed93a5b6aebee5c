/**
 * Repeating and summing: Expand, Tile, ReduceSum. Repeating is linear and its transpose is the sum
 * over what was repeated, so the operators are each other's adjoints:
 *
 *     y = expand(x)        x' = sum of y' over the repeated axes
 *     y = sum(x, axes)     x' = expand(y') over the summed axes
 *     y = tile(x, n)       x' = sum of y', reshaped to [n0, d0, n1, d1, ...], over the n
 */
import { isFloat } from "../graph/dtype.js";
import type { GraphNode } from "../graph/node.js";
import {
  type ConstantParameter,
  defineOperator,
  type OperatorDefinition,
} from "../graph/operator.js";
import { broadcastShapes, range, type Shape, sameShape, sizeOf } from "../graph/shape.js";
import { broadcastTo, forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { axesOf, reshape } from "./layout.js";

type ExpandAttributes = { readonly shape: readonly number[] };

export const Expand: OperatorDefinition<ExpandAttributes> = defineOperator({
  type: "Expand",
  arity: [1, 1],
  required: ["shape"],
  parameters: [{ attribute: "shape", input: 1, dtype: "int64" }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    const target = broadcastShapes(shape, node.attributes.shape);
    return [{ dtype, shape: target ?? node.fail(`cannot expand to [${node.attributes.shape}]`) }];
  },
  evaluate: (node, [data]) => [broadcastTo(data!, node.input(0).shape, node.output.shape)],
  simplify(node) {
    const source = node.input(0);
    return source.size === node.output.size ? [reshape(source, node.output.shape)] : undefined;
  },
  adjoint: (node, [g]) => [g && unbroadcast(g, node.input(0).shape)],
});

/** Repeats x to the broadcast of its shape and `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return x.graph.apply(Expand, [x], { shape })[0]!;
}

/** `value` repeated to `shape`, in the dtype of `like`. */
export function fill(like: Tensor, value: number, shape: Shape = like.shape): Tensor {
  return expand(like.graph.constant(value, like.dtype), shape);
}

export type ReductionAttributes = {
  readonly axes?: readonly number[];
  readonly keepdims?: number;
  readonly noop_with_empty_axes?: number;
};

/** Opset at which each reduction's axes became an input: 13 for ReduceSum, 18 for the others. */
export function reductionParameters(sinceOpset: number): ConstantParameter[] {
  return [{ attribute: "axes", input: 1, dtype: "int64", sinceOpset }];
}

/** Axes a reduction runs over, ascending. An empty list means all, unless the model says none. */
export function reducedAxes(node: GraphNode<ReductionAttributes>): number[] {
  const { axes, noop_with_empty_axes } = node.attributes;
  if (axes?.length) return axesOf(node, axes, node.input(0).rank);
  return noop_with_empty_axes ? [] : range(node.input(0).rank);
}

export function reducedShape(shape: Shape, axes: readonly number[], keepdims: boolean): number[] {
  return keepdims
    ? shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim))
    : shape.filter((_, axis) => !axes.includes(axis));
}

export function inferReduction(node: GraphNode<ReductionAttributes>) {
  const { dtype, shape } = node.input(0);
  return [{ dtype, shape: reducedShape(shape, reducedAxes(node), node.attributes.keepdims !== 0) }];
}

/** Folds every group of elements that a reduction merges: `step(accumulator, element)`. */
export function evaluateReduction(
  node: GraphNode<ReductionAttributes>,
  data: Float64Array,
  start: number,
  step: (accumulator: number, element: number) => number,
): Float64Array {
  const { shape } = node.input(0);
  const axes = reducedAxes(node);
  const kept = reducedShape(shape, axes, true);
  const result = new Float64Array(sizeOf(kept)).fill(start);
  forEachIndex(shape, (flat, index) => {
    let at = 0;
    for (let axis = 0; axis < index.length; axis++) {
      at = at * kept[axis]! + (kept[axis] === 1 ? 0 : index[axis]!);
    }
    result[at] = step(result[at]!, data[flat]!);
  });
  return result;
}

/** A reduction's output or cotangent with the reduced axes back as size one. */
export function keepReducedAxes(node: GraphNode<ReductionAttributes>, reduced: Tensor): Tensor {
  return reshape(reduced, reducedShape(node.input(0).shape, reducedAxes(node), true));
}

/** A reduction over axes of size one only reshapes. */
export function simplifyReduction(node: GraphNode<ReductionAttributes>): Tensor[] | undefined {
  const { shape } = node.input(0);
  return reducedAxes(node).every((axis) => shape[axis] === 1)
    ? [reshape(node.input(0), node.output.shape)]
    : undefined;
}

export const ReduceSum = defineOperator<ReductionAttributes>({
  type: "ReduceSum",
  arity: [1, 1],
  parameters: reductionParameters(13),
  infer: inferReduction,
  evaluate: (node, [data]) => [evaluateReduction(node, data!, 0, (sum, x) => sum + x)],
  simplify: simplifyReduction,
  adjoint: (node, [g]) => [g && expand(keepReducedAxes(node, g), node.input(0).shape)],
});

/** Sum over `axes` (default all); `keepdims` leaves them as size one. */
export function reduceSum(x: Tensor, axes?: readonly number[], keepdims = false): Tensor {
  return x.graph.apply(ReduceSum, [x], reductionAttributes(x, axes, keepdims))[0]!;
}

export function reductionAttributes(
  x: Tensor,
  axes: readonly number[] | undefined,
  keepdims: boolean,
): ReductionAttributes {
  return {
    axes: axes ?? range(x.rank),
    keepdims: keepdims ? 1 : 0,
    noop_with_empty_axes: axes?.length === 0 || x.rank === 0 ? 1 : 0,
  };
}

/** Sums a cotangent of a broadcast value back to the `shape` before the broadcast. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.rank - shape.length;
  const axes = range(g.rank).filter(
    (axis) => axis < lead || (shape[axis - lead] === 1 && g.shape[axis] !== 1),
  );
  return reshape(reduceSum(g, axes), shape);
}

export const Tile = defineOperator<{ readonly repeats: readonly number[] }>({
  type: "Tile",
  arity: [1, 1],
  required: ["repeats"],
  parameters: [{ attribute: "repeats", input: 1, dtype: "int64" }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    const { repeats } = node.attributes;
    if (repeats.length !== shape.length || repeats.some((n) => n < 0)) {
      node.fail(`repeats [${repeats}] need one count per axis`);
    }
    return [{ dtype, shape: shape.map((dim, i) => dim * repeats[i]!) }];
  },
  evaluate(node, [data]) {
    const { shape } = node.input(0);
    const result = new Float64Array(node.output.size);
    forEachIndex(node.output.shape, (flat, index) => {
      let at = 0;
      for (let axis = 0; axis < shape.length; axis++) {
        at = at * shape[axis]! + (index[axis]! % shape[axis]!);
      }
      result[flat] = data![at]!;
    });
    return [result];
  },
  adjoint(node, [g]) {
    const { shape } = node.input(0);
    const { repeats } = node.attributes;
    if (!g) return [undefined];
    const split = shape.flatMap((dim, i) => [repeats[i]!, dim]);
    const copies = shape.map((_, i) => 2 * i).filter((axis) => split[axis] !== 1);
    return [reshape(reduceSum(reshape(g, split), copies), shape)];
  },
});

/** Repeats x `repeats[i]` times along axis i. */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  return x.graph.apply(Tile, [x], { repeats })[0]!;
}

/** Whether gradients can flow into `tensor` at all. */
export function isDifferentiable(tensor: Tensor): boolean {
  return isFloat(tensor.dtype);
}
