/**
 * How a ScatterND that adds is written as ONNX.
 *
 * ONNX Runtime's CPU kernel adds in parallel without locks and loses terms where an index repeats
 * (microsoft/onnxruntime#23396; seen in 1.30 from two threads on). So ScatterND stays only where its
 * indices are known to be distinct. Adding 210 000 rows into 35 000, six each, ms (median of 15) on
 * ONNX Runtime 1.30 and two cores, by the width of a row:
 *
 *                                          1      3      8      16     64
 *     ScatterND (wrong)                    1.9    1.4           2.6    8.1
 *     ScatterElements, rows                0.6    3.3           33     453
 *     ScatterElements, rows as columns     0.5    2.7    5.8    8.7    417   <- used up to width 4
 *     Gather by a table, ReduceSum         6.7    4.1    3.8    4.4    11    <- used beyond
 *
 * ScatterElements is a serial loop either way. Turned so that a row lies along axis 0, it writes one plane
 * after another, each small enough to stay in a cache, and the indices are repeated by copying them
 * whole. The table needs constant indices; computed ones always go to ScatterElements.
 */
import { fromFloat64, toFloat64 } from "../graph/dtype.js";
import type { GraphNode } from "../graph/node.js";
import { range, type Shape, sizeOf, stridesOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { add, mul } from "../operators/arithmetic.js";
import { expand, reduceSum } from "../operators/broadcasting.js";
import {
  gather,
  place,
  type ScatterAttributes,
  type ScatterReduction,
  scatterElements,
} from "../operators/indexing.js";
import { reshape, transpose } from "../operators/layout.js";
import { less, where } from "../operators/selection.js";
import { pad } from "../operators/slicing.js";

/** Rows up to this wide are cheaper to scatter element by element than to gather and add. */
const NARROW = 4;

/** Reads the data as [rows, width], where a row is what one index tuple names. */
export function lowerScatterND(node: GraphNode<ScatterAttributes>): Tensor[] | undefined {
  const reduction = node.attributes.reduction as ScatterReduction;
  if (reduction === "none") return undefined;
  const [data, indices] = [node.input(0), node.input(1)];
  const dims = data.shape.slice(0, indices.shape.at(-1)!);
  const width = sizeOf(data.shape.slice(dims.length));
  const known = constantRows(node, dims);
  if (known && new Set(known).size === known.length) return undefined;
  const updates = reshape(node.input(2), [-1, width]);
  if (known && reduction === "add" && width > NARROW) {
    const added = sumByTable(updates, known, sizeOf(dims));
    if (added) return [add(data, reshape(added, data.shape))];
  }
  const rows = known
    ? node.graph.constant(fromFloat64("int64", known), "int64")
    : computedRows(indices, dims);
  const elements = expand(reshape(rows, [1, -1]), [width, updates.shape[0]!]);
  const columns = transpose(reshape(data, [sizeOf(dims), width]));
  const added = scatterElements(columns, elements, transpose(updates), 1, reduction);
  return [reshape(transpose(added), data.shape)];
}

/** The row that each tuple of constant indices names. */
function constantRows(node: GraphNode, dims: Shape): Float64Array | undefined {
  const indices = node.input(1);
  if (!indices.data) return undefined;
  const flat = toFloat64(indices.dtype, indices.data);
  const strides = stridesOf(dims);
  const length = dims.length;
  return new Float64Array(flat.length / length).map((_, row) =>
    dims.reduce((at, dim, i) => at + place(node, flat[row * length + i]!, dim) * strides[i]!, 0),
  );
}

/** The same as a graph, for computed indices. Tuples of one element may stay negative. */
function computedRows(indices: Tensor, dims: Shape): Tensor {
  if (dims.length === 1) return reshape(indices, [-1]);
  const { graph } = indices;
  const places = where(less(indices, 0), add(indices, graph.constant(dims, "int64")), indices);
  return reshape(reduceSum(mul(places, graph.constant(stridesOf(dims), "int64")), [-1]), [-1]);
}

/**
 * Sums of the `updates` that go to each of `count` rows, by a table [count, most] of their places in
 * which the missing ones point at a row of zeros. Undefined when the targets are so uneven that
 * the table would hold mostly missing ones.
 */
function sumByTable(updates: Tensor, targets: Float64Array, count: number): Tensor | undefined {
  const due: number[][] = range(count).map(() => []);
  for (const [row, target] of targets.entries()) due[target]!.push(row);
  const most = due.reduce((longest, rows) => Math.max(longest, rows.length), 0);
  if (count * most > 4 * targets.length) return undefined;
  const missing = targets.length;
  const table = due.flatMap((rows) => range(most).map((i) => rows[i] ?? missing));
  const padded = table.includes(missing) ? pad(updates, [0, 0, 1, 0]) : updates;
  const { graph } = updates;
  return reduceSum(gather(padded, graph.constant(table, "int64", [count, most])), [1]);
}
