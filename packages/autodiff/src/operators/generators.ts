/**
 * Shape arithmetic, generated values and choices by index: Shape, Size, ConstantOfShape, Range,
 * EyeLike, OneHot, ArgMax, ArgMin, TopK.
 *
 * Nothing flows through them, with one exception: the values TopK picks are elements of its input,
 * so their cotangents go back to where its second output says they were.
 *
 * Shapes are static here. Shape and Size are therefore constants even of a computed tensor, and the
 * generators, whose ONNX inputs must be constants, have none left. Where ONNX takes the result's
 * element type from such an input, the attribute `dtype` holds it (a `TensorProto.DataType` code,
 * as in EyeLike, where ONNX has it too).
 */
import { type DType, dtypeFromCode, dtypeInfo, fromFloat64, isFloat } from "../graph/dtype.js";
import type { Graph } from "../graph/graph.js";
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, type Shape, sizeOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { add } from "./arithmetic.js";
import { expand, fill } from "./broadcasting.js";
import { scatterElements } from "./indexing.js";
import { axisOf, cast, reshape } from "./layout.js";
import { equal, less, where } from "./selection.js";

/** More elements than this are not generated, lest a tiny file claim gigabytes. */
const LARGEST = 2 ** 26;
/** The same for those that are constants at once. */
const LARGEST_LIST = 2 ** 21;

function dtypeOf(node: GraphNode, code: number): DType {
  return dtypeFromCode(code) ?? node.unsupported(`data type ${code} unknown`);
}

type ShapeAttributes = { readonly start?: number; readonly end?: number };

/** The dimensions asked for; out-of-range bounds are clamped, as ONNX says. */
function dimensions(node: GraphNode<ShapeAttributes>): Shape {
  const { start, end } = node.attributes;
  return node.input(0).shape.slice(start, end);
}

export const ShapeOf = defineOperator<ShapeAttributes>({
  type: "Shape",
  arity: [1, 1],
  infer: (node) => [{ dtype: "int64", shape: [dimensions(node).length] }],
  simplify: (node) => [node.graph.constant(dimensions(node), "int64")],
});

export const Size = defineOperator({
  type: "Size",
  arity: [1, 1],
  infer: () => [{ dtype: "int64", shape: [] }],
  simplify: (node) => [node.graph.constant(node.input(0).size, "int64")],
});

type ConstantOfShapeAttributes = {
  readonly shape: readonly number[];
  /** A number, or the one element of ONNX's tensor. */
  readonly value?: number | readonly number[];
  readonly dtype?: number;
};

export const ConstantOfShape = defineOperator<ConstantOfShapeAttributes>({
  type: "ConstantOfShape",
  arity: [0, 0],
  required: ["shape"],
  defaults: { value: 0, dtype: dtypeInfo("float32").code },
  parameters: [{ attribute: "shape", input: 0, dtype: "int64" }],
  infer(node) {
    const { shape, value, dtype } = node.attributes;
    if (!shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
      node.fail(`[${shape}] is not a shape`);
    }
    if (sizeOf(shape) > LARGEST) node.fail(`[${shape}] is more than ${LARGEST} elements`);
    if (typeof value === "object" && value.length !== 1) node.fail("the value must be one element");
    return [{ dtype: dtypeOf(node, dtype!), shape }];
  },
  simplify(node) {
    const { shape, value } = node.attributes;
    const element = typeof value === "object" ? value[0]! : value!;
    return [expand(node.graph.constant(element, node.output.dtype), shape)];
  },
});

/** `value` everywhere in `shape`, of at most 2^26 elements. */
export function constantOfShape(
  graph: Graph,
  shape: Shape,
  value = 0,
  dtype: DType = "float32",
): Tensor {
  return graph.apply(ConstantOfShape, [], { shape, value, dtype: dtypeInfo(dtype).code })[0]!;
}

type RangeAttributes = {
  readonly start: number;
  readonly limit: number;
  readonly delta: number;
  readonly dtype?: number;
};

export const Range = defineOperator<RangeAttributes>({
  type: "Range",
  arity: [0, 0],
  required: ["start", "limit", "delta"],
  defaults: { dtype: dtypeInfo("int64").code },
  parameters: [
    { attribute: "start", input: 0, dtype: "like", scalar: true },
    { attribute: "limit", input: 1, dtype: "like", scalar: true },
    { attribute: "delta", input: 2, dtype: "like", scalar: true },
  ],
  infer(node) {
    const { start, limit, delta, dtype } = node.attributes;
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    if (delta === 0 || !(count <= LARGEST_LIST)) {
      node.fail(`cannot go from ${start} to ${limit} in steps of ${delta}`);
    }
    return [{ dtype: dtypeOf(node, dtype!), shape: [count] }];
  },
  simplify(node) {
    const { start, delta } = node.attributes;
    const { dtype, size } = node.output;
    const values = new Float64Array(size).map((_, i) => start + i * delta);
    return [node.graph.constant(fromFloat64(dtype, values), dtype)];
  },
});

/**
 * The constant `start, start + delta, ...` up to but not including `limit`.
 *
 * @throws GraphError when delta is 0 or there would be more than 2^21 elements.
 */
