/**
 * Reading and writing by index: Gather, GatherElements, GatherND, ScatterElements, ScatterND.
 *
 * Gathering is linear in the data, and its transpose adds every cotangent where its element came
 * from; an index that occurs twice receives both.
 *
 *     y = gather(x, i)             x' = zeros with y' added at i
 *     y = scatter(x, i, u)         x' = y' with zeros written at i    u' = gather(y', i)
 *     y = scatter(x, i, u, add)    x' = y'                            u' = gather(y', i)
 *
 * Indices are integers, negative ones count from the end, and nothing flows into them.
 */
import { toFloat64 } from "../graph/dtype.js";
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, type Shape, sameShape, sizeOf, stridesOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { expand, fill } from "./broadcasting.js";
import { axisOf, cast, reshape, transpose } from "./layout.js";
import { concat, slice } from "./slicing.js";

/** `index` counted from the front of an axis of size `dim`. */
export function place(node: GraphNode, index: number, dim: number): number {
  if (index < -dim || index >= dim) node.fail(`index ${index} is outside an axis of size ${dim}`);
  return index < 0 ? index + dim : index;
}

function checkIndices(node: GraphNode, indices: Tensor, only64 = false): void {
  const { dtype } = indices;
  if (dtype !== "int64" && (only64 || dtype !== "int32")) {
    node.fail(`indices are ${dtype}, not ${only64 ? "int64" : "int32 or int64"}`);
  }
}

type AxisAttributes = { readonly axis?: number };

export const Gather: OperatorDefinition<AxisAttributes> = defineOperator<AxisAttributes>({
  type: "Gather",
  arity: [2, 2],
  defaults: { axis: 0 },
  movesData: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    const indices = node.input(1);
    const axis = axisOf(node, node.attributes.axis!, shape.length);
    checkIndices(node, indices);
    return [
      { dtype, shape: [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)] },
    ];
  },
  evaluate(node, [data, indices]) {
    const { shape } = node.input(0);
    const axis = axisOf(node, node.attributes.axis!, shape.length);
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const dim = shape[axis]!;
    const result = new Float64Array(node.output.size);
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices!) {
        const from = (o * dim + place(node, index, dim)) * inner;
        for (let i = 0; i < inner; i++) result[at++] = data![from + i]!;
      }
    }
    return [result];
  },
  /** Evenly spaced constant indices make a slice. */
  simplify(node) {
    const [data, indices] = [node.input(0), node.input(1)];
    if (!indices.data || indices.size === 0) return undefined;
    const axis = axisOf(node, node.attributes.axis!, data.rank);
    const places = toFloat64(indices.dtype, indices.data).map((index) =>
      place(node, index, data.shape[axis]!),
    );
    const first = places[0]!;
    const step = places.length > 1 ? places[1]! - first : 1;
    if (step === 0 || places.some((at, i) => at !== first + i * step)) return undefined;
    const end = places.at(-1)! + Math.sign(step);
    const taken = slice(data, [first], [end < 0 ? Number.MIN_SAFE_INTEGER : end], [axis], [step]);
    return [reshape(taken, node.output.shape)];
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const [data, indices] = [node.input(0), node.input(1)];
    const axis = axisOf(node, node.attributes.axis!, data.rank);
    // The indexed axes in front, because ScatterND writes whole rows.
    const indexed = range(indices.rank).map((i) => axis + i);
    const others = range(g.rank).filter((i) => !indexed.includes(i));
    const rows = transpose(g, [...indexed, ...others]);
    const shape = [data.shape[axis]!, ...others.map((i) => g.shape[i]!)];
    const tuples = reshape(cast(indices, "int64"), [...indices.shape, 1]);
    const added = scatterND(fill(g, 0, shape), tuples, rows, "add");
    const back = range(data.rank).map((i) => (i === axis ? 0 : i < axis ? i + 1 : i));
    return [transpose(added, back)];
  },
});

/**
 * The entries of x along `axis` that `indices` (int32 or int64, any shape) name; the indices' axes
 * take the place of `axis`.
 *
 * @throws GraphError when a constant index lies outside `[-dim, dim - 1]`.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return x.graph.apply(Gather, [x, indices], { axis })[0]!;
}

/** The axis indexed element by element, once data and indices are known to fit. */
function elementAxis(node: GraphNode<AxisAttributes>): number {
  const [data, indices] = [node.input(0), node.input(1)];
  const axis = axisOf(node, node.attributes.axis!, data.rank);
  checkIndices(node, indices);
  const fits =
    indices.rank === data.rank &&
    indices.shape.every((dim, i) => i === axis || dim <= data.shape[i]!);
  if (!fits)
    node.fail(`indices must have ${data.rank} axes, within the data's except axis ${axis}`);
  return axis;
}

/** Calls `visit(element of indices, element of data it names)`. */
function forEachElement(
  node: GraphNode<AxisAttributes>,
  indices: Float64Array,
  visit: (flat: number, at: number) => void,
): void {
  const { shape } = node.input(0);
  const axis = elementAxis(node);
  const strides = stridesOf(shape);
  forEachIndex(node.input(1).shape, (flat, index) => {
    let at = place(node, indices[flat]!, shape[axis]!) * strides[axis]!;
    for (let i = 0; i < index.length; i++) if (i !== axis) at += index[i]! * strides[i]!;
    visit(flat, at);
  });
}

