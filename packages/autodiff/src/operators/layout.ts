/**
 * Operators that change shape, order or element type but no value: Reshape, Squeeze, Unsqueeze,
 * Flatten, Transpose, Identity, Cast.
 *
 * All are linear and orthogonal, so each adjoint is its inverse: reshape back, permute back, cast
 * back. Squeeze, Unsqueeze and Flatten become Reshape, which leaves one operator to merge and one
 * adjoint to trust.
 */
import { type DType, dtypeFromCode, dtypeInfo, isFloat } from "../graph/dtype.js";
import { type GraphNode, producedBy } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { normaliseAxis, range, type Shape, sameShape, sizeOf, stridesOf } from "../graph/shape.js";
import { copyStrided } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";

/** `axis` counted from the front; fails naming the node when it is out of range. */
export function axisOf(node: GraphNode, axis: number, rank: number): number {
  return normaliseAxis(axis, rank) ?? node.fail(`axis ${axis} is outside rank ${rank}`);
}

/** Distinct axes counted from the front, ascending; none given means all. */
export function axesOf(
  node: GraphNode,
  axes: readonly number[] | undefined,
  rank: number,
): number[] {
  if (!axes) return range(rank);
  const result = axes.map((axis) => axisOf(node, axis, rank)).sort((a, b) => a - b);
  if (new Set(result).size !== result.length) node.fail(`axes [${axes}] repeat`);
  return result;
}

type ReshapeAttributes = { readonly shape: readonly number[]; readonly allowzero?: number };

function reshapedShape(node: GraphNode<ReshapeAttributes>): number[] {
  const from = node.input(0).shape;
  const { shape, allowzero } = node.attributes;
  const dims = shape.map((dim, i) => (dim === 0 && !allowzero ? (from[i] ?? dim) : dim));
  const size = sizeOf(from);
  const free = dims.indexOf(-1);
  if (free >= 0) {
    const rest = sizeOf(dims.filter((_, i) => i !== free));
    if (rest > 0 && size % rest === 0) dims[free] = size / rest;
  }
  if (dims.some((dim) => dim < 0) || sizeOf(dims) !== size) {
    node.fail(`cannot reshape ${size} elements to [${shape}]`);
  }
  return dims;
}

export const Reshape: OperatorDefinition<ReshapeAttributes> = defineOperator({
  type: "Reshape",
  arity: [1, 1],
  required: ["shape"],
  parameters: [{ attribute: "shape", input: 1, dtype: "int64" }],
  movesData: true,
  infer: (node) => [{ dtype: node.input(0).dtype, shape: reshapedShape(node) }],
  evaluate: (_, [data]) => [data!],
  simplify(node) {
    const source = node.input(0);
    const shape = node.output.shape;
    if (sameShape(source.shape, shape)) return [source];
    const inner = producedBy(source, Reshape);
    if (inner) return [reshape(inner.input(0), shape)];
    return sameShape(shape, node.attributes.shape) ? undefined : [reshape(source, shape)];
  },
  adjoint: (node, [g]) => [g && reshape(g, node.input(0).shape)],
});

/** The same elements under another shape; one dimension may be -1. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return x.graph.apply(Reshape, [x], shape.includes(0) ? { shape, allowzero: 1 } : { shape })[0]!;
}

type AxesAttributes = { readonly axes?: readonly number[] };

export const Squeeze = defineOperator<AxesAttributes>({
  type: "Squeeze",
  arity: [1, 1],
  parameters: [{ attribute: "axes", input: 1, dtype: "int64", sinceOpset: 13 }],
  movesData: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    const axes = node.attributes.axes
      ? axesOf(node, node.attributes.axes, shape.length)
      : range(shape.length).filter((axis) => shape[axis] === 1);
    for (const axis of axes) {
      if (shape[axis] !== 1) node.fail(`cannot squeeze axis ${axis} of size ${shape[axis]}`);
    }
    return [{ dtype, shape: shape.filter((_, axis) => !axes.includes(axis)) }];
  },
  evaluate: (_, [data]) => [data!],
  simplify: (node) => [reshape(node.input(0), node.output.shape)],
});

/** Drops axes of size one (all of them by default). */
export function squeeze(x: Tensor, axes?: readonly number[]): Tensor {
  return x.graph.apply(Squeeze, [x], axes ? { axes } : {})[0]!;
}