export function arange(
  graph: Graph,
  start: number,
  limit: number,
  delta = 1,
  dtype: DType = "int64",
): Tensor {
  return graph.apply(Range, [], { start, limit, delta, dtype: dtypeInfo(dtype).code })[0]!;
}

export const EyeLike = defineOperator<{ readonly k?: number; readonly dtype?: number }>({
  type: "EyeLike",
  arity: [1, 1],
  defaults: { k: 0 },
  infer(node) {
    const { dtype, shape } = node.input(0);
    if (shape.length !== 2) node.fail("takes a matrix");
    const code = node.attributes.dtype;
    return [{ dtype: code === undefined ? dtype : dtypeOf(node, code), shape }];
  },
  evaluate(node) {
    const result = new Float64Array(node.output.size);
    forEachIndex(node.output.shape, (flat, [row, column]) => {
      if (column! - row! === node.attributes.k) result[flat] = 1;
    });
    return [result];
  },
  adjoint: "zero",
});

/** A matrix of x's shape (and dtype, by default) with ones on diagonal `k` and zeros elsewhere. */
export function eyeLike(x: Tensor, k = 0, dtype: DType = x.dtype): Tensor {
  return x.graph.apply(EyeLike, [x], { k, dtype: dtypeInfo(dtype).code })[0]!;
}

type OneHotAttributes = {
  readonly depth: number;
  /** Value elsewhere, value at the index. */
  readonly values: readonly number[];
  readonly axis?: number;
  readonly dtype?: number;
};

function oneHotAxis(node: GraphNode<OneHotAttributes>): number {
  return axisOf(node, node.attributes.axis!, node.input(0).rank + 1);
}

/** Becomes a comparison with 0, 1, ..., depth - 1 along the new axis. */
export const OneHot = defineOperator<OneHotAttributes>({
  type: "OneHot",
  arity: [1, 1],
  required: ["depth", "values"],
  defaults: { axis: -1, dtype: dtypeInfo("float32").code },
  parameters: [
    { attribute: "depth", input: 1, dtype: "int64", scalar: true },
    { attribute: "values", input: 2, dtype: "like" },
  ],
  infer(node) {
    const { depth, values, dtype } = node.attributes;
    if (!Number.isInteger(depth) || depth < 1) node.fail(`depth ${depth} is not positive`);
    if (depth > LARGEST_LIST) node.fail(`depth ${depth} is more than ${LARGEST_LIST}`);
    if (values.length !== 2) node.fail(`needs two values (off, on), not ${values.length}`);
    const axis = oneHotAxis(node);
    const { shape } = node.input(0);
    return [
      {
        dtype: dtypeOf(node, dtype!),
        shape: [...shape.slice(0, axis), depth, ...shape.slice(axis)],
      },
    ];
  },
  simplify(node) {
    const { graph } = node;
    const { depth, values } = node.attributes;
    const { dtype, rank } = node.output;
    const axis = oneHotAxis(node);
    const along = (size: number) => range(rank).map((i) => (i === axis ? size : 1));
    const { shape } = node.input(0);
    const given = reshape(cast(node.input(0), "int64"), [
      ...shape.slice(0, axis),
      1,
      ...shape.slice(axis),
    ]);
    // What is still negative after counting from the end matches nothing, as ONNX says.
    const indices = where(less(given, 0), add(given, depth), given);
    const hit = equal(indices, graph.constant(range(depth), "int64", along(depth)));
    const computed = isFloat(dtype) ? dtype : "int64";
    const [off, on] = values.map((value) => graph.constant(value, computed));
    return [cast(where(hit, on!, off!), dtype)];
  },
});

/**
 * A new axis of size `depth` holding `values[1]` at each index and `values[0]` elsewhere. Negative
 * indices count from the end; those outside `[-depth, depth - 1]` leave `values[0]` everywhere.
 */
export function oneHot(
  indices: Tensor,
  depth: number,
  values: readonly [off: number, on: number] = [0, 1],
  axis = -1,
  dtype: DType = "float32",
): Tensor {
  return indices.graph.apply(OneHot, [indices], {
    depth,
    values,
    axis,
    dtype: dtypeInfo(dtype).code,
  })[0]!;
}

type ArgAttributes = {
  readonly axis?: number;
  readonly keepdims?: number;
  readonly select_last_index?: number;
};

export interface ArgOptions {
  /** Leave `axis` as size one. Default false. */
  readonly keepdims?: boolean;
  /** Of equal elements, the last instead of the first. Default false. */
  readonly last?: boolean;
}