export const GatherElements: OperatorDefinition<AxisAttributes> = defineOperator<AxisAttributes>({
  type: "GatherElements",
  arity: [2, 2],
  defaults: { axis: 0 },
  movesData: true,
  infer(node) {
    elementAxis(node);
    return [{ dtype: node.input(0).dtype, shape: node.input(1).shape }];
  },
  evaluate(node, [data, indices]) {
    const result = new Float64Array(node.output.size);
    forEachElement(node, indices!, (flat, at) => {
      result[flat] = data![at]!;
    });
    return [result];
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const { shape } = node.input(0);
    return [scatterElements(fill(g, 0, shape), node.input(1), g, node.attributes.axis, "add")];
  },
});

/**
 * One element of x for every element of `indices`: at the same place, except along `axis`, where
 * the index says. `indices` has x's rank and, but for `axis`, no larger dimensions.
 */
export function gatherElements(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return x.graph.apply(GatherElements, [x, indices], { axis })[0]!;
}

/** What becomes of an element that is written to; "none" replaces it. */
export type ScatterReduction = "none" | "add" | "mul" | "min" | "max";

const REDUCTIONS: Record<ScatterReduction, (old: number, update: number) => number> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  min: Math.min,
  max: Math.max,
};

export type ScatterAttributes = { readonly reduction?: string };

function reductionOf(node: GraphNode<ScatterAttributes>) {
  const { reduction } = node.attributes;
  return Object.hasOwn(REDUCTIONS, reduction!)
    ? REDUCTIONS[reduction as ScatterReduction]
    : node.fail(`reduction "${reduction}" is unknown`);
}

/** The cotangents of data, indices and updates of a scatter. */
function adjointOfScatter<A extends ScatterAttributes>(
  node: GraphNode<A>,
  g: Tensor | undefined,
  wants: readonly boolean[],
  overwrite: (data: Tensor, updates: Tensor) => Tensor,
  read: (data: Tensor) => Tensor,
): (Tensor | undefined)[] {
  const { reduction } = node.attributes;
  if (reduction !== "none" && reduction !== "add") {
    node.fail(`reduction "${reduction}" has no adjoint here`);
  }
  if (!g) return [];
  const kept = () => (reduction === "add" ? g : overwrite(g, fill(node.input(2), 0)));
  return [wants[0] ? kept() : undefined, undefined, wants[2] ? read(g) : undefined];
}

type ScatterElementsAttributes = AxisAttributes & ScatterAttributes;

export const ScatterElements: OperatorDefinition<ScatterElementsAttributes> =
  defineOperator<ScatterElementsAttributes>({
    type: "ScatterElements",
    arity: [3, 3],
    defaults: { axis: 0, reduction: "none" },
    infer(node) {
      const [data, indices, updates] = [node.input(0), node.input(1), node.input(2)];
      elementAxis(node);
      reductionOf(node);
      if (!sameShape(indices.shape, updates.shape)) node.fail("updates need the indices' shape");
      if (updates.dtype !== data.dtype)
        node.fail(`updates are ${updates.dtype}, not ${data.dtype}`);
      return [{ dtype: data.dtype, shape: data.shape }];
    },
    evaluate(node, [data, indices, updates]) {
      const result = Float64Array.from(data!);
      const reduce = reductionOf(node);
      forEachElement(node, indices!, (flat, at) => {
        result[at] = reduce(result[at]!, updates![flat]!);
      });
      return [result];
    },
    simplify: (node) => (node.input(1).size === 0 ? [node.input(0)] : undefined),
    adjoint(node, [g], wants) {
      const indices = node.input(1);
      const { axis } = node.attributes;
      return adjointOfScatter(
        node,
        g,
        wants,
        (data, updates) => scatterElements(data, indices, updates, axis),
        (data) => gatherElements(data, indices, axis),
      );
    },
  });

/**
 * `data` with every element of `updates` written, or combined by `reduction`, at the same place,
 * except along `axis`, where `indices` (of the updates' shape) says. Without a reduction no element
 * may be named twice. Gradients flow through "none" and "add".
 */
export function scatterElements(
  data: Tensor,
  indices: Tensor,
  updates: Tensor,
  axis = 0,
  reduction: ScatterReduction = "none",
): Tensor {
  return data.graph.apply(ScatterElements, [data, indices, updates], { axis, reduction })[0]!;
}

type GatherNDAttributes = { readonly batch_dims?: number };

/** The shape that indexing `data` by tuples gives: one row for every tuple. */
function rowsShape(node: GraphNode, data: Shape, batch: number): number[] {
  const indices = node.input(1);
  checkIndices(node, indices, true);
  const length = indices.shape.at(-1) ?? 0;
  if (length < 1 || length > data.length - batch) {
    node.fail(`index tuples of ${length} elements do not fit data of ${data.length - batch} axes`);
  }
  return [...indices.shape.slice(0, -1), ...data.slice(batch + length)];
}

