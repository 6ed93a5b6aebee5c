/**
 * Activations of neural networks.
 *
 * Relu, LeakyRelu and PRelu share one bilinear operator, which ONNX lacks (lowering/activation.ts
 * writes it in the form that runs fastest):
 *
 *     G(g, x, s) = g where x > 0, s g elsewhere        (LeakyReluGradient)
 *     PRelu: x' = G(y', x, s)    s' = y' min(x, 0), summed to s
 *     G itself: g' = G(c, x, s)  s' = c g where x <= 0, summed to s
 *
 * With s > 0 the sign of the output is the sign of the input, so G reads y instead of x: then x need
 * not be kept, and ONNX Runtime may fuse the activation into the convolution before it.
 *
 * Clip, Elu, Celu, Selu, ThresholdedRelu and HardSigmoid select between branches with Where; Gelu,
 * Swish, Mish and HardSwish are expanded into their definitions, whose adjoints follow. Softmax:
 * x' = y (y' - sum(y' y)). LogSoftmax: x' = y' - exp(y) sum(y').
 */
import type { GraphNode } from "../graph/node.js";
import { type Attributes, defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, sameShape, sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { add, minimum, mul, sub } from "./arithmetic.js";
import { reduceSum, unbroadcast } from "./broadcasting.js";
import { erf, errorFunction, exp, sigmoid, softplus, tanh } from "./elementary.js";
import { axisOf, reshape } from "./layout.js";
import {
  and,
  evaluateElementwise,
  greater,
  greaterOrEqual,
  inferElementwise,
  less,
  lessOrEqual,
  where,
} from "./selection.js";

/** G of the head comment: inputs g, x and the slope, broadcasting to the shape of x. */
export const LeakyReluGradient: OperatorDefinition = defineOperator({
  type: "LeakyReluGradient",
  virtual: true,
  arity: [3, 3],
  infer: (node) => inferElementwise(node),
  evaluate: (node, inputs) =>
    evaluateElementwise(node, inputs, (g, x, s) => (x! > 0 ? g! : s! * g!)),
  adjoint(node, [c], wants) {
    if (!c) return [];
    const [g, x, slope] = [node.input(0), node.input(1), node.input(2)];
    const steep = wants[2] ? where(greater(x, 0), 0, mul(c, g)) : undefined;
    return [
      wants[0] ? unbroadcast(leakyReluGradient(c, x, slope), g.shape) : undefined,
      undefined,
      steep && unbroadcast(steep, slope.shape),
    ];
  },
});

function leakyReluGradient(g: Tensor, x: Tensor, slope: Tensor): Tensor {
  return g.graph.apply(LeakyReluGradient, [g, x, slope], {})[0]!;
}

/** Cotangent through an activation of slope 1 above zero and `slope` (a number) below. */
function throughSlope(node: GraphNode, slope: number, g: Tensor): Tensor {
  const sign = slope >= 0 ? node.output : node.input(0);
  return leakyReluGradient(g, sign, g.graph.constant(slope, g.dtype));
}

export const Relu = defineOperator({
  type: "Relu",
  arity: [1, 1],
  infer: (node) => inferElementwise(node),
  evaluate: (_, [x]) => [x!.map((v) => Math.max(v, 0))],
  adjoint: (node, [g]) => [g && throughSlope(node, 0, g)],
});

/** max(x, 0) */
export function relu(x: Tensor): Tensor {
  return x.graph.apply(Relu, [x], {})[0]!;
}

export const LeakyRelu = defineOperator<{ readonly alpha?: number }>({
  type: "LeakyRelu",
  arity: [1, 1],
  defaults: { alpha: 0.01 },
  infer: (node) => inferElementwise(node),
  evaluate: (node, [x]) => [x!.map((v) => (v < 0 ? node.attributes.alpha! * v : v))],
  adjoint: (node, [g]) => [g && throughSlope(node, node.attributes.alpha!, g)],
});

/** x where x >= 0, alpha x elsewhere. */
export function leakyRelu(x: Tensor, alpha = 0.01): Tensor {
  return x.graph.apply(LeakyRelu, [x], { alpha })[0]!;
}

export const PRelu = defineOperator({
  type: "PRelu",
  arity: [2, 2],
  infer(node) {
    const types = inferElementwise(node);
    if (!sameShape(types[0]!.shape, node.input(0).shape)) {
      node.fail("the slope does not broadcast to x");
    }
    return types;
  },
  evaluate: (node, inputs) => evaluateElementwise(node, inputs, (x, s) => (x! < 0 ? s! * x! : x!)),
  adjoint(node, [g], wants) {
    if (!g) return [];
    const [x, slope] = [node.input(0), node.input(1)];
    const positive = slope.data instanceof Float32Array && slope.data.every((s) => s > 0);
    return [
      wants[0] ? leakyReluGradient(g, positive ? node.output : x, slope) : undefined,
      wants[1] ? unbroadcast(mul(g, minimum(x, 0)), slope.shape) : undefined,
    ];
  },
});

/** x where x >= 0, slope x elsewhere; the slope broadcasts to x, usually [C, 1, 1]. */
export function prelu(x: Tensor, slope: Tensor): Tensor {
  return x.graph.apply(PRelu, [x, slope], {})[0]!;
}

type ClipAttributes = { readonly min?: number; readonly max?: number };

/**
 * Bounds are attributes here (ONNX has them as inputs since opset 11): a bound that is itself
 * computed arrives as Min and Max from the importer.
 */
export const Clip = defineOperator<ClipAttributes>({
  type: "Clip",
  arity: [1, 1],
  parameters: [
    { attribute: "min", input: 1, dtype: "like", scalar: true, sinceOpset: 11 },
    { attribute: "max", input: 2, dtype: "like", scalar: true, sinceOpset: 11 },
  ],
  infer: (node) => inferElementwise(node),
  evaluate(node, [x]) {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = node.attributes;
    return [x!.map((v) => Math.min(Math.max(v, min), max))];
  },
  simplify(node) {
    const { min, max } = node.attributes;
    return min === undefined && max === undefined ? [node.input(0)] : undefined;
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const x = node.input(0);
    const { min, max } = node.attributes;
    const above = min === undefined ? undefined : greaterOrEqual(x, min);
    const below = max === undefined ? undefined : lessOrEqual(x, max);
    const inside = above && below ? and(above, below) : (above ?? below)!;
    return [where(inside, g, 0)];
  },
});

/** Limits x to [min, max]; either may be left out. */
export function clip(x: Tensor, bounds: ClipAttributes): Tensor {
  return x.graph.apply(Clip, [x], bounds)[0]!;
}

/** An activation defined by other operators, into which it is expanded at once. */
function expanded<A extends Attributes>(
  type: string,
  defaults: A,
  f: (x: number, attributes: A) => number,
  definition: (x: Tensor, attributes: A) => Tensor,
): OperatorDefinition<A> {
  return defineOperator<A>({
    type,
    arity: [1, 1],
    defaults,
    infer: (node) => inferElementwise(node),
    evaluate: (node, [x]) => [x!.map((v) => f(v, node.attributes))],
    simplify: (node) => [definition(node.input(0), node.attributes)],
  });
}

/** An activation that ONNX Runtime computes in one pass, with its derivative given apart. */
function activation<A extends Attributes>(
  type: string,
  defaults: A,
  f: (x: number, attributes: A) => number,
  derivative: (x: Tensor, y: Tensor, g: Tensor, attributes: A) => Tensor,
): OperatorDefinition<A> {
  return defineOperator<A>({
    type,
    arity: [1, 1],
    defaults,
    infer: (node) => inferElementwise(node),
    evaluate: (node, [x]) => [x!.map((v) => f(v, node.attributes))],
    adjoint: (node, [g]) => [g && derivative(node.input(0), node.output, g, node.attributes)],
  });
}

const SELU_ALPHA = 1.6732631921768188;
const SELU_GAMMA = 1.0507010221481323;

export const Elu = activation(
  "Elu",
  { alpha: 1 },
  (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x) : x),
  (x, y, g, { alpha }) => mul(g, where(less(x, 0), add(y, alpha), 1)),
);
export const Celu = activation(
  "Celu",
  { alpha: 1 },
  (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x / alpha) : x),
  (x, _y, g, { alpha }) => mul(g, exp(minimum(mul(x, 1 / alpha), 0))),
);
export const Selu = activation(
  "Selu",
  { alpha: SELU_ALPHA, gamma: SELU_GAMMA },
  (x, { alpha, gamma }) => gamma * (x > 0 ? x : alpha * Math.expm1(x)),
  (x, y, g, { alpha, gamma }) => mul(g, where(greater(x, 0), gamma, add(y, alpha * gamma))),
);
export const ThresholdedRelu = activation(
  "ThresholdedRelu",
  { alpha: 1 },
  (x, { alpha }) => (x > alpha ? x : 0),
  (x, _y, g, { alpha }) => where(greater(x, alpha), g, 0),
);
export const HardSigmoid = activation(
  "HardSigmoid",
  { alpha: 0.2, beta: 0.5 },
  (x, { alpha, beta }) => Math.max(0, Math.min(1, alpha * x + beta)),
  (_x, y, g, { alpha }) => where(and(greater(y, 0), less(y, 1)), mul(g, alpha), 0),
);
export const HardSwish = expanded(
  "HardSwish",
  {},
  (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5)),
  (x) => mul(x, hardSigmoid(x, 1 / 6, 0.5)),
);
export const Gelu = expanded<{ readonly approximate?: string }>(
  "Gelu",
  { approximate: "none" },
  (x, { approximate }) =>
    approximate === "tanh"
      ? 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : 0.5 * x * (1 + errorFunction(x / Math.SQRT2)),
  (x, { approximate }) => {
    const inner =
      approximate === "tanh"
        ? tanh(mul(mul(x, add(mul(mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI)))
        : erf(mul(x, Math.SQRT1_2));
    return mul(mul(x, 0.5), add(inner, 1));
  },
);
export const Mish = expanded(
  "Mish",
  {},
  (x) => x * Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  (x) => mul(x, tanh(softplus(x))),
);
export const Swish = expanded(
  "Swish",
  { alpha: 1 },
  (x, { alpha }) => x / (1 + Math.exp(-alpha * x)),
  (x, { alpha }) => mul(x, sigmoid(mul(x, alpha))),
);

export function elu(x: Tensor, alpha = 1): Tensor {
  return x.graph.apply(Elu, [x], { alpha })[0]!;
}

/** max(0, min(1, alpha x + beta)) */
export function hardSigmoid(x: Tensor, alpha = 0.2, beta = 0.5): Tensor {
  return x.graph.apply(HardSigmoid, [x], { alpha, beta })[0]!;
}

/** x hardSigmoid(x; 1/6, 1/2) */
export function hardSwish(x: Tensor): Tensor {
  return x.graph.apply(HardSwish, [x], {})[0]!;
}

/** Gaussian error linear unit, exact or by its tanh approximation (Hendrycks & Gimpel 2016). */
export function gelu(x: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  return x.graph.apply(Gelu, [x], { approximate })[0]!;
}

/** x sigmoid(alpha x), also called SiLU. */
export function swish(x: Tensor, alpha = 1): Tensor {
  return x.graph.apply(Swish, [x], { alpha })[0]!;
}

type SoftmaxAttributes = {
  readonly axis?: number;
  /** Set by the importer for models before opset 13, which flattened from `axis` on. */
  readonly flatten?: number;
};

function softmaxFamily(
  type: "Softmax" | "LogSoftmax",
  finish: (x: number, largest: number, total: number) => number,
  adjoint: (y: Tensor, g: Tensor, axis: number) => Tensor,
): OperatorDefinition<SoftmaxAttributes> {
  const definition: OperatorDefinition<SoftmaxAttributes> = defineOperator({
    type,
    arity: [1, 1],
    infer(node) {
      axisOf(node, axisAttribute(node), node.input(0).rank);
      return inferElementwise(node);
    },
    evaluate(node, [x]) {
      const { shape } = node.input(0);
      const axis = axisOf(node, axisAttribute(node), shape.length);
      const length = shape[axis]!;
      const stride = sizeOf(shape.slice(axis + 1));
      const out = new Float64Array(x!.length);
      for (let start = 0; start < x!.length; start++) {
        if (Math.floor(start / stride) % length !== 0) continue;
        const line = range(length).map((i) => start + i * stride);
        const largest = line.reduce((m, at) => Math.max(m, x![at]!), Number.NEGATIVE_INFINITY);
        const total = line.reduce((s, at) => s + Math.exp(x![at]! - largest), 0);
        for (const at of line) out[at] = finish(x![at]!, largest, total);
      }
      return [out];
    },
    simplify(node) {
      const x = node.input(0);
      if (!node.attributes.flatten) return undefined;
      const axis = axisOf(node, axisAttribute(node), x.rank);
      const rows = reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
      return [reshape(x.graph.apply(definition, [rows], { axis: 1 })[0]!, x.shape)];
    },
    adjoint: (node, [g]) => [
      g && adjoint(node.output, g, axisOf(node, axisAttribute(node), g.rank)),
    ],
  });
  return definition;
}

function axisAttribute(node: GraphNode<SoftmaxAttributes>): number {
  return node.attributes.axis ?? (node.attributes.flatten ? 1 : -1);
}

export const Softmax = softmaxFamily(
  "Softmax",
  (x, largest, total) => Math.exp(x - largest) / total,
  (y, g, axis) => mul(y, sub(g, reduceSum(mul(g, y), [axis], true))),
);
export const LogSoftmax = softmaxFamily(
  "LogSoftmax",
  (x, largest, total) => x - largest - Math.log(total),
  (y, g, axis) => sub(g, mul(exp(y), reduceSum(g, [axis], true))),
);

/** exp(x) normalised to sum one along `axis`. */
export function softmax(x: Tensor, axis = -1): Tensor {
  return x.graph.apply(Softmax, [x], { axis })[0]!;
}

/** Logarithm of {@link softmax}, without overflow. */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return x.graph.apply(LogSoftmax, [x], { axis })[0]!;
}
