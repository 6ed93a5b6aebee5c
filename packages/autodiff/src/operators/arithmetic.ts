/**
 * Arithmetic with broadcasting: Add, Sub, Mul, Div, Neg, Pow, Min, Max, Sum, Mean.
 *
 *     y = a + b   a' = y'              b' = y'
 *     y = a - b   a' = y'              b' = -y'
 *     y = a b     a' = y' b            b' = y' a
 *     y = a / b   a' = y' / b          b' = -a' y
 *     y = a ^ b   a' = y' b a^(b-1)    b' = y' y ln a   (0 where a <= 0)
 *     y = max(a, b): the cotangent goes to the larger operand, halved on a tie; min likewise.
 *
 * Every cotangent is summed back over the axes along which its operand was broadcast.
 */
import { type GraphNode, producedBy } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { broadcastShapes, sameShape } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { Expand, expand, fill, unbroadcast } from "./broadcasting.js";
import { cast } from "./layout.js";
import {
  equal,
  evaluateElementwise,
  greater,
  inferElementwise,
  less,
  type Operand,
  operands,
  where,
} from "./selection.js";

/** The number a tensor holds everywhere, if it is a constant of one element. */
export function scalarValue(tensor: Tensor): number | undefined {
  return tensor.data?.length === 1 ? Number(tensor.data[0]) : undefined;
}

function isScalar(tensor: Tensor, value: number): boolean {
  const { dtype } = tensor;
  // 16-bit floats hold raw words in `data`; leave those alone.
  return dtype !== "float16" && dtype !== "bfloat16" && scalarValue(tensor) === value;
}

/** `tensor` in place of an operation of that shape in which the other operand was neutral. */
function neutral(tensor: Tensor, output: Tensor): Tensor[] {
  return [sameShape(tensor.shape, output.shape) ? tensor : expand(tensor, output.shape)];
}

/**
 * Repeating a value before it meets another is waste: the operator repeats it by itself. And what
 * is done to a repeated value with a single number is better done before the repetition. Both are
 * what a mean's adjoint is made of.
 */
function withoutExpand(
  node: GraphNode,
  apply: (a: Tensor, b: Tensor) => Tensor,
): Tensor[] | undefined {
  const { shape } = node.output;
  for (const i of [0, 1]) {
    const source = producedBy(node.input(i), Expand)?.input(0);
    if (!source) continue;
    const other = node.input(1 - i);
    const pair = i === 0 ? ([source, other] as const) : ([other, source] as const);
    if (sameShape(broadcastShapes(source.shape, other.shape) ?? [], shape)) return [apply(...pair)];
    if (other.size === 1 && other.rank <= source.rank) return [expand(apply(...pair), shape)];
  }
  return undefined;
}

export const Add: OperatorDefinition = defineOperator({
  type: "Add",
  arity: [2, 2],
  commutative: true,
  infer: (node) => inferElementwise(node),
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (a, b) => a! + b!),
  simplify(node) {
    const [a, b] = [node.input(0), node.input(1)];
    if (isScalar(a, 0)) return neutral(b, node.output);
    if (isScalar(b, 0)) return neutral(a, node.output);
    return withoutExpand(node, add);
  },
  adjoint: (node, [g], wants) =>
    wants.map((want, i) => (want && g ? unbroadcast(g, node.input(i).shape) : undefined)),
});

export const Sub: OperatorDefinition = defineOperator({
  type: "Sub",
  arity: [2, 2],
  infer: (node) => inferElementwise(node),
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (a, b) => a! - b!),
  simplify: (node) =>
    isScalar(node.input(1), 0) ? neutral(node.input(0), node.output) : withoutExpand(node, sub),
  adjoint(node, [g], wants) {
    if (!g) return [];
    return [
      wants[0] ? unbroadcast(g, node.input(0).shape) : undefined,
      wants[1] ? neg(unbroadcast(g, node.input(1).shape)) : undefined,
    ];
  },
});

export const Mul: OperatorDefinition = defineOperator({
  type: "Mul",
  arity: [2, 2],
  commutative: true,
  infer: (node) => inferElementwise(node),
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (a, b) => a! * b!),
  simplify(node) {
    const [a, b] = [node.input(0), node.input(1)];
    if (isScalar(a, 1)) return neutral(b, node.output);
    if (isScalar(b, 1)) return neutral(a, node.output);
    const repeated = withoutExpand(node, mul);
    if (repeated) return repeated;
    const [factor, product] = scalarValue(a) === undefined ? [b, a] : [a, b];
    const inner = producedBy(product, Mul);
    if (factor.data && factor.size === 1 && inner) {
      // c1 (c2 x) = (c1 c2) x
      const known = inner.inputs.findIndex((tensor) => tensor!.data && tensor!.size === 1);
      if (known >= 0 && sameShape(inner.input(1 - known).shape, node.output.shape)) {
        return [mul(inner.input(1 - known), mul(inner.input(known), factor))];
      }
    }
    return undefined;
  },
  adjoint(node, [g], wants) {
    if (!g) return [];
    const [a, b] = [node.input(0), node.input(1)];
    if (a === b) return [mul(mul(g, 2), a)]; // one term for both, not two equal ones
    return [
      wants[0] ? unbroadcast(mul(g, b), a.shape) : undefined,
      wants[1] ? unbroadcast(mul(g, a), b.shape) : undefined,
    ];
  },
});