/** Tuples that also name the place in the first `batch` axes, which `indices` shares. */
function withBatchPlaces(indices: Tensor, batch: number): Tensor {
  if (batch === 0) return indices;
  const lead = indices.shape.slice(0, -1);
  const places = range(batch).map((axis) => {
    const count = lead[axis]!;
    const shape = [...lead.map((_, i) => (i === axis ? count : 1)), 1];
    return expand(indices.graph.constant(range(count), "int64", shape), [...lead, 1]);
  });
  return concat([...places, indices], -1);
}

export const GatherND: OperatorDefinition<GatherNDAttributes> = defineOperator<GatherNDAttributes>({
  type: "GatherND",
  arity: [2, 2],
  defaults: { batch_dims: 0 },
  movesData: true,
  infer(node) {
    const [data, indices] = [node.input(0), node.input(1)];
    const batch = node.attributes.batch_dims!;
    const most = Math.min(data.rank, indices.rank);
    if (!Number.isInteger(batch) || batch < 0 || batch >= most) {
      node.fail(`batch_dims ${batch} is not among 0 to ${most - 1}`);
    }
    if (!sameShape(data.shape.slice(0, batch), indices.shape.slice(0, batch))) {
      node.fail(`the first ${batch} axes of data and indices differ`);
    }
    return [{ dtype: data.dtype, shape: rowsShape(node, data.shape, batch) }];
  },
  evaluate(node, [data, indices]) {
    const { shape } = node.input(0);
    const tuples = node.input(1).shape;
    const batch = node.attributes.batch_dims!;
    const length = tuples.at(-1)!;
    const strides = stridesOf(shape);
    const width = sizeOf(shape.slice(batch + length));
    const result = new Float64Array(node.output.size);
    forEachIndex(tuples.slice(0, -1), (row, index) => {
      let from = 0;
      for (let i = 0; i < batch; i++) from += index[i]! * strides[i]!;
      for (let i = 0; i < length; i++) {
        const at = place(node, indices![row * length + i]!, shape[batch + i]!);
        from += at * strides[batch + i]!;
      }
      for (let i = 0; i < width; i++) result[row * width + i] = data![from + i]!;
    });
    return [result];
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const indices = withBatchPlaces(node.input(1), node.attributes.batch_dims!);
    return [scatterND(fill(g, 0, node.input(0).shape), indices, g, "add")];
  },
});

/**
 * The rows of x that the index tuples (int64, [..., k]) name: their first axes, then x's axes after
 * the k indexed ones. With `batchDims`, x and indices share that many leading axes and each batch
 * has its own tuples.
 */
export function gatherND(x: Tensor, indices: Tensor, batchDims = 0): Tensor {
  return x.graph.apply(GatherND, [x, indices], { batch_dims: batchDims })[0]!;
}

export const ScatterND: OperatorDefinition<ScatterAttributes> = defineOperator<ScatterAttributes>({
  type: "ScatterND",
  arity: [3, 3],
  defaults: { reduction: "none" },
  infer(node) {
    const [data, updates] = [node.input(0), node.input(2)];
    const expected = rowsShape(node, data.shape, 0);
    reductionOf(node);
    if (!sameShape(updates.shape, expected)) node.fail(`updates must have the shape [${expected}]`);
    if (updates.dtype !== data.dtype) node.fail(`updates are ${updates.dtype}, not ${data.dtype}`);
    return [{ dtype: data.dtype, shape: data.shape }];
  },
  evaluate(node, [data, indices, updates]) {
    const { shape } = node.input(0);
    const tuples = node.input(1).shape;
    const length = tuples.at(-1)!;
    const strides = stridesOf(shape);
    const width = sizeOf(shape.slice(length));
    const reduce = reductionOf(node);
    const result = Float64Array.from(data!);
    for (let row = 0; row < sizeOf(tuples.slice(0, -1)); row++) {
      let at = 0;
      for (let i = 0; i < length; i++) {
        at += place(node, indices![row * length + i]!, shape[i]!) * strides[i]!;
      }
      for (let i = 0; i < width; i++) {
        result[at + i] = reduce(result[at + i]!, updates![row * width + i]!);
      }
    }
    return [result];
  },
  simplify: (node) => (node.input(2).size === 0 ? [node.input(0)] : undefined),
  adjoint(node, [g], wants) {
    const indices = node.input(1);
    return adjointOfScatter(
      node,
      g,
      wants,
      (data, updates) => scatterND(data, indices, updates),
      (data) => gatherND(data, indices),
    );
  },
});

/**
 * `data` with every row of `updates` written, or combined by `reduction`, where the index tuples
 * (int64, [..., k]) say. Updates have the tuples' first axes, then data's axes after the k indexed
 * ones. Without a reduction no row may be named twice. Gradients flow through "none" and "add".
 */
export function scatterND(
  data: Tensor,
  indices: Tensor,
  updates: Tensor,
  reduction: ScatterReduction = "none",
): Tensor {
  return data.graph.apply(ScatterND, [data, indices, updates], { reduction })[0]!;
}
