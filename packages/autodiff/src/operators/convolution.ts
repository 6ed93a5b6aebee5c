/**
 * Convolution in any number of spatial dimensions, with groups, strides, dilations and asymmetric
 * pads: Conv, ConvTranspose, and ConvWeightGradient, which ONNX lacks.
 *
 * The three are one trilinear form <g, x * w> seen from its three sides, so every derivative of
 * every order is again one of them:
 *
 *     y = C(x, w)    x' = T(y', w)    w' = W(x, y')      Conv
 *     y = T(g, w)    g' = C(y', w)    w' = W(y', g)      ConvTranspose
 *     y = W(x, g)    x' = T(g, y')    g' = C(x, y')      ConvWeightGradient
 *
 * A bias adds a plane: its cotangent is the sum of y' over all axes but the channels.
 *
 * How each is written as ONNX is chosen by measurement, in lowering/convolution.ts.
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, type Shape, sizeOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { add } from "./arithmetic.js";
import { reduceSum } from "./broadcasting.js";
import { reshape } from "./layout.js";
import { slice } from "./slicing.js";
import { type Window, type WindowAttributes, windowOf, windowPlaces } from "./window.js";

export type ConvAttributes = WindowAttributes & { readonly group?: number };
export type ConvTransposeAttributes = ConvAttributes & {
  readonly output_padding?: readonly number[];
  /** Spatial sizes of the result, from which ONNX then computes the pads. */
  readonly output_shape?: readonly number[];
};
export type WeightGradientAttributes = {
  readonly kernel_shape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly group: number;
};

/** A convolution's geometry: `large` is the side of x, `small` the side of y. */
export interface ConvGeometry {
  readonly window: Window;
  readonly group: number;
  readonly large: Shape;
  readonly small: Shape;
}

function requireGroups(node: GraphNode, channels: number, group: number): void {
  if (!Number.isInteger(group) || group < 1 || channels % group !== 0) {
    node.fail(`${channels} channels do not divide into ${group} groups`);
  }
}

/** What Conv and ConvTranspose ask alike of x [N, C, spatial...] and its weights. */
function checkedOperands(node: GraphNode<ConvAttributes>) {
  const [x, w] = [node.input(0), node.input(1)];
  if (x.rank < 3) node.fail("x must be [N, C, spatial...]");
  if (w.rank !== x.rank) node.fail(`weights must have ${x.rank} axes`);
  if (w.dtype !== x.dtype) node.fail(`element types differ: ${x.dtype}, ${w.dtype}`);
  const group = node.attributes.group!;
  requireGroups(node, x.shape[1]!, group);
  return { x, w, group };
}

/** Canonical attributes of a window, for building the operators' siblings. */
export function attributesOf({ window, group }: ConvGeometry): WeightGradientAttributes {
  return {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.begins, ...window.ends],
    group,
  };
}

/**
 * Visits everything a convolution multiplies, in runs along the last axis: `count` elements of
 * y [N, M, small] from `y` on, as many of x [N, C, large] from `x` on, `step` apart, and the one
 * weight `w` of [M, C / group, kernel] that they all meet. Indices are flat.
 */
