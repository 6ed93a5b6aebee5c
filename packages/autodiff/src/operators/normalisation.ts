/**
 * Normalisation: BatchNormalization (inference), InstanceNormalization, LayerNormalization,
 * GroupNormalization, LpNormalization.
 *
 *     y = (x - m) s / sqrt(v + e) + b        BatchNormalization; m, v given, one per channel
 *       a = s / sqrt(v + e)     x' = y' a                b' = sum y'
 *       s' = sum y' (x - m) / sqrt(v + e)                m' = -a b'       v' = -s s' / 2 (v + e)
 *
 *     y = n s + b,  n = c r,  c = x - mean x,  r = 1 / sqrt(mean c^2 + e)       Instance and Layer
 *       x' = r (n' - mean n' - c r^2 mean(n' c))         n' = y' s
 *       s' = sum y' n           b' = sum y'
 *
 *     y = x / |x|_p                                      LpNormalization
 *       x' = (y' - d sum(y' y)) / |x|_p                  d = y for p = 2, sign x for p = 1
 *
 * Sums over what was normalised are small; the passes over the whole tensor are what costs, and the
 * expressions below are arranged to need few of them. GroupNormalization is InstanceNormalization of
 * a reshaped x.
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { broadcastShapes, range, type Shape, sameShape, sizeOf } from "../graph/shape.js";
import { broadcastTo } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { add, div, mul, neg, sub } from "./arithmetic.js";
import { expand, fill, reduceSum, unbroadcast } from "./broadcasting.js";
import { reciprocal, sign, sqrt } from "./elementary.js";
import { axisOf, reshape } from "./layout.js";
import { reduceL1, reduceL2, reduceMean, reduceSumSquare } from "./reduction.js";
import { equal, where } from "./selection.js";

const EPSILON = 1e-5;

function requireSameType(node: GraphNode): void {
  const types = new Set(node.inputs.map((tensor) => tensor?.dtype ?? node.input(0).dtype));
  if (types.size > 1) node.unsupported(`element types differ: ${[...types].join(", ")}`);
}

/** Inputs from the second on must be [channels]. */
function requirePerChannel(node: GraphNode, channels: number): void {
  node.inputs.slice(1).forEach((tensor, i) => {
    if (tensor && !sameShape(tensor.shape, [channels])) {
      node.fail(`input ${i + 1} must be [${channels}], one element per channel`);
    }
  });
}

/** `parameter` [C] shaped to broadcast over x [N, C, ...]. */
function perChannel(parameter: Tensor, x: Tensor): Tensor {
  return reshape(
    parameter,
    x.shape.map((_, axis) => (axis === 1 ? parameter.size : 1)),
  );
}

function channelSum(x: Tensor): Tensor {
  return reduceSum(
    x,
    range(x.rank).filter((axis) => axis !== 1),
  );
}

type BatchAttributes = {
  readonly epsilon?: number;
  readonly momentum?: number;
  readonly training_mode?: number;
  /** Up to opset 8; 0 stands for statistics per element. */
  readonly spatial?: number;
};

