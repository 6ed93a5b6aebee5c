/**
 * Running sums and triangles: CumSum, Trilu.
 *
 * Both are linear. A running sum's transpose runs the other way; a triangle keeps the same part of
 * the cotangent:
 *
 *     y[i] = sum of x[j], j <= i (< i if exclusive)   x' = cumSum(y') from the other end
 *     y = trilu(x, k)                                 x' = trilu(y', k)
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { sizeOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { axisOf } from "./layout.js";

type CumSumAttributes = {
  readonly axis: number;
  readonly exclusive?: number;
  readonly reverse?: number;
};

export interface CumSumOptions {
  /** Leave each element out of its own sum. Default false. */
  readonly exclusive?: boolean;
  /** Sum from the last element. Default false. */
  readonly reverse?: boolean;
}

export const CumSum: OperatorDefinition<CumSumAttributes> = defineOperator<CumSumAttributes>({
  type: "CumSum",
  arity: [1, 1],
  required: ["axis"],
  defaults: { exclusive: 0, reverse: 0 },
  parameters: [{ attribute: "axis", input: 1, dtype: "int64", scalar: true }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    axisOf(node, node.attributes.axis, shape.length);
    return [{ dtype, shape }];
  },
  evaluate(node, [data]) {
    const { shape, rank, size } = node.output;
    const { exclusive, reverse } = node.attributes;
    const axis = axisOf(node, node.attributes.axis, rank);
    const length = shape[axis]!;
    const stride = sizeOf(shape.slice(axis + 1));
    const result = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const flat = reverse ? size - 1 - i : i;
      const own = Math.floor(flat / stride) % length;
      const first = own === (reverse ? length - 1 : 0);
      const before = reverse ? flat + stride : flat - stride;
      const sum = first ? 0 : result[before]!;
      result[flat] = exclusive ? (first ? 0 : sum + data![before]!) : sum + data![flat]!;
    }
    return [result];
  },
  adjoint(node, [g]) {
    const { axis, exclusive, reverse } = node.attributes;
    return [g && cumSum(g, axis, { exclusive: exclusive === 1, reverse: reverse !== 1 })];
  },
});

/** Running sums along `axis`. */
export function cumSum(x: Tensor, axis: number, options: CumSumOptions = {}): Tensor {
  return x.graph.apply(CumSum, [x], {
    axis,
    exclusive: options.exclusive ? 1 : 0,
    reverse: options.reverse ? 1 : 0,
  })[0]!;
}

type TriluAttributes = { readonly k?: number; readonly upper?: number };

function diagonalOf(node: GraphNode<TriluAttributes>): number {
  const { k = 0 } = node.attributes;
  return Number.isInteger(k) ? k : node.fail(`diagonal ${k} is not an integer`);
}

export const Trilu: OperatorDefinition<TriluAttributes> = defineOperator<TriluAttributes>({
  type: "Trilu",
  arity: [1, 1],
  defaults: { upper: 1 },
  parameters: [{ attribute: "k", input: 1, dtype: "int64", scalar: true }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    if (shape.length < 2) node.fail("takes matrices [..., rows, columns]");
    diagonalOf(node);
    return [{ dtype, shape }];
  },
  evaluate(node, [data]) {
    const k = diagonalOf(node);
    const result = new Float64Array(node.output.size);
    forEachIndex(node.output.shape, (flat, index) => {
      const diagonal = index.at(-1)! - index.at(-2)!;
      if (node.attributes.upper ? diagonal >= k : diagonal <= k) result[flat] = data![flat]!;
    });
    return [result];
  },
  adjoint: (node, [g]) => [g && trilu(g, diagonalOf(node), node.attributes.upper !== 0)],
});

/**
 * Matrices [..., rows, columns] with zeros below (`upper`) or above diagonal `k`; 0 is the main
 * one, positive ones lie to its right.
 *
 * @throws GraphError for vectors and scalars.
 */
export function trilu(x: Tensor, k = 0, upper = true): Tensor {
  return x.graph.apply(Trilu, [x], { k, upper: upper ? 1 : 0 })[0]!;
}