function forEachRun(
  geometry: ConvGeometry,
  batch: number,
  channels: number,
  features: number,
  visit: (y: number, x: number, w: number, count: number, step: number) => void,
): void {
  const { window, group, large, small } = geometry;
  const perGroup = channels / group;
  const featuresPerGroup = features / group;
  const taps = sizeOf(window.kernel);
  const [ySize, xSize] = [sizeOf(small), sizeOf(large)];
  const last = large.length - 1;
  const [length, width, step] = [small[last]!, large[last]!, window.strides[last]!];
  forEachIndex(small.slice(0, last), (row, at) => {
    forEachIndex(window.kernel, (tap, offset) => {
      let line = 0;
      for (let i = 0; i < last; i++) {
        const position =
          at[i]! * window.strides[i]! + offset[i]! * window.dilations[i]! - window.begins[i]!;
        if (position < 0 || position >= large[i]!) return;
        line = line * large[i]! + position;
      }
      const shift = offset[last]! * window.dilations[last]! - window.begins[last]!;
      const from = Math.max(0, Math.ceil(-shift / step));
      const count = Math.min(length, Math.ceil((width - shift) / step)) - from;
      if (count <= 0) return;
      const yFrom = row * length + from;
      const xFrom = line * width + from * step + shift;
      for (let n = 0; n < batch; n++) {
        for (let m = 0; m < features; m++) {
          const first = Math.floor(m / featuresPerGroup) * perGroup;
          for (let c = 0; c < perGroup; c++) {
            visit(
              (n * features + m) * ySize + yFrom,
              (n * channels + first + c) * xSize + xFrom,
              (m * perGroup + c) * taps + tap,
              count,
              step,
            );
          }
        }
      }
    });
  });
}

function addBias(data: Float64Array, shape: Shape, bias: Float64Array): void {
  const plane = sizeOf(shape.slice(2));
  for (let i = 0; i < data.length; i++) data[i]! += bias[Math.floor(i / plane) % shape[1]!]!;
}

function biasCotangent(g: Tensor): Tensor {
  return reduceSum(
    g,
    range(g.rank).filter((axis) => axis !== 1),
  );
}

function requireBias(node: GraphNode, features: number): void {
  const bias = node.inputs[2];
  if (bias && (bias.rank !== 1 || bias.size !== features)) {
    node.fail(`the bias must be [${features}]`);
  }
}

export function convGeometry(node: GraphNode<ConvAttributes>): ConvGeometry {
  const [x, w] = [node.input(0).shape, node.input(1).shape];
  const large = x.slice(2);
  const window = windowOf(node, node.attributes, large, w.slice(2));
  return {
    window,
    group: node.attributes.group!,
    large,
    small: windowPlaces(node, window, large),
  };
}

export const Conv: OperatorDefinition<ConvAttributes> = defineOperator<ConvAttributes>({
  type: "Conv",
  arity: [2, 3],
  defaults: { group: 1 },
  infer(node) {
    const { x, w, group } = checkedOperands(node);
    requireGroups(node, w.shape[0]!, group);
    if (w.shape[1]! * group !== x.shape[1]!) {
      node.fail(`weights take ${w.shape[1]! * group} channels, x has ${x.shape[1]}`);
    }
    requireBias(node, w.shape[0]!);
    return [{ dtype: x.dtype, shape: [x.shape[0]!, w.shape[0]!, ...convGeometry(node).small] }];
  },
  evaluate(node, [x, w, bias]) {
    const [batch, channels] = node.input(0).shape as [number, number];
    const out = new Float64Array(node.output.size);
    const features = node.input(1).shape[0]!;
    const geometry = convGeometry(node);
    forEachRun(geometry, batch, channels, features, (yi, xi, wi, count, step) => {
      const weight = w![wi]!;
      for (let i = 0; i < count; i++) out[yi + i]! += x![xi + i * step]! * weight;
    });
    if (node.inputs[2]) addBias(out, node.output.shape, bias!);
    return [out];
  },
  simplify(node) {
    // ONNX Runtime's automatic pads fail where windows are dilated.
    const { auto_pad: automatic = "NOTSET", ...others } = node.attributes;
    if (automatic === "NOTSET") return undefined;
    const { begins, ends } = convGeometry(node).window;
    const [x, w, bias] = node.inputs as readonly [Tensor, Tensor, Tensor | undefined];
    return [conv(x, w, bias, { ...others, pads: [...begins, ...ends] })];
  },
  adjoint(node, [g], wants) {
    if (!g) return [];
    const [x, w] = [node.input(0), node.input(1)];
    const geometry = convGeometry(node);
    return [
      wants[0] ? transposed(g, w, geometry) : undefined,
      wants[1] ? convWeightGradient(x, g, geometry) : undefined,
      wants[2] ? biasCotangent(g) : undefined,
    ];
  },
});

