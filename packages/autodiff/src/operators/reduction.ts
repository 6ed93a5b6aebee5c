/**
 * Reductions other than the plain sum (broadcasting.ts has that).
 *
 *     ReduceMean       x' = y' / n
 *     ReduceMax, Min   x' = y' shared equally among the elements that attain it
 *     ReduceL1         x' = y' sign x
 *     ReduceL2         x' = y' x / y   (0 where y = 0)
 *     ReduceSumSquare  x' = 2 y' x
 *     ReduceProd       x' = y' y / x   (elements must not be 0)
 *     ReduceLogSum     x' = y' / sum x
 *     ReduceLogSumExp  x' = y' exp(x - y)
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";
import { div, mul, sub } from "./arithmetic.js";
import {
  evaluateReduction,
  expand,
  inferReduction,
  keepReducedAxes,
  type ReductionAttributes,
  reductionAttributes,
  reductionParameters,
  simplifyReduction,
  unbroadcast,
} from "./broadcasting.js";
import { abs, exp, log, sign } from "./elementary.js";
import { cast } from "./layout.js";
import { equal, where } from "./selection.js";

type Reduction = OperatorDefinition<ReductionAttributes>;
type ReductionNode = GraphNode<ReductionAttributes>;

interface ReductionRule {
  /** Value of every group: start, step, and what is done to the total of `count` elements. */
  readonly start: number;
  readonly step: (accumulator: number, element: number) => number;
  readonly finish?: (total: number, count: number) => number;
  /** Cotangent of x from y and its cotangent, both with the reduced axes as size one. */
  readonly adjoint: (x: Tensor, y: Tensor, g: Tensor) => Tensor;
  /** What reducing a single element does to it; default: nothing. */
  readonly single?: (x: Tensor) => Tensor;
}

function reduction(type: string, rule: ReductionRule): Reduction {
  return defineOperator<ReductionAttributes>({
    type,
    arity: [1, 1],
    parameters: reductionParameters(18),
    infer: inferReduction,
    evaluate(node, [data]) {
      const totals = evaluateReduction(node, data!, rule.start, rule.step);
      const { finish } = rule;
      return [finish ? totals.map((total) => finish(total, groupSize(node))) : totals];
    },
    simplify(node) {
      const simple = simplifyReduction(node);
      return simple && rule.single ? simple.map(rule.single) : simple;
    },
    adjoint(node, [g]) {
      if (!g) return [];
      const y = keepReducedAxes(node, node.output);
      return [rule.adjoint(node.input(0), y, keepReducedAxes(node, g))];
    },
  });
}

function groupSize(node: ReductionNode): number {
  return node.output.size === 0 ? 0 : node.input(0).size / node.output.size;
}

function sharedAmongTies(x: Tensor, y: Tensor, g: Tensor): Tensor {
  const hit = equal(x, y);
  const ties = unbroadcast(cast(hit, x.dtype), y.shape);
  return where(hit, div(g, ties), 0);
}

const square = (x: Tensor) => mul(x, x);

export const ReduceMean = reduction("ReduceMean", {
  start: 0,
  step: (sum, x) => sum + x,
  finish: (sum, count) => sum / count,
  adjoint: (x, y, g) => expand(mul(g, y.size / x.size), x.shape),
});
export const ReduceMax = reduction("ReduceMax", {
  start: Number.NEGATIVE_INFINITY,
  step: Math.max,
  adjoint: sharedAmongTies,
});
export const ReduceMin = reduction("ReduceMin", {
  start: Number.POSITIVE_INFINITY,
  step: Math.min,
  adjoint: sharedAmongTies,
});
export const ReduceL1 = reduction("ReduceL1", {
  start: 0,
  step: (sum, x) => sum + Math.abs(x),
  adjoint: (x, _y, g) => mul(g, sign(x)),
  single: abs,
});
export const ReduceL2 = reduction("ReduceL2", {
  start: 0,
  step: (sum, x) => sum + x * x,
  finish: Math.sqrt,
  adjoint: (x, y, g) => mul(x, div(g, where(equal(y, 0), 1, y))),
  single: abs,
});
export const ReduceSumSquare = reduction("ReduceSumSquare", {
  start: 0,
  step: (sum, x) => sum + x * x,
  adjoint: (x, _y, g) => mul(x, mul(g, 2)),
  single: square,
});
export const ReduceProd = reduction("ReduceProd", {
  start: 1,
  step: (product, x) => product * x,
  adjoint: (x, y, g) => div(mul(g, y), x),
});
export const ReduceLogSum = reduction("ReduceLogSum", {
  start: 0,
  step: (sum, x) => sum + x,
  finish: Math.log,
  adjoint: (x, y, g) => expand(div(g, exp(y)), x.shape),
  single: log,
});
/** ln(exp a + exp b) without overflow. */
function logAdd(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

export const ReduceLogSumExp = reduction("ReduceLogSumExp", {
  start: Number.NEGATIVE_INFINITY,
  step: logAdd,
  adjoint: (x, y, g) => mul(g, exp(sub(x, y))),
});

function builder(definition: Reduction) {
  return (x: Tensor, axes?: readonly number[], keepdims = false): Tensor =>
    x.graph.apply(definition, [x], reductionAttributes(x, axes, keepdims))[0]!;
}

/** Reductions over `axes` (default all); `keepdims` leaves the reduced axes as size one. */
export const reduceMean = builder(ReduceMean);
export const reduceMax = builder(ReduceMax);
export const reduceMin = builder(ReduceMin);
export const reduceL1 = builder(ReduceL1);
/** Euclidean norm over `axes`. Its gradient at zero is taken as zero. */
export const reduceL2 = builder(ReduceL2);
export const reduceSumSquare = builder(ReduceSumSquare);
export const reduceProd = builder(ReduceProd);
export const reduceLogSum = builder(ReduceLogSum);
export const reduceLogSumExp = builder(ReduceLogSumExp);
