/**
 * Resampling on a grid: Resize (nearest, linear), the deprecated Upsample, and SumBlocks, which ONNX
 * lacks.
 *
 * Every output coordinate i along an axis reads the input at a position p(i), with
 * s = output size / input size (or the scale that was given), m and n the input and output sizes:
 *
 *     half_pixel          (i + 1/2) / s - 1/2
 *     pytorch_half_pixel  the same, and 0 where n = 1
 *     align_corners       i (m - 1) / (n - 1), and 0 where n = 1
 *     asymmetric          i / s
 *
 * Nearest takes the element at the rounded position, linear weighs its two neighbours; positions
 * outside are moved to the edge. So along each axis y = A x with a constant matrix A of at most two
 * entries per row, and the adjoint multiplies with A^T. Where nearest repeats every element f times
 * A^T sums blocks of f:
 *
 *     y = upsample(x, f)     x' = sumBlocks(y', f)
 *     y = sumBlocks(x, f)    x' = upsample(y', f)
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, type Shape, sameShape, sizeOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { axesOf, reshape } from "./layout.js";
import { matmul } from "./matmul.js";

export type ResizeAttributes = {
  readonly mode?: string;
  readonly coordinate_transformation_mode?: string;
  readonly nearest_mode?: string;
  readonly roi?: readonly number[];
  readonly scales?: readonly number[];
  readonly sizes?: readonly number[];
  readonly axes?: readonly number[];
  readonly antialias?: number;
  readonly keep_aspect_ratio_policy?: string;
  readonly cubic_coeff_a?: number;
  readonly exclude_outside?: number;
  readonly extrapolation_value?: number;
};

/** What is left of the attributes: one list over all axes, and how positions are made of it. */
export interface Resampling {
  readonly mode: "nearest" | "linear";
  readonly coordinates: string;
  readonly rounding: string;
  readonly scales: readonly number[];
  readonly shape: Shape;
  /** Whether the model gave the shape, the scales following from it. */
  readonly sized: boolean;
}

/** Longer ones come of damaged or hostile files; every position along an axis is computed. */
const LONGEST_AXIS = 2 ** 20;
/** Elements of an interpolation matrix; 4096 x 4096. */
const LARGEST_MATRIX = 2 ** 24;

const COORDINATES = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"];