function argument(
  type: string,
  better: (candidate: number, best: number) => boolean,
): OperatorDefinition<ArgAttributes> {
  return defineOperator<ArgAttributes>({
    type,
    arity: [1, 1],
    defaults: { axis: 0, keepdims: 1, select_last_index: 0 },
    infer(node) {
      const { shape } = node.input(0);
      const axis = axisOf(node, node.attributes.axis!, shape.length);
      if (shape[axis] === 0) node.fail(`axis ${axis} is empty`);
      const kept = node.attributes.keepdims !== 0 ? [1] : [];
      return [
        { dtype: "int64", shape: [...shape.slice(0, axis), ...kept, ...shape.slice(axis + 1)] },
      ];
    },
    evaluate(node, [data]) {
      const { shape } = node.input(0);
      const { axis, select_last_index: last } = node.attributes;
      const lanes = lanesOf(shape, axisOf(node, axis!, shape.length));
      return [
        Float64Array.from(lanes, ({ start, stride, length }) => {
          let best = 0;
          for (let i = 1; i < length; i++) {
            const [candidate, current] = [
              data![start + i * stride]!,
              data![start + best * stride]!,
            ];
            if (better(candidate, current) || (last && candidate === current)) best = i;
          }
          return best;
        }),
      ];
    },
    adjoint: "zero",
  });
}

/** The lines of elements along `axis`, in row-major order of the other axes. */
function lanesOf(shape: Shape, axis: number) {
  const stride = sizeOf(shape.slice(axis + 1));
  const length = shape[axis]!;
  return range(sizeOf(shape.slice(0, axis)) * stride).map((lane) => ({
    start: Math.floor(lane / stride) * length * stride + (lane % stride),
    stride,
    length,
  }));
}

export const ArgMax = argument("ArgMax", (candidate, best) => candidate > best);
export const ArgMin = argument("ArgMin", (candidate, best) => candidate < best);

function argumentBuilder(definition: OperatorDefinition<ArgAttributes>) {
  return (x: Tensor, axis: number, options: ArgOptions = {}): Tensor =>
    x.graph.apply(definition, [x], {
      axis,
      keepdims: options.keepdims ? 1 : 0,
      select_last_index: options.last ? 1 : 0,
    })[0]!;
}

/** Index (int64) of the largest element along `axis`. */
export const argMax = argumentBuilder(ArgMax);
/** Index (int64) of the smallest element along `axis`. */
export const argMin = argumentBuilder(ArgMin);

type TopKAttributes = {
  /** One element; a plain number in models before opset 10. */
  readonly k: number | readonly number[];
  readonly axis?: number;
  readonly largest?: number;
  readonly sorted?: number;
};

export interface TopKOptions {
  /** The smallest elements, if false. Default true. */
  readonly largest?: boolean;
  /** In order, best first. Default true. */
  readonly sorted?: boolean;
}

export const TopK: OperatorDefinition<TopKAttributes> = defineOperator<TopKAttributes>({
  type: "TopK",
  arity: [1, 1],
  required: ["k"],
  defaults: { axis: -1, largest: 1, sorted: 1 },
  parameters: [{ attribute: "k", input: 1, dtype: "int64", sinceOpset: 10 }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    const axis = axisOf(node, node.attributes.axis!, shape.length);
    const k = Number(node.attributes.k);
    if (!Number.isInteger(k) || k < 0 || k > shape[axis]!) {
      node.fail(`cannot pick ${node.attributes.k} of the ${shape[axis]} elements of axis ${axis}`);
    }
    const picked = shape.map((dim, i) => (i === axis ? k : dim));
    return [
      { dtype, shape: picked },
      { dtype: "int64", shape: picked },
    ];
  },
  evaluate(node, [data]) {
    const { shape } = node.input(0);
    const axis = axisOf(node, node.attributes.axis!, shape.length);
    const sign = node.attributes.largest ? -1 : 1;
    const values = new Float64Array(node.output.size);
    const indices = new Float64Array(node.output.size);
    const k = node.output.shape[axis]!;
    for (const { start, stride, length } of lanesOf(shape, axis)) {
      const at = (i: number) => data![start + i * stride]!;
      // A stable sort: of equal elements the first in the input comes first.
      const order = range(length).sort((i, j) => sign * (at(i) - at(j)));
      const outer = Math.floor(start / (length * stride));
      const first = outer * k * stride + (start % stride);
      for (let i = 0; i < k; i++) {
        values[first + i * stride] = at(order[i]!);
        indices[first + i * stride] = order[i]!;
      }
    }
    return [values, indices];
  },
  simplify(node) {
    const { k } = node.attributes;
    if (typeof k !== "number") return undefined;
    return [...node.graph.apply(TopK, [node.input(0)], { ...node.attributes, k: [k] })];
  },
  adjoint(node, [g]) {
    if (!g) return [undefined];
    const { axis } = node.attributes;
    return [scatterElements(fill(g, 0, node.input(0).shape), node.outputs[1]!, g, axis)];
  },
});

/**
 * The k largest elements along `axis` and their indices (int64); of equal ones the first come
 * first. Gradients flow through the values.
 *
 * @throws GraphError when the axis has fewer than k elements.
 */
export function topK(
  x: Tensor,
  k: number,
  axis = -1,
  options: TopKOptions = {},
): { values: Tensor; indices: Tensor } {
  const { largest = true, sorted = true } = options;
  const [values, indices] = x.graph.apply(TopK, [x], {
    k: [k],
    axis,
    largest: largest ? 1 : 0,
    sorted: sorted ? 1 : 0,
  });
  return { values: values!, indices: indices! };
}