/**
 * Convolution (cross-correlation) of x [N, C, spatial...] with weights [M, C / group, kernel...];
 * bias [M]. Strides and dilations default to 1, pads (all begins, then all ends) to 0.
 */
export function conv(x: Tensor, w: Tensor, bias?: Tensor, attributes: ConvAttributes = {}): Tensor {
  return x.graph.apply(Conv, bias ? [x, w, bias] : [x, w], attributes)[0]!;
}

/** Sides of a transposed convolution: `small` is its input, `large` its output. */
export function convTransposeGeometry(node: GraphNode<ConvTransposeAttributes>): ConvGeometry {
  const { attributes } = node;
  const small = node.input(0).shape.slice(2);
  const { auto_pad: autoPad = "NOTSET", output_shape: outputShape } = attributes;
  const automatic = autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER";
  const free = { ...attributes, auto_pad: "NOTSET", ...(automatic && { pads: undefined }) };
  const kernel = node.input(1).shape.slice(2);
  const window = windowOf(node, free as WindowAttributes, small, kernel);
  const extra = attributes.output_padding ?? small.map(() => 0);
  if (extra.length !== small.length || extra.some((pad) => !Number.isInteger(pad) || pad < 0)) {
    node.fail(`output_padding [${extra}] must be ${small.length} non-negative integers`);
  }
  const full = small.map(
    (size, i) =>
      window.strides[i]! * (size - 1) + extra[i]! + (kernel[i]! - 1) * window.dilations[i]! + 1,
  );
  let { begins, ends } = window;
  let large = full.map((size, i) => size - begins[i]! - ends[i]!);
  if (outputShape || automatic) {
    const wanted = outputShape?.slice(-small.length) ?? small.map((n, i) => n * window.strides[i]!);
    large = wanted;
    const totals = full.map((size, i) => Math.max(0, size - wanted[i]!));
    const less = totals.map((total) => Math.floor(total / 2));
    const more = totals.map((total) => Math.ceil(total / 2));
    [begins, ends] = autoPad === "SAME_UPPER" ? [less, more] : [more, less];
  }
  if (large.some((size) => size < 1)) node.fail(`the pads leave an output of [${large}]`);
  return { window: { ...window, begins, ends }, group: attributes.group!, large, small };
}

export const ConvTranspose: OperatorDefinition<ConvTransposeAttributes> =
  defineOperator<ConvTransposeAttributes>({
    type: "ConvTranspose",
    arity: [2, 3],
    defaults: { group: 1 },
    infer(node) {
      const { x, w, group } = checkedOperands(node);
      if (w.shape[0] !== x.shape[1]) {
        node.fail(`weights take ${w.shape[0]} channels, x has ${x.shape[1]}`);
      }
      const channels = w.shape[1]! * group;
      requireBias(node, channels);
      return [
        { dtype: x.dtype, shape: [x.shape[0]!, channels, ...convTransposeGeometry(node).large] },
      ];
    },
    evaluate(node, [x, w, bias]) {
      const [batch, features] = node.input(0).shape as [number, number];
      const out = new Float64Array(node.output.size);
      const channels = node.output.shape[1]!;
      const geometry = convTransposeGeometry(node);
      forEachRun(geometry, batch, channels, features, (yi, xi, wi, count, step) => {
        const weight = w![wi]!;
        for (let i = 0; i < count; i++) out[xi + i * step]! += x![yi + i]! * weight;
      });
      if (node.inputs[2]) addBias(out, node.output.shape, bias!);
      return [out];
    },
    simplify(node) {
      const [x, w, bias] = node.inputs as readonly [Tensor, Tensor, Tensor | undefined];
      const { auto_pad: automatic = "NOTSET", output_shape: wanted } = node.attributes;
      if (bias) {
        // The bias apart: what remains is linear, and may be written in another form.
        const plane = reshape(bias, [bias.size, ...node.output.shape.slice(2).map(() => 1)]);
        return [add(convTranspose(x, w, undefined, node.attributes), plane)];
      }
      if (automatic === "NOTSET" && !wanted) return undefined;
      return [transposed(x, w, convTransposeGeometry(node))];
    },
    adjoint(node, [g], wants) {
      if (!g) return [];
      const [x, w] = [node.input(0), node.input(1)];
      const geometry = convTransposeGeometry(node);
      return [
        wants[0] ? convolved(g, w, geometry) : undefined,
        wants[1] ? convWeightGradient(g, x, geometry) : undefined,
      ];
    },
  });