const ROUNDINGS: Readonly<Record<string, (position: number) => number>> = {
  round_prefer_floor: (position) => Math.ceil(position - 0.5),
  round_prefer_ceil: (position) => Math.floor(position + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** `values` given for `axes` only, over all axes. */
function overAllAxes(
  node: GraphNode<ResizeAttributes>,
  name: "scales" | "sizes",
  rest: readonly number[],
): readonly number[] | undefined {
  const values = node.attributes[name];
  if (!values?.length) return undefined;
  // The order of `axes` is that of the values, so they are checked but not sorted.
  const axes = node.attributes.axes?.map((axis) => (axis < 0 ? axis + rest.length : axis));
  axesOf(node, axes, rest.length);
  const result = [...rest];
  (axes ?? range(rest.length)).forEach((axis, i) => {
    result[axis] = values[i] ?? Number.NaN;
  });
  if (values.length !== (axes?.length ?? rest.length) || result.some((v) => !(v >= 0))) {
    node.fail(`${name} [${values}] must be one non-negative number per axis`);
  }
  return result;
}

export function resamplingOf(node: GraphNode<ResizeAttributes>): Resampling {
  const resampling = uncheckedResampling(node);
  const { shape } = resampling;
  const changed = node
    .input(0)
    .shape.flatMap((from, axis) => (isKept(resampling, axis, from) ? [] : [shape[axis]!]));
  if (changed.some((size) => size > LONGEST_AXIS)) {
    node.unsupported(`resampling an axis to over ${LONGEST_AXIS} elements is not supported`);
  }
  return resampling;
}

function uncheckedResampling(node: GraphNode<ResizeAttributes>): Resampling {
  const { attributes } = node;
  const { shape } = node.input(0);
  const ones = shape.map(() => 1);
  const mode = attributes.mode ?? "nearest";
  if (mode !== "nearest" && mode !== "linear") node.unsupported(`mode "${mode}" is not supported`);
  if (attributes.antialias) node.unsupported("antialiasing is not supported");
  if ((attributes.keep_aspect_ratio_policy ?? "stretch") !== "stretch") {
    node.unsupported(
      `keep_aspect_ratio_policy "${attributes.keep_aspect_ratio_policy}" is not supported`,
    );
  }
  const sizes = overAllAxes(node, "sizes", shape);
  const given = overAllAxes(node, "scales", ones);
  if (sizes && given) node.fail("scales and sizes exclude each other");
  if (sizes) {
    if (sizes.some((size, i) => !Number.isInteger(size) || (shape[i] === 0 && size > 0))) {
      node.fail(`cannot resize to [${sizes}]`);
    }
    const scales = sizes.map((size, i) => (shape[i] === 0 ? 1 : Math.fround(size / shape[i]!)));
    return { mode, ...placement(node, true), scales, shape: sizes, sized: true };
  }
  // Opset 10 has its scales where the region of interest came to be, and places as Upsample does.
  const early = !given && attributes.roi?.length === shape.length ? attributes.roi : undefined;
  const scales = (given ?? early ?? node.fail("neither scales nor sizes are given")).map(
    Math.fround,
  );
  if (scales.some((scale) => !(scale > 0))) node.fail(`scales [${scales}] must be positive`);
  const scaled = shape.map((size, i) => Math.floor(Math.fround(scales[i]! * size)));
  const exact = scaled.every((size, i) => size === scales[i]! * shape[i]!);
  const shrinks = scales.some((scale) => scale < 1);
  const where = early
    ? { coordinates: "asymmetric", rounding: shrinks ? "ceil" : "floor" }
    : placement(node, exact);
  return { mode, ...where, scales, shape: scaled, sized: false };
}

function placement(
  node: GraphNode<ResizeAttributes>,
  exact: boolean,
): Pick<Resampling, "coordinates" | "rounding"> {
  const {
    coordinate_transformation_mode: named = "half_pixel",
    nearest_mode: rounding = "round_prefer_floor",
  } = node.attributes;
  // The symmetric mode differs only where the scale and the sizes disagree.
  const coordinates = named === "half_pixel_symmetric" && exact ? "half_pixel" : named;
  if (!COORDINATES.includes(coordinates)) {
    node.unsupported(`coordinate_transformation_mode "${coordinates}" is not supported`);
  }
  if (!Object.hasOwn(ROUNDINGS, rounding)) node.fail(`nearest_mode "${rounding}" is unknown`);
  return { coordinates, rounding };
}

/** One step of single-precision arithmetic, in which ONNX Runtime computes positions. */
const single = Math.fround;

function positionOf(i: number, coordinates: string, scale: number, from: number, to: number) {
  switch (coordinates) {
    case "align_corners":
      return to === 1 ? 0 : single((i * (from - 1)) / (to - 1));
    case "asymmetric":
      return single(i / scale);
    default:
      if (coordinates === "pytorch_half_pixel" && to === 1) return 0;
      return single(single((i + 0.5) / scale) - 0.5);
  }
}

/** Row i of an axis's matrix: the two neighbours that output i reads, and the second's weight. */
interface Tap {
  readonly first: number;
  readonly second: number;
  readonly weight: number;
}

function tapsOf(resampling: Resampling, axis: number, from: number): Tap[] {
  const { mode, coordinates, rounding, scales, shape } = resampling;
  const inside = (index: number) => Math.min(Math.max(index, 0), from - 1);
  return range(shape[axis]!).map((i) => {
    const position = positionOf(i, coordinates, scales[axis]!, from, shape[axis]!);
    if (mode === "nearest") {
      const index = inside(ROUNDINGS[rounding]!(position));
      return { first: index, second: index, weight: 0 };
    }
    const left = Math.floor(position);
    return { first: inside(left), second: inside(left + 1), weight: position - left };
  });
}

/** An axis along which nothing is resampled. */
function isKept({ scales, shape }: Resampling, axis: number, from: number): boolean {
  return shape[axis] === from && scales[axis] === 1;
}

/** Whether the taps repeat every element the same number of times, in order. */
function repeats(taps: readonly Tap[], from: number): boolean {
  const factor = taps.length / from;
  return (
    Number.isInteger(factor) &&
    taps.every(({ first, weight }, i) => weight === 0 && first === Math.floor(i / factor))
  );
}

/** Times each element is repeated along each axis, when that is all the node does. */
function factorsOf(node: GraphNode<ResizeAttributes>): number[] | undefined {
  const resampling = resamplingOf(node);
  const { shape } = node.input(0);
  const whole = shape.every(
    (from, axis) =>
      from > 0 && (isKept(resampling, axis, from) || repeats(tapsOf(resampling, axis, from), from)),
  );
  return whole ? shape.map((from, axis) => resampling.shape[axis]! / from) : undefined;
}

/** `matrix` [rows, columns] applied along `axis` of x, which has `columns` elements there. */
function applyAlong(x: Tensor, axis: number, matrix: Float64Array, rows: number): Tensor {
  const columns = x.shape[axis]!;
  const before = sizeOf(x.shape.slice(0, axis));
  const after = sizeOf(x.shape.slice(axis + 1));
  const shape = x.shape.map((size, i) => (i === axis ? rows : size));
  const constant = (data: Float64Array, dims: Shape) =>
    x.graph.constant(Array.from(data), x.dtype, dims);
  if (after > 1) {
    const stacked = reshape(x, [before, columns, after]);
    return reshape(matmul(constant(matrix, [rows, columns]), stacked), shape);
  }
  const turned = matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
  return reshape(matmul(reshape(x, [before, columns]), constant(turned, [columns, rows])), shape);
}

/** Along every axis that changes, x multiplied by the axis's matrix or by its transpose. */
export function applyMatrices(
  x: Tensor,
  node: GraphNode<ResizeAttributes>,
  direction: "forward" | "transposed",
): Tensor {
  const resampling = resamplingOf(node);
  return node.input(0).shape.reduce((result, from, axis) => {
    if (isKept(resampling, axis, from)) return result;
    const taps = tapsOf(resampling, axis, from);
    if (taps.length === from && repeats(taps, from)) return result;
    if (taps.length * from > LARGEST_MATRIX) {
      node.fail(`resampling ${from} elements to ${taps.length} takes too large a matrix`);
    }
    const forward = direction === "forward";
    const rows = forward ? taps.length : from;
    const matrix = new Float64Array(taps.length * from);
    taps.forEach(({ first, second, weight }, i) => {
      const at = (j: number) => (forward ? i * from + j : j * taps.length + i);
      matrix[at(first)]! += 1 - weight;
      matrix[at(second)]! += weight;
    });
    return applyAlong(result, axis, matrix, rows);
  }, x);
}

/** The same resampling in as few attributes as it takes, and in the form that runs fastest. */
function canonical(node: GraphNode<ResizeAttributes>): ResizeAttributes {
  const factors = factorsOf(node);
  if (factors) return repetition(factors);
  const { mode, coordinates, rounding, scales, shape, sized } = resamplingOf(node);
  return {
    mode,
    coordinate_transformation_mode: coordinates,
    ...(mode === "nearest" && { nearest_mode: rounding }),
    ...(sized ? { sizes: shape } : { scales }),
  };
}

function repetition(factors: readonly number[]): ResizeAttributes {
  return {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
    scales: factors,
  };
}

/** `data` of `shape` resampled along `axis`. */
function alongAxis(data: Float64Array, shape: Shape, axis: number, taps: readonly Tap[]) {
  const rows = sizeOf(shape.slice(0, axis));
  const width = sizeOf(shape.slice(axis + 1));
  const out = new Float64Array(rows * taps.length * width);
  for (let row = 0; row < rows; row++) {
    taps.forEach(({ first, second, weight }, i) => {
      const to = (row * taps.length + i) * width;
      const [a, b] = [first, second].map((at) => (row * shape[axis]! + at) * width) as [
        number,
        number,
      ];
      for (let k = 0; k < width; k++) {
        const near = data[a + k]!;
        out[to + k] = weight === 0 ? near : (1 - weight) * near + weight * data[b + k]!;
      }
    });
  }
  return out;
}

export const Resize: OperatorDefinition<ResizeAttributes> = defineOperator<ResizeAttributes>({
  type: "Resize",
  arity: [1, 1],
  parameters: [
    { attribute: "roi", input: 1, dtype: "float32" },
    { attribute: "scales", input: 2, dtype: "float32" },
    { attribute: "sizes", input: 3, dtype: "int64" },
  ],
  infer: (node) => [{ dtype: node.input(0).dtype, shape: resamplingOf(node).shape }],
  evaluate(node, [x]) {
    const resampling = resamplingOf(node);
    const shape = [...node.input(0).shape];
    const growth = (axis: number) => resampling.shape[axis]! / shape[axis]!;
    // Axis by axis, those that shrink first, so that nothing between is larger than both ends.
    const axes = range(shape.length).sort((a, b) => growth(a) - growth(b));
    let data = x!;
    for (const axis of axes) {
      if (isKept(resampling, axis, shape[axis]!)) continue;
      const taps = tapsOf(resampling, axis, shape[axis]!);
      data = alongAxis(data, shape, axis, taps);
      shape[axis] = taps.length;
    }
    return [data];
  },
  simplify(node) {
    const source = node.input(0);
    const attributes = canonical(node);
    if (attributes.scales?.every((scale) => scale === 1)) return [source];
    if (JSON.stringify(attributes) === JSON.stringify(node.attributes)) return undefined;
    return [source.graph.apply(Resize, [source], attributes)[0]!];
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const factors = factorsOf(node);
    return [factors ? sumBlocks(g, factors) : applyMatrices(g, node, "transposed")];
  },
});

type UpsampleAttributes = { readonly mode?: string; readonly scales: readonly number[] };

export const Upsample: OperatorDefinition<UpsampleAttributes> = defineOperator<UpsampleAttributes>({
  type: "Upsample",
  arity: [1, 1],
  required: ["scales"],
  parameters: [{ attribute: "scales", input: 1, dtype: "float32", sinceOpset: 9 }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    const { scales, mode = "nearest" } = node.attributes;
    if (mode !== "nearest" && mode !== "linear")
      node.unsupported(`mode "${mode}" is not supported`);
    if (scales.length !== shape.length || scales.some((scale) => !(scale >= 1))) {
      node.fail(`scales [${scales}] must be one number of at least 1 per axis`);
    }
    return [{ dtype, shape: shape.map((n, i) => Math.floor(single(single(scales[i]!) * n))) }];
  },
  simplify(node) {
    const { mode = "nearest", scales } = node.attributes;
    const attributes = { ...repetition(scales), mode };
    return [node.graph.apply(Resize, [node.input(0)], attributes)[0]!];
  },
});

/** A factor for each of the last axes, or one for all axes after the second. */
function trailing(x: Tensor, values: number | readonly number[], rest: Shape): number[] {
  const list = typeof values === "number" ? x.shape.slice(2).map(() => values) : values;
  return [...rest.slice(0, rest.length - list.length), ...list];
}

/**
 * Every element repeated along the spatial axes: x [N, C, spatial...], one integer factor for all
 * of them, or one for each of the last axes.
 */
export function upsample(x: Tensor, factor: number | readonly number[]): Tensor {
  const scales = trailing(
    x,
    factor,
    x.shape.map(() => 1),
  );
  return x.graph.apply(Resize, [x], repetition(scales))[0]!;
}

export interface ResizeOptions {
  /** Where outputs lie among the inputs (see the table above). Default half_pixel. */
  readonly coordinates?: "half_pixel" | "pytorch_half_pixel" | "align_corners" | "asymmetric";
}

export interface NearestOptions extends ResizeOptions {
  /** How positions are rounded. Default round_prefer_floor. */
  readonly rounding?: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
}

/** x resampled to `sizes` along its last axes, each output taking the nearest element. */
export function resizeNearest(x: Tensor, sizes: Shape, options: NearestOptions = {}): Tensor {
  const { coordinates = "half_pixel", rounding = "round_prefer_floor" } = options;
  return resize(x, sizes, {
    mode: "nearest",
    coordinate_transformation_mode: coordinates,
    nearest_mode: rounding,
  });
}

/** x resampled to `sizes` along its last axes by linear interpolation along each. */
export function resizeLinear(x: Tensor, sizes: Shape, options: ResizeOptions = {}): Tensor {
  const { coordinates = "half_pixel" } = options;
  return resize(x, sizes, { mode: "linear", coordinate_transformation_mode: coordinates });
}

function resize(x: Tensor, sizes: Shape, attributes: ResizeAttributes): Tensor {
  const all = { ...attributes, sizes: trailing(x, sizes, x.shape) };
  return x.graph.apply(Resize, [x], all)[0]!;
}

export type BlockAttributes = { readonly factors: readonly number[] };

export const SumBlocks: OperatorDefinition<BlockAttributes> = defineOperator<BlockAttributes>({
  type: "SumBlocks",
  virtual: true,
  arity: [1, 1],
  infer(node) {
    const { dtype, shape } = node.input(0);
    const { factors } = node.attributes;
    const whole = (factor: number, i: number) =>
      Number.isInteger(factor) && factor > 0 && shape[i]! % factor === 0;
    if (factors.length !== shape.length || !factors.every(whole)) {
      node.fail(`blocks of [${factors}] do not tile the input`);
    }
    return [{ dtype, shape: shape.map((size, i) => size / factors[i]!) }];
  },
  evaluate(node, [x]) {
    const { factors } = node.attributes;
    const { shape } = node.output;
    const out = new Float64Array(node.output.size);
    forEachIndex(node.input(0).shape, (flat, index) => {
      const at = index.reduce((sum, k, i) => sum * shape[i]! + Math.floor(k / factors[i]!), 0);
      out[at]! += x![flat]!;
    });
    return [out];
  },
  simplify: (node) =>
    sameShape(node.input(0).shape, node.output.shape) ? [node.input(0)] : undefined,
  adjoint: (node, [g]) => [g && upsample(g, node.attributes.factors)],
});

/** Sums over blocks of `factors[i]` neighbours along axis i, which must divide x's size there. */
export function sumBlocks(x: Tensor, factors: readonly number[]): Tensor {
  return x.graph.apply(SumBlocks, [x], { factors })[0]!;
}