export const BatchNormalization: OperatorDefinition<BatchAttributes> =
  defineOperator<BatchAttributes>({
    type: "BatchNormalization",
    arity: [5, 5],
    defaults: { epsilon: EPSILON },
    infer(node) {
      const { dtype, shape } = node.input(0);
      const { training_mode, spatial } = node.attributes;
      if (training_mode)
        node.unsupported("training mode is not supported; export the model for inference");
      if (spatial === 0) node.unsupported("statistics per element (spatial = 0) are not supported");
      if (shape.length < 2) node.fail("x must be [N, C, ...]");
      requirePerChannel(node, shape[1]!);
      requireSameType(node);
      return [{ dtype, shape }];
    },
    evaluate(node, [x, scale, bias, mean, variance]) {
      const { shape } = node.input(0);
      const plane = sizeOf(shape.slice(2));
      const { epsilon } = node.attributes;
      const value = (element: number, i: number) => {
        const c = Math.floor(i / plane) % shape[1]!;
        return (
          ((element - mean![c]!) * scale![c]!) / Math.sqrt(variance![c]! + epsilon!) + bias![c]!
        );
      };
      return [x!.map(value)];
    },
    simplify(node) {
      const { epsilon, momentum, training_mode, spatial } = node.attributes;
      if (momentum === undefined && training_mode === undefined && spatial === undefined) {
        return undefined;
      }
      const [x, scale, bias, mean, variance] = node.inputs as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      return [batchNormalization(x, scale, bias, mean, variance, epsilon)];
    },
    adjoint(node, [g], wants) {
      if (!g) return [];
      const [x, scale, , mean, variance] = node.inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const shifted = add(variance, node.attributes.epsilon!);
      const deviation = sqrt(shifted);
      const slope = div(scale, deviation);
      const biasCotangent = () => channelSum(g);
      const scaleCotangent = () => div(channelSum(mul(g, sub(x, perChannel(mean, x)))), deviation);
      return [
        wants[0] ? mul(g, perChannel(slope, x)) : undefined,
        wants[1] ? scaleCotangent() : undefined,
        wants[2] ? biasCotangent() : undefined,
        wants[3] ? neg(mul(slope, biasCotangent())) : undefined,
        wants[4] ? mul(div(mul(scale, scaleCotangent()), shifted), -0.5) : undefined,
      ];
    },
  });

/** `(x - mean) * scale / sqrt(variance + epsilon) + bias`; x [N, C, ...], the others [C]. */
export function batchNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon = EPSILON,
): Tensor {
  const inputs = [x, scale, bias, mean, variance];
  return x.graph.apply(BatchNormalization, inputs, { epsilon })[0]!;
}

/** Every group of `count` neighbouring elements shifted to mean 0 and scaled to variance 1. */
function standardise(x: Float64Array, count: number, epsilon: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += count) {
    let mean = 0;
    for (let i = start; i < start + count; i++) mean += x[i]! / count;
    let variance = 0;
    for (let i = start; i < start + count; i++) variance += (x[i]! - mean) ** 2 / count;
    for (let i = start; i < start + count; i++)
      out[i] = (x[i]! - mean) / Math.sqrt(variance + epsilon);
  }
  return out;
}

interface Statistics {
  readonly axes: readonly number[];
  /** x less its mean. */
  readonly centred: Tensor;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverse: Tensor;
}

function statisticsOf(x: Tensor, axes: readonly number[], epsilon: number): Statistics {
  const centred = sub(x, reduceMean(x, axes, true));
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  const variance = mul(reduceSumSquare(centred, axes, true), 1 / count);
  return { axes, centred, inverse: reciprocal(sqrt(add(variance, epsilon))) };
}

/** The cotangent of x for `g`, that of the normalised x, times `factor` (constant over the axes). */
function throughStandardisation(g: Tensor, stats: Statistics, factor?: Tensor): Tensor {
  const { axes, centred, inverse } = stats;
  const along = reduceMean(mul(g, centred), axes, true);
  const radial = mul(centred, mul(along, mul(inverse, inverse)));
  const tangent = sub(sub(g, reduceMean(g, axes, true)), radial);
  return mul(tangent, factor ? mul(factor, inverse) : inverse);
}

type EpsilonAttributes = { readonly epsilon?: number };

export const InstanceNormalization: OperatorDefinition<EpsilonAttributes> =
  defineOperator<EpsilonAttributes>({
    type: "InstanceNormalization",
    arity: [3, 3],
    defaults: { epsilon: EPSILON },
    infer(node) {
      const { dtype, shape } = node.input(0);
      if (shape.length < 3) node.fail("x must be [N, C, spatial...]");
      requirePerChannel(node, shape[1]!);
      requireSameType(node);
      return [{ dtype, shape }];
    },
    evaluate(node, [x, scale, bias]) {
      const { shape } = node.input(0);
      const plane = sizeOf(shape.slice(2));
      const normal = standardise(x!, plane, node.attributes.epsilon!);
      const channel = (i: number) => Math.floor(i / plane) % shape[1]!;
      return [normal.map((n, i) => n * scale![channel(i)]! + bias![channel(i)]!)];
    },
    adjoint(node, [g], wants) {
      if (!g) return [];
      const [x, scale] = [node.input(0), node.input(1)];
      const stats = statisticsOf(x, range(x.rank).slice(2), node.attributes.epsilon!);
      const scaleCotangent = () => {
        const sums = reduceSum(mul(g, stats.centred), stats.axes, true);
        return channelSum(mul(sums, stats.inverse));
      };
      return [
        wants[0] ? throughStandardisation(g, stats, perChannel(scale, x)) : undefined,
        wants[1] ? scaleCotangent() : undefined,
        wants[2] ? channelSum(g) : undefined,
      ];
    },
  });