/**
 * Transposed convolution of x [N, M, spatial...] with weights [M, C / group, kernel...]; bias [C].
 * It is the adjoint of {@link conv} with the same weights, strides, dilations and pads.
 */
export function convTranspose(
  x: Tensor,
  w: Tensor,
  bias?: Tensor,
  attributes: ConvTransposeAttributes = {},
): Tensor {
  return x.graph.apply(ConvTranspose, bias ? [x, w, bias] : [x, w], attributes)[0]!;
}

/** C(x, w). A transposed convolution may be longer than its input reaches; no output starts there. */
function convolved(x: Tensor, w: Tensor, geometry: ConvGeometry): Tensor {
  const { small } = geometry;
  const y = conv(x, w, undefined, attributesOf(geometry));
  return slice(
    y,
    small.map(() => 0),
    small,
    small.map((_, i) => i + 2),
  );
}

/** T(g, w): the transposed convolution whose output has the size of the convolution's input. */
function transposed(g: Tensor, w: Tensor, geometry: ConvGeometry): Tensor {
  const { window, large, small } = geometry;
  const output_padding = large.map((size, i) => {
    const extent = (window.kernel[i]! - 1) * window.dilations[i]! + 1;
    const reached = window.strides[i]! * (small[i]! - 1) + extent;
    return size + window.begins[i]! + window.ends[i]! - reached;
  });
  return convTranspose(g, w, undefined, { ...attributesOf(geometry), output_padding });
}

/** Geometry of a weight gradient; its inputs are x [N, C, large...] and g [N, M, small...]. */
export function weightGradientGeometry(node: GraphNode<WeightGradientAttributes>): ConvGeometry {
  const { attributes } = node;
  const [large, small] = [node.input(0).shape.slice(2), node.input(1).shape.slice(2)];
  const window = windowOf(node, attributes, large, attributes.kernel_shape);
  return { window, group: attributes.group, large, small };
}

export const ConvWeightGradient: OperatorDefinition<WeightGradientAttributes> = defineOperator({
  type: "ConvWeightGradient",
  virtual: true,
  arity: [2, 2],
  infer(node) {
    const [x, g] = [node.input(0), node.input(1)];
    const { group, kernel_shape: kernel } = node.attributes;
    return [{ dtype: x.dtype, shape: [g.shape[1]!, x.shape[1]! / group, ...kernel] }];
  },
  evaluate(node, [x, g]) {
    const [batch, channels] = node.input(0).shape as [number, number];
    const out = new Float64Array(node.output.size);
    const features = node.input(1).shape[1]!;
    const geometry = weightGradientGeometry(node);
    forEachRun(geometry, batch, channels, features, (yi, xi, wi, count, step) => {
      for (let i = 0; i < count; i++) out[wi]! += x![xi + i * step]! * g![yi + i]!;
    });
    return [out];
  },
  adjoint(node, [c], wants) {
    if (!c) return [];
    const [x, g] = [node.input(0), node.input(1)];
    const geometry = weightGradientGeometry(node);
    return [
      wants[0] ? transposed(g, c, geometry) : undefined,
      wants[1] ? convolved(x, c, geometry) : undefined,
    ];
  },
});

function convWeightGradient(x: Tensor, g: Tensor, geometry: ConvGeometry): Tensor {
  return x.graph.apply(ConvWeightGradient, [x, g], attributesOf(geometry))[0]!;
}