export const Unsqueeze = defineOperator<{ readonly axes: readonly number[] }>({
  type: "Unsqueeze",
  arity: [1, 1],
  required: ["axes"],
  parameters: [{ attribute: "axes", input: 1, dtype: "int64", sinceOpset: 13 }],
  movesData: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    const rank = shape.length + node.attributes.axes.length;
    const axes = axesOf(node, node.attributes.axes, rank);
    let next = 0;
    return [
      { dtype, shape: range(rank).map((axis) => (axes.includes(axis) ? 1 : shape[next++]!)) },
    ];
  },
  evaluate: (_, [data]) => [data!],
  simplify: (node) => [reshape(node.input(0), node.output.shape)],
});

/** Inserts axes of size one at the given places of the result. */
export function unsqueeze(x: Tensor, axes: readonly number[]): Tensor {
  return x.graph.apply(Unsqueeze, [x], { axes })[0]!;
}

export const Flatten = defineOperator<{ readonly axis?: number }>({
  type: "Flatten",
  arity: [1, 1],
  defaults: { axis: 1 },
  movesData: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    const axis = node.attributes.axis!;
    const split = axis === shape.length ? axis : axisOf(node, axis, shape.length);
    return [{ dtype, shape: [sizeOf(shape.slice(0, split)), sizeOf(shape.slice(split))] }];
  },
  evaluate: (_, [data]) => [data!],
  simplify: (node) => [reshape(node.input(0), node.output.shape)],
});

/** To a matrix: axes before `axis` become rows, the others columns. */
export function flatten(x: Tensor, axis = 1): Tensor {
  return x.graph.apply(Flatten, [x], { axis })[0]!;
}

type TransposeAttributes = { readonly perm?: readonly number[] };

export const Transpose: OperatorDefinition<TransposeAttributes> = defineOperator({
  type: "Transpose",
  arity: [1, 1],
  movesData: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    const perm = permutation(node);
    if (perm.length !== shape.length || axesOf(node, perm, shape.length).length !== perm.length) {
      node.fail(`[${perm}] is not a permutation of ${shape.length} axes`);
    }
    return [{ dtype, shape: perm.map((axis) => shape[axis]!) }];
  },
  evaluate(node, [data]) {
    const strides = stridesOf(node.input(0).shape);
    const permuted = permutation(node).map((axis) => strides[axis]!);
    return [copyStrided(data!, node.output.shape, permuted)];
  },
  simplify(node) {
    const source = node.input(0);
    const perm = permutation(node);
    if (perm.every((axis, i) => axis === i)) return [source];
    const inner = producedBy(source, Transpose);
    if (inner) {
      const first = permutation(inner);
      return [
        transpose(
          inner.input(0),
          perm.map((axis) => first[axis]!),
        ),
      ];
    }
    // Moving only axes of size one moves no data.
    const moved = perm.filter((axis) => source.shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) {
      return [reshape(source, node.output.shape)];
    }
    return undefined;
  },
  adjoint: (node, [g]) => [g && transpose(g, invert(permutation(node)))],
});

function permutation(node: GraphNode<TransposeAttributes>): readonly number[] {
  return node.attributes.perm ?? range(node.input(0).rank).reverse();
}

function invert(perm: readonly number[]): number[] {
  return perm.map((_, axis) => perm.indexOf(axis));
}

/** Permutes axes: axis i of the result is axis `perm[i]` of x (default: all reversed). */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  return x.graph.apply(Transpose, [x], { perm: perm ?? range(x.rank).reverse() })[0]!;
}

export const Identity = defineOperator({
  type: "Identity",
  arity: [1, 1],
  movesData: true,
  infer: (node) => [{ dtype: node.input(0).dtype, shape: node.input(0).shape }],
  evaluate: (_, [data]) => [data!],
  simplify: (node) => [node.input(0)],
});

export const Cast = defineOperator<{ readonly to: number }>({
  type: "Cast",
  arity: [1, 1],
  required: ["to"],
  movesData: true,
  infer(node) {
    const dtype =
      dtypeFromCode(node.attributes.to) ??
      node.unsupported(`data type ${node.attributes.to} unknown`);
    return [{ dtype, shape: node.input(0).shape }];
  },
  evaluate(node, [data]) {
    const { dtype } = node.output;
    if (isFloat(dtype)) return [data!];
    return [data!.map(dtype === "bool" ? (v) => (v === 0 ? 0 : 1) : Math.trunc)];
  },
  simplify: (node) => (node.output.dtype === node.input(0).dtype ? [node.input(0)] : undefined),
  adjoint(node, [g]) {
    const { dtype } = node.input(0);
    // Through integers the value is piecewise constant.
    return [g && isFloat(dtype) && isFloat(node.output.dtype) ? cast(g, dtype) : undefined];
  },
});

/** Converts the element type. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.graph.apply(Cast, [x], { to: dtypeInfo(dtype).code })[0]!;
}
