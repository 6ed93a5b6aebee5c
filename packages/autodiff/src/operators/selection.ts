/**
 * Comparisons, logic and selection: Equal, Greater, GreaterOrEqual, Less, LessOrEqual, And, Or, Xor,
 * Not, IsNaN, Where.
 *
 * A comparison is piecewise constant, so nothing flows through it. Where passes each cotangent to
 * the branch that was taken: a' = where(c, y', 0), b' = where(c, 0, y'), summed back over
 * broadcast axes.
 */
import type { DType } from "../graph/dtype.js";
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { broadcastShapes } from "../graph/shape.js";
import { broadcastTo } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { unbroadcast } from "./broadcasting.js";

/** A tensor, or a number that becomes a scalar constant of the other operand's dtype. */
export type Operand = Tensor | number;

/** Operands as tensors of one graph; at least one must be a tensor. */
export function operands<const T extends readonly Operand[]>(
  ...values: T
): { [K in keyof T]: Tensor } {
  const like = values.find((value) => typeof value !== "number") as Tensor | undefined;
  if (!like) throw new TypeError("at least one operand must be a tensor");
  return values.map((value) =>
    typeof value === "number" ? like.graph.constant(value, like.dtype) : value,
  ) as { [K in keyof T]: Tensor };
}

/** Type of an elementwise operator: all `inputs` share a dtype and their shapes broadcast. */
export function inferElementwise(node: GraphNode, inputs = node.inputs, dtype?: DType) {
  const tensors = inputs.map((_, i) => node.input(node.inputs.length - inputs.length + i));
  const type = tensors[0]!.dtype;
  if (tensors.some((tensor) => tensor.dtype !== type)) {
    node.fail(`element types differ: ${tensors.map((tensor) => tensor.dtype).join(", ")}`);
  }
  const shape = broadcastShapes(...node.inputs.map((_, i) => node.input(i).shape));
  return [{ dtype: dtype ?? type, shape: shape ?? node.fail("shapes do not broadcast") }];
}

/** Evaluates an elementwise function of any number of broadcast operands. */
export function evaluateElementwise(
  node: GraphNode,
  inputs: readonly Float64Array[],
  f: (...x: number[]) => number,
): Float64Array[] {
  const { shape } = node.output;
  const all = inputs.map((data, i) => broadcastTo(data, node.input(i).shape, shape));
  const [a, b, c] = all as [Float64Array, Float64Array, Float64Array];
  if (all.length === 1) return [a.map((x) => f(x))];
  if (all.length === 2) return [a.map((x, i) => f(x, b[i]!))];
  if (all.length === 3) return [a.map((x, i) => f(x, b[i]!, c[i]!))];
  return [a.map((_, i) => f(...all.map((data) => data[i]!)))];
}

function predicate(
  type: string,
  arity: 1 | 2,
  test: (...x: number[]) => boolean,
  commutative = false,
): OperatorDefinition {
  return defineOperator({
    type,
    arity: [arity, arity],
    commutative,
    infer: (node) => inferElementwise(node, node.inputs, "bool"),
    evaluate: (node, inputs) =>
      evaluateElementwise(node, inputs, (...x: number[]) => (test(...x) ? 1 : 0)),
    adjoint: "zero",
  });
}

export const Equal = predicate("Equal", 2, (a, b) => a === b, true);
export const Greater = predicate("Greater", 2, (a, b) => a! > b!);
export const GreaterOrEqual = predicate("GreaterOrEqual", 2, (a, b) => a! >= b!);
export const Less = predicate("Less", 2, (a, b) => a! < b!);
export const LessOrEqual = predicate("LessOrEqual", 2, (a, b) => a! <= b!);
export const And = predicate("And", 2, (a, b) => a !== 0 && b !== 0, true);
export const Or = predicate("Or", 2, (a, b) => a !== 0 || b !== 0, true);
export const Xor = predicate("Xor", 2, (a, b) => (a !== 0) !== (b !== 0), true);
export const Not = predicate("Not", 1, (a) => a === 0);
export const IsNaN = predicate("IsNaN", 1, (a) => Number.isNaN(a));

function comparison(definition: OperatorDefinition) {
  return (a: Operand, b: Operand): Tensor => {
    const pair = operands(a, b);
    return pair[0].graph.apply(definition, pair, {})[0]!;
  };
}

export const equal = comparison(Equal);
export const greater = comparison(Greater);
export const greaterOrEqual = comparison(GreaterOrEqual);
export const less = comparison(Less);
export const lessOrEqual = comparison(LessOrEqual);
/** Logical and, or and exclusive or of boolean tensors. */
export const and = comparison(And);
export const or = comparison(Or);
export const xor = comparison(Xor);

/** Logical not of a boolean tensor. */
export function not(a: Tensor): Tensor {
  return a.graph.apply(Not, [a], {})[0]!;
}

export const Where = defineOperator({
  type: "Where",
  arity: [3, 3],
  infer(node) {
    if (node.input(0).dtype !== "bool") node.fail(`condition is ${node.input(0).dtype}, not bool`);
    return inferElementwise(node, node.inputs.slice(1));
  },
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (c, a, b) => (c ? a! : b!)),
  adjoint(node, [g], wants) {
    if (!g) return [];
    const condition = node.input(0);
    return [
      undefined,
      wants[1] ? unbroadcast(where(condition, g, 0), node.input(1).shape) : undefined,
      wants[2] ? unbroadcast(where(condition, 0, g), node.input(2).shape) : undefined,
    ];
  },
});

/** Elements of `a` where `condition` holds, of `b` elsewhere; all three broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  return condition.graph.apply(Where, [condition, ...operands(a, b)], {})[0]!;
}