/** Each channel of each sample of x [N, C, spatial...] standardised, times scale [C] plus bias [C]. */
export function instanceNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  epsilon = EPSILON,
): Tensor {
  return x.graph.apply(InstanceNormalization, [x, scale, bias], { epsilon })[0]!;
}

type LayerAttributes = {
  readonly axis?: number;
  readonly epsilon?: number;
  readonly stash_type?: number;
};

function broadcastsTo(shape: Shape, target: Shape): boolean {
  const joint = broadcastShapes(shape, target);
  return joint !== undefined && sameShape(joint, target);
}

export const LayerNormalization: OperatorDefinition<LayerAttributes> =
  defineOperator<LayerAttributes>({
    type: "LayerNormalization",
    arity: [2, 3],
    defaults: { axis: -1, epsilon: EPSILON },
    infer(node) {
      const { dtype, shape } = node.input(0);
      const axis = axisOf(node, node.attributes.axis!, shape.length);
      for (const tensor of node.inputs.slice(1)) {
        if (tensor && !broadcastsTo(tensor.shape, shape.slice(axis))) {
          node.fail(`scale and bias must broadcast to [${shape.slice(axis)}]`);
        }
      }
      requireSameType(node);
      return [{ dtype, shape }];
    },
    evaluate(node, [x, scale, bias]) {
      const { shape } = node.input(0);
      const axis = axisOf(node, node.attributes.axis!, shape.length);
      const normal = standardise(x!, sizeOf(shape.slice(axis)), node.attributes.epsilon!);
      const scales = broadcastTo(scale!, node.input(1).shape, shape);
      const offset = node.inputs[2];
      const biases = offset && broadcastTo(bias!, offset.shape, shape);
      return [normal.map((n, i) => n * scales[i]! + (biases?.[i] ?? 0))];
    },
    simplify(node) {
      // ONNX Runtime wants scale and bias of exactly the normalised shape.
      const [x, scale, bias] = node.inputs as [Tensor, Tensor, Tensor | undefined];
      const { axis, epsilon, stash_type } = node.attributes;
      const normalised = x.shape.slice(axisOf(node, axis!, x.rank));
      const short = [scale, bias].some((tensor) => tensor && !sameShape(tensor.shape, normalised));
      if (!short && stash_type === undefined) return undefined;
      const full = (tensor: Tensor) => expand(tensor, normalised);
      return [layerNormalization(x, full(scale), bias && full(bias), axis, epsilon)];
    },
    adjoint(node, [g], wants) {
      if (!g) return [];
      const [x, scale, bias] = node.inputs as [Tensor, Tensor, Tensor | undefined];
      const axes = range(x.rank).slice(axisOf(node, node.attributes.axis!, x.rank));
      const stats = statisticsOf(x, axes, node.attributes.epsilon!);
      const scaleCotangent = () =>
        unbroadcast(mul(g, mul(stats.centred, stats.inverse)), scale.shape);
      return [
        wants[0] ? throughStandardisation(mul(g, scale), stats) : undefined,
        wants[1] ? scaleCotangent() : undefined,
        wants[2] && bias ? unbroadcast(g, bias.shape) : undefined,
      ];
    },
  });

/**
 * x standardised over its axes from `axis` on, times scale, plus bias; both broadcast to the shape
 * of those axes.
 */
export function layerNormalization(
  x: Tensor,
  scale: Tensor,
  bias?: Tensor,
  axis = -1,
  epsilon = EPSILON,
): Tensor {
  const inputs = bias ? [x, scale, bias] : [x, scale];
  return x.graph.apply(LayerNormalization, inputs, { axis, epsilon })[0]!;
}