export const Div: OperatorDefinition = defineOperator({
  type: "Div",
  arity: [2, 2],
  infer: (node) => inferElementwise(node),
  evaluate(node, inputs) {
    const float = node.output.dtype.includes("float");
    return evaluateElementwise(node, inputs, (a, b) => (float ? a! / b! : Math.trunc(a! / b!)));
  },
  simplify: (node) =>
    isScalar(node.input(1), 1) ? neutral(node.input(0), node.output) : withoutExpand(node, div),
  adjoint(node, [g], wants) {
    if (!g) return [];
    const [a, b] = [node.input(0), node.input(1)];
    const ratio = div(g, b);
    return [
      wants[0] ? unbroadcast(ratio, a.shape) : undefined,
      wants[1] ? neg(unbroadcast(mul(ratio, node.output), b.shape)) : undefined,
    ];
  },
});

export const Neg: OperatorDefinition = defineOperator({
  type: "Neg",
  arity: [1, 1],
  infer: (node) => inferElementwise(node),
  evaluate: (_, [a]) => [a!.map((x) => -x)],
  simplify(node) {
    const inner = producedBy(node.input(0), Neg);
    return inner && [inner.input(0)];
  },
  adjoint: (_, [g]) => [g && neg(g)],
});

export const Pow: OperatorDefinition = defineOperator({
  type: "Pow",
  arity: [2, 2],
  infer(node) {
    // ONNX lets the exponent have another element type.
    const [base, exponent] = [node.input(0), node.input(1)];
    if (base.dtype === exponent.dtype) return inferElementwise(node);
    const shape = broadcastShapes(base.shape, exponent.shape);
    return [{ dtype: base.dtype, shape: shape ?? node.fail("shapes do not broadcast") }];
  },
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (a, b) => a! ** b!),
  simplify(node) {
    const [base, exponent] = [node.input(0), node.input(1)];
    if (isScalar(exponent, 0)) return [fill(base, 1, node.output.shape)];
    return isScalar(exponent, 1) ? neutral(base, node.output) : undefined;
  },
  adjoint(node, [g], wants) {
    if (!g) return [];
    const [a, exponent] = [node.input(0), node.input(1)];
    const b = cast(exponent, a.dtype);
    const base = wants[0] ? mul(g, mul(b, pow(a, sub(b, 1)))) : undefined;
    let power: Tensor | undefined;
    if (wants[1]) {
      const positive = greater(a, 0);
      const log = a.graph.apply(LogForPow, [where(positive, a, 1)], {})[0]!;
      power = cast(mul(mul(g, node.output), log), exponent.dtype);
    }
    return [base && unbroadcast(base, a.shape), power && unbroadcast(power, exponent.shape)];
  },
});

/** Log, here because Pow's adjoint needs it; `elementary.ts` exports it as `log`. */
export const LogForPow: OperatorDefinition = defineOperator({
  type: "Log",
  arity: [1, 1],
  infer: (node) => inferElementwise(node),
  evaluate: (_, [a]) => [a!.map(Math.log)],
  adjoint: (node, [g]) => [g && div(g, node.input(0))],
});

function extremum(
  type: "Min" | "Max",
  pick: (...x: number[]) => number,
  wins: (a: Operand, b: Operand) => Tensor,
): OperatorDefinition {
  const definition: OperatorDefinition = defineOperator({
    type,
    arity: [1, Number.MAX_SAFE_INTEGER],
    infer: (node) => inferElementwise(node),
    evaluate: (node, inputs) => evaluateElementwise(node, inputs, pick),
    simplify(node) {
      if (node.inputs.length === 2) return undefined;
      const pair = (a: Tensor, b: Tensor) => node.graph.apply(definition, [a, b], {})[0]!;
      return [(node.inputs as Tensor[]).reduce(pair)];
    },
    adjoint(node, [g], wants) {
      if (!g) return [];
      const [a, b] = [node.input(0), node.input(1)];
      const half = where(equal(a, b), mul(g, 0.5), 0);
      const share = (own: Tensor, other: Tensor) =>
        unbroadcast(where(wins(own, other), g, half), own.shape);
      return [wants[0] ? share(a, b) : undefined, wants[1] ? share(b, a) : undefined];
    },
  });
  return definition;
}

export const Max = extremum("Max", Math.max, greater);
export const Min = extremum("Min", Math.min, less);

export const Sum: OperatorDefinition = defineOperator({
  type: "Sum",
  arity: [1, Number.MAX_SAFE_INTEGER],
  infer: (node) => inferElementwise(node),
  evaluate: (node, inputs) =>
    evaluateElementwise(node, inputs, (...x) => x.reduce((a, b) => a + b)),
  simplify: (node) => [(node.inputs as Tensor[]).reduce(add)],
});

export const Mean: OperatorDefinition = defineOperator({
  type: "Mean",
  arity: [1, Number.MAX_SAFE_INTEGER],
  infer: (node) => inferElementwise(node),
  evaluate: (node, inputs) =>
    evaluateElementwise(node, inputs, (...x) => x.reduce((a, b) => a + b) / x.length),
  simplify: (node) => [div((node.inputs as Tensor[]).reduce(add), node.inputs.length)],
});

function binary(definition: OperatorDefinition) {
  return (a: Operand, b: Operand): Tensor => {
    const pair = operands(a, b);
    return pair[0].graph.apply(definition, pair, {})[0]!;
  };
}

export const add = binary(Add);
export const sub = binary(Sub);
export const mul = binary(Mul);
export const div = binary(Div);
/** `a` to the power `b`. The gradient with respect to b is taken as 0 where a <= 0. */
export const pow = binary(Pow);
export const maximum = binary(Max);
export const minimum = binary(Min);

export function neg(x: Tensor): Tensor {
  return x.graph.apply(Neg, [x], {})[0]!;
}

/** Sum of tensors that broadcast. @throws TypeError on an empty list. */
export function sum(terms: readonly Tensor[]): Tensor {
  return terms.reduce((a, b) => add(a, b));
}