type GroupAttributes = {
  readonly num_groups: number;
  readonly epsilon?: number;
  readonly stash_type?: number;
};

export const GroupNormalization = defineOperator<GroupAttributes>({
  type: "GroupNormalization",
  arity: [3, 3],
  required: ["num_groups"],
  defaults: { epsilon: EPSILON },
  infer(node) {
    const { dtype, shape } = node.input(0);
    const groups = node.attributes.num_groups;
    if (shape.length < 2) node.fail("x must be [N, C, ...]");
    if (!Number.isInteger(groups) || groups < 1 || shape[1]! % groups !== 0) {
      node.fail(`${shape[1]} channels do not divide into ${groups} groups`);
    }
    // Opset 18 has one scale per group, opset 21 one per channel.
    const scales = node.input(1).size;
    requirePerChannel(node, scales === groups ? groups : shape[1]!);
    requireSameType(node);
    return [{ dtype, shape }];
  },
  simplify(node) {
    const [x, scale, bias] = node.inputs as [Tensor, Tensor, Tensor];
    const { num_groups, epsilon } = node.attributes;
    const rows = [x.shape[0]!, num_groups, sizeOf(x.shape.slice(1)) / num_groups];
    if (scale.size === num_groups) {
      return [reshape(instanceNormalization(reshape(x, rows), scale, bias, epsilon), x.shape)];
    }
    const [one, zero] = [fill(x, 1, [num_groups]), fill(x, 0, [num_groups])];
    const normal = reshape(instanceNormalization(reshape(x, rows), one, zero, epsilon), x.shape);
    return [add(mul(normal, perChannel(scale, x)), perChannel(bias, x))];
  },
});

/**
 * Groups of neighbouring channels of x [N, C, ...] standardised together, times scale plus bias;
 * both are [C], or [groups].
 */
export function groupNormalization(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  groups: number,
  epsilon = EPSILON,
): Tensor {
  return x.graph.apply(GroupNormalization, [x, scale, bias], { num_groups: groups, epsilon })[0]!;
}

type LpAttributes = { readonly axis?: number; readonly p?: number };

export const LpNormalization: OperatorDefinition<LpAttributes> = defineOperator<LpAttributes>({
  type: "LpNormalization",
  arity: [1, 1],
  defaults: { axis: -1, p: 2 },
  infer(node) {
    const { dtype, shape } = node.input(0);
    const { axis, p } = node.attributes;
    axisOf(node, axis!, shape.length);
    if (p !== 1 && p !== 2) node.fail(`p = ${p} is neither 1 nor 2`);
    return [{ dtype, shape }];
  },
  evaluate(node, [x]) {
    const { shape } = node.input(0);
    const axis = axisOf(node, node.attributes.axis!, shape.length);
    const { p } = node.attributes;
    const count = shape[axis]!;
    const stride = sizeOf(shape.slice(axis + 1));
    const out = new Float64Array(x!.length);
    x!.forEach((value, i) => {
      const first = i - (Math.floor(i / stride) % count) * stride;
      let total = 0;
      for (let k = 0; k < count; k++) total += Math.abs(x![first + k * stride]!) ** p!;
      out[i] = total === 0 ? 0 : value / total ** (1 / p!);
    });
    return [out];
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const x = node.input(0);
    const axes = [node.attributes.axis!];
    const first = node.attributes.p === 1;
    const norm = first ? reduceL1(x, axes, true) : reduceL2(x, axes, true);
    const direction = first ? sign(x) : node.output;
    const radial = mul(direction, reduceSum(mul(g, node.output), axes, true));
    return [div(sub(g, radial), where(equal(norm, 0), 1, norm))];
  },
});

/** x divided by its 1-norm or 2-norm along `axis`; zero where the norm is zero. */
export function lpNormalization(x: Tensor, axis = -1, p: 1 | 2 = 2): Tensor {
  return x.graph.apply(LpNormalization, [x], { axis, p })[0]!;
}
