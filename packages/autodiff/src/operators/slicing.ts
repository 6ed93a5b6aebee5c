/**
 * Cutting and joining: Slice, Pad, Concat, Split.
 *
 * All are linear. With P the padding that puts a slice back where it came from among zeros:
 *
 *     y = slice(x)           x' = P y'
 *     y = pad(x)             x' = slice(y'); reflect and edge add the borders, folded back
 *     y = concat(x1, x2 ..)  xi' = the slice of y' that xi became
 *     y1, y2 .. = split(x)   becomes slices
 *
 * To undo steps greater than one, P reads an axis as blocks of `step` elements: reshape n elements
 * to [n, 1], pad the ones to `step` and the n to whole blocks, reshape back, and cut the last block.
 */
import { type GraphNode, producedBy } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, type Shape, sameShape, sizeOf, stridesOf } from "../graph/shape.js";
import { copyStrided, forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { sum } from "./arithmetic.js";
import { fill, reduceSum } from "./broadcasting.js";
import { axesOf, axisOf, reshape } from "./layout.js";

export type SliceAttributes = {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes?: readonly number[];
  readonly steps?: readonly number[];
};

/** What a slice takes of one axis: elements `start + i * step`, i < count, all of them inside. */
interface Window {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

const isWhole = ({ start, step, count }: Window, dim: number) =>
  start === 0 && step === 1 && count === dim;

/** ONNX's rule: negative bounds count from the end, then all are clamped to the axis. */
function windowOf(start: number, end: number, step: number, dim: number): Window {
  const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
  const bound = (at: number, least: number) =>
    Math.min(high, Math.max(least, at < 0 ? at + dim : at));
  const first = bound(start, 0);
  const count = Math.max(0, Math.ceil((bound(end, low) - first) / step));
  return { start: count === 0 ? 0 : first, step: count > 1 ? step : 1, count };
}

/** One window per axis of the input. */
function windowsOf(node: GraphNode<SliceAttributes>): Window[] {
  const { shape } = node.input(0);
  const { starts, ends, axes = range(starts.length), steps } = node.attributes;
  if (ends.length !== starts.length || axes.length !== starts.length) {
    node.fail(
      `${starts.length} starts, ${ends.length} ends and ${axes.length} axes do not pair up`,
    );
  }
  if (steps && steps.length !== starts.length) {
    node.fail(`${starts.length} starts and ${steps.length} steps do not pair up`);
  }
  if (![...starts, ...ends, ...(steps ?? [])].every(Number.isInteger) || steps?.includes(0)) {
    node.fail(`starts [${starts}], ends [${ends}] or steps [${steps}] are no integers or steps 0`);
  }
  axesOf(node, axes, shape.length); // they must be distinct
  const windows = shape.map((dim): Window => ({ start: 0, step: 1, count: dim }));
  axes.forEach((axis, i) => {
    const at = axisOf(node, axis, shape.length);
    windows[at] = windowOf(starts[i]!, ends[i]!, steps?.[i] ?? 1, shape[at]!);
  });
  return windows;
}

/** The one way this library writes a slice: only the axes it cuts, steps only if there are some. */
function attributesOf(windows: readonly Window[], shape: Shape): SliceAttributes {
  const axes = range(shape.length).filter((axis) => !isWhole(windows[axis]!, shape[axis]!));
  const cut = axes.map((axis) => windows[axis]!);
  const ends = cut.map(({ start, step, count }, i) => {
    const end = count === 0 ? 0 : start + step * (count - 1) + Math.sign(step);
    return end < 0 ? -1 - shape[axes[i]!]! : end; // -1 alone would mean the last element
  });
  const steps = cut.map(({ step }) => step);
  const starts = cut.map(({ start }) => start);
  return steps.every((step) => step === 1) ? { starts, ends, axes } : { starts, ends, axes, steps };
}

function sameSlice(a: SliceAttributes, b: SliceAttributes): boolean {
  const same = (p?: readonly number[], q?: readonly number[]) =>
    p === q || (p !== undefined && q !== undefined && sameShape(p, q));
  return (
    same(a.starts, b.starts) &&
    same(a.ends, b.ends) &&
    same(a.axes, b.axes) &&
    same(a.steps, b.steps)
  );
}

/** `g` put back among zeros of `shape`: the transpose of taking `windows`. */
function unslice(g: Tensor, windows: readonly Window[], shape: Shape): Tensor {
  const upward = windows.map(({ start, step, count }) =>
    step < 0 ? { start: start + step * (count - 1), step: -step, count } : { start, step, count },
  );
  const flipped = reverse(
    g,
    range(g.rank).filter((axis) => windows[axis]!.step < 0),
  );
  if (upward.every(({ step }) => step === 1)) {
    const ends = upward.map(({ start, count }, axis) => shape[axis]! - start - count);
    return pad(flipped, [...upward.map(({ start }) => start), ...ends]);
  }
  const blocks = upward.map(({ step }, axis) => Math.ceil(shape[axis]! / step));
  const begins = upward.flatMap(({ start, step }) => [Math.floor(start / step), start % step]);
  const ends = upward.flatMap(({ step, count }, axis) => [
    blocks[axis]! - begins[2 * axis]! - count,
    step - 1 - begins[2 * axis + 1]!,
  ]);
  const padded = pad(
    reshape(
      flipped,
      upward.flatMap(({ count }) => [count, 1]),
    ),
    [...begins, ...ends],
  );
  const whole = reshape(
    padded,
    upward.map(({ step }, axis) => blocks[axis]! * step),
  );
  return slice(
    whole,
    shape.map(() => 0),
    shape,
  );
}

export const Slice: OperatorDefinition<SliceAttributes> = defineOperator<SliceAttributes>({
  type: "Slice",
  arity: [1, 1],
  required: ["starts", "ends"],
  parameters: [
    { attribute: "starts", input: 1, dtype: "int64", sinceOpset: 10 },
    { attribute: "ends", input: 2, dtype: "int64", sinceOpset: 10 },
    { attribute: "axes", input: 3, dtype: "int64", sinceOpset: 10 },
    { attribute: "steps", input: 4, dtype: "int64", sinceOpset: 10 },
  ],
  movesData: true,
  infer: (node) => [
    { dtype: node.input(0).dtype, shape: windowsOf(node).map(({ count }) => count) },
  ],
  evaluate(node, [data]) {
    const strides = stridesOf(node.input(0).shape);
    const windows = windowsOf(node);
    const offset = windows.reduce((at, { start }, axis) => at + start * strides[axis]!, 0);
    const steps = windows.map(({ step }, axis) => step * strides[axis]!);
    return [copyStrided(data!, node.output.shape, steps, offset)];
  },
  simplify(node) {
    let source = node.input(0);
    let windows = windowsOf(node);
    const inner = producedBy(source, Slice);
    if (inner) {
      source = inner.input(0);
      windows = windowsOf(inner).map(({ start, step }, axis) => {
        const { start: from, step: stride, count } = windows[axis]!;
        return { start: count && start + step * from, step: count > 1 ? step * stride : 1, count };
      });
    }
    const attributes = attributesOf(windows, source.shape);
    if (attributes.starts.length === 0) return [source];
    if (!inner && sameSlice(attributes, node.attributes)) return undefined;
    return [node.graph.apply(Slice, [source], attributes)[0]!];
  },
  adjoint: (node, [g]) => [g && unslice(g, windowsOf(node), node.input(0).shape)],
});

/**
 * Elements `starts[i]` up to but not including `ends[i]` of `axes[i]` (default: the first axes),
 * every `steps[i]`-th (default 1). As in Python, negative bounds count from the end and all are
 * clamped; a negative step walks backwards.
 *
 * @throws GraphError when the lists differ in length, an axis repeats or a step is 0.
 */
export function slice(
  x: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  axes?: readonly number[],
  steps?: readonly number[],
): Tensor {
  return x.graph.apply(Slice, [x], {
    starts,
    ends,
    axes: axes ?? range(starts.length),
    ...(steps && { steps }),
  })[0]!;
}

/** x backwards along `axes`. */
export function reverse(x: Tensor, axes: readonly number[]): Tensor {
  const every = (value: number) => axes.map(() => value);
  return slice(x, every(-1), every(Number.MIN_SAFE_INTEGER), axes, every(-1));
}

export type PadMode = "constant" | "reflect" | "edge";

type PadAttributes = {
  /** All begins, then all ends. */
  readonly pads: readonly number[];
  readonly mode?: string;
  readonly value?: number;
  readonly axes?: readonly number[];
};

/** Elements to add before and after each axis of the input; negative ones are cut off. */
function padsOf(node: GraphNode<PadAttributes>): { begin: number; end: number }[] {
  const { rank } = node.input(0);
  const { pads, axes = range(rank) } = node.attributes;
  if (pads.length !== 2 * axes.length || !pads.every(Number.isInteger)) {
    node.fail(`pads [${pads}] need two integers for each of ${axes.length} axes`);
  }
  axesOf(node, axes, rank); // they must be distinct
  const result = range(rank).map(() => ({ begin: 0, end: 0 }));
  axes.forEach((axis, i) => {
    result[axisOf(node, axis, rank)] = { begin: pads[i]!, end: pads[axes.length + i]! };
  });
  return result;
}

/** What one padded axis adds to the cotangent: the borders go back to the elements they copy. */
function foldBorders(g: Tensor, axis: number, begin: number, end: number, mode: string): Tensor {
  const dim = g.shape[axis]! - begin - end;
  const part = (from: number, count: number) => slice(g, [from], [from + count], [axis]);
  const place = (border: Tensor, at: number) => {
    const pads = new Array<number>(2 * g.rank).fill(0);
    pads[axis] = at;
    pads[g.rank + axis] = dim - at - border.shape[axis]!;
    return pad(border, pads);
  };
  const terms = [part(begin, dim)];
  const before = part(0, begin);
  const after = part(begin + dim, end);
  if (mode === "edge") {
    if (begin > 0) terms.push(place(reduceSum(before, [axis], true), 0));
    if (end > 0) terms.push(place(reduceSum(after, [axis], true), dim - 1));
  } else {
    if (begin > 0) terms.push(place(reverse(before, [axis]), 1));
    if (end > 0) terms.push(place(reverse(after, [axis]), dim - 1 - end));
  }
  return sum(terms);
}

export const Pad: OperatorDefinition<PadAttributes> = defineOperator<PadAttributes>({
  type: "Pad",
  arity: [1, 1],
  required: ["pads"],
  defaults: { mode: "constant" },
  parameters: [
    { attribute: "pads", input: 1, dtype: "int64", sinceOpset: 11 },
    { attribute: "value", input: 2, dtype: "like", scalar: true, sinceOpset: 11 },
    { attribute: "axes", input: 3, dtype: "int64", sinceOpset: 18 },
  ],
  movesData: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    const { mode } = node.attributes;
    if (mode !== "constant" && mode !== "reflect" && mode !== "edge") {
      node.unsupported(`mode "${mode}" is not supported (constant, reflect and edge are)`);
    }
    const padded = padsOf(node).map(({ begin, end }, axis) => {
      const kept = shape[axis]! + Math.min(begin, 0) + Math.min(end, 0);
      if (kept < 0) node.fail(`pads [${node.attributes.pads}] cut more than axis ${axis} holds`);
      const most = Math.max(begin, end);
      if (most > 0 && (mode === "reflect" ? most >= kept : mode === "edge" && kept === 0)) {
        node.fail(`mode "${mode}" cannot add ${most} to the ${kept} elements of axis ${axis}`);
      }
      return kept + Math.max(begin, 0) + Math.max(end, 0);
    });
    return [{ dtype, shape: padded }];
  },
  // Only non-negative pads of all axes come here; `simplify` turns the others into these.
  evaluate(node, [data]) {
    const { shape } = node.input(0);
    const { mode, value = 0 } = node.attributes;
    const pads = padsOf(node);
    const strides = stridesOf(shape);
    const result = new Float64Array(node.output.size).fill(value);
    forEachIndex(node.output.shape, (flat, index) => {
      let at = 0;
      for (let axis = 0; axis < index.length; axis++) {
        const last = shape[axis]! - 1;
        let i = index[axis]! - pads[axis]!.begin;
        if (mode === "constant" && (i < 0 || i > last)) return;
        if (mode === "edge") i = Math.max(0, Math.min(last, i));
        if (mode === "reflect") i = i < 0 ? -i : i > last ? 2 * last - i : i;
        at += i * strides[axis]!;
      }
      result[flat] = data![at]!;
    });
    return [result];
  },
  simplify(node) {
    const source = node.input(0);
    const { mode, value, axes } = node.attributes;
    const pads = padsOf(node);
    if (pads.every(({ begin, end }) => begin === 0 && end === 0)) return [source];
    // Nothing to copy. An empty source can only be padded with the constant, or stays empty.
    if (source.size === 0) return [fill(source, value ?? 0, node.output.shape)];
    const cuts = pads.some(({ begin, end }) => begin < 0 || end < 0);
    if (!cuts && !axes) return undefined;
    const kept = slice(
      source,
      pads.map(({ begin }) => Math.max(0, -begin)),
      pads.map(({ end }, axis) => source.shape[axis]! + Math.min(0, end)),
    );
    const begins = pads.map(({ begin }) => Math.max(0, begin));
    const ends = pads.map(({ end }) => Math.max(0, end));
    return [pad(kept, [...begins, ...ends], { mode: mode as PadMode, value: value ?? 0 })];
  },
  adjoint(node, [g]) {
    if (!g) return [undefined];
    const { shape } = node.input(0);
    const { mode } = node.attributes;
    const pads = padsOf(node);
    if (mode !== "constant") {
      return [
        pads.reduce(
          (folded, { begin, end }, axis) =>
            begin || end ? foldBorders(folded, axis, begin, end, mode!) : folded,
          g,
        ),
      ];
    }
    const starts = pads.map(({ begin }) => begin);
    return [
      slice(
        g,
        starts,
        starts.map((start, axis) => start + shape[axis]!),
      ),
    ];
  },
});

/**
 * x with `pads[i]` elements added before axis i and `pads[rank + i]` after it (ONNX order: all
 * begins, then all ends); negative ones are cut off, before anything is added. New elements are
 * `value` (default 0), the mirror image without the border ("reflect"), or the border ("edge").
 *
 * @throws GraphError when more is cut than there is, or when "reflect" pads an axis by its size or
 *   more.
 */
export function pad(
  x: Tensor,
  pads: readonly number[],
  options: { readonly mode?: PadMode; readonly value?: number } = {},
): Tensor {
  const { mode = "constant", value = 0 } = options;
  const attributes = mode === "constant" && value !== 0 ? { pads, mode, value } : { pads, mode };
  return x.graph.apply(Pad, [x], attributes)[0]!;
}

export const Concat: OperatorDefinition<{ readonly axis: number }> = defineOperator({
  type: "Concat",
  arity: [1, Number.MAX_SAFE_INTEGER],
  required: ["axis"],
  movesData: true,
  infer(node) {
    const tensors = node.inputs.map((_, i) => node.input(i));
    const { dtype, shape } = tensors[0]!;
    const axis = axisOf(node, node.attributes.axis, shape.length);
    const joined = [...shape];
    for (const other of tensors.slice(1)) {
      if (other.dtype !== dtype) node.fail(`element types differ: ${dtype}, ${other.dtype}`);
      const fits =
        other.rank === shape.length && shape.every((d, i) => i === axis || d === other.shape[i]);
      if (!fits) node.fail(`shapes must agree on every axis but ${axis}`);
      joined[axis]! += other.shape[axis]!;
    }
    return [{ dtype, shape: joined }];
  },
  evaluate(node, inputs) {
    const { shape, rank, size } = node.output;
    const axis = axisOf(node, node.attributes.axis, rank);
    const rows = sizeOf(shape.slice(0, axis));
    const result = new Float64Array(size);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      for (const data of inputs) {
        const length = data.length / rows;
        result.set(data.subarray(row * length, (row + 1) * length), at);
        at += length;
      }
    }
    return [result];
  },
  simplify(node) {
    const tensors = node.inputs as readonly Tensor[];
    const axis = axisOf(node, node.attributes.axis, node.output.rank);
    const parts = tensors.filter((tensor) => tensor.shape[axis] !== 0);
    if (parts.length < 2) return [parts[0] ?? tensors[0]!];
    return parts.length < tensors.length ? [concat(parts, axis)] : undefined;
  },
  adjoint(node, [g], wants) {
    const axis = axisOf(node, node.attributes.axis, node.output.rank);
    let start = 0;
    return wants.map((want, i) => {
      const end = start + node.input(i).shape[axis]!;
      const own = want && g ? slice(g, [start], [end], [axis]) : undefined;
      start = end;
      return own;
    });
  },
});

/**
 * The tensors one after another along `axis`; they agree in every other axis and in dtype.
 *
 * @throws TypeError on an empty list, GraphError when they do not fit.
 */
export function concat(xs: readonly Tensor[], axis: number): Tensor {
  const [first] = xs;
  if (!first) throw new TypeError("concat needs at least one tensor");
  return first.graph.apply(Concat, xs, { axis })[0]!;
}

type SplitAttributes = {
  readonly axis?: number;
  /** Sizes of the outputs. */
  readonly split?: readonly number[];
  /** Without `split`: outputs of equal size, the last smaller if need be. */
  readonly num_outputs?: number;
};

function splitSizes(node: GraphNode<SplitAttributes>, axis: number): readonly number[] {
  const dim = node.input(0).shape[axis]!;
  const { split: sizes, num_outputs: count } = node.attributes;
  if (sizes?.length) {
    const total = sizes.reduce((a, b) => a + b, 0);
    if (total !== dim || !sizes.every((size) => Number.isInteger(size) && size >= 0)) {
      node.fail(`sizes [${sizes}] do not make up the ${dim} elements of axis ${axis}`);
    }
    return sizes;
  }
  if (count === undefined) node.fail("needs sizes or a number of outputs");
  const size = Math.ceil(dim / count);
  const last = dim - size * (count - 1);
  if (!Number.isInteger(count) || count < 1 || last < 0) {
    node.fail(`cannot split the ${dim} elements of axis ${axis} into ${count} outputs`);
  }
  return range(count).map((i) => (i < count - 1 ? size : last));
}

export const Split = defineOperator<SplitAttributes>({
  type: "Split",
  arity: [1, 1],
  defaults: { axis: 0 },
  parameters: [{ attribute: "split", input: 1, dtype: "int64", sinceOpset: 13 }],
  infer(node) {
    const { dtype, shape } = node.input(0);
    const axis = axisOf(node, node.attributes.axis!, shape.length);
    return splitSizes(node, axis).map((size) => ({
      dtype,
      shape: shape.map((dim, i) => (i === axis ? size : dim)),
    }));
  },
  simplify(node) {
    const axis = axisOf(node, node.attributes.axis!, node.input(0).rank);
    let start = 0;
    return splitSizes(node, axis).map((size) => {
      const from = start;
      start += size;
      return slice(node.input(0), [from], [start], [axis]);
    });
  },
});

/**
 * x cut along `axis` into consecutive parts of the given sizes.
 *
 * @throws GraphError when the sizes do not add up to the axis.
 */
export function split(x: Tensor, sizes: readonly number[], axis = 0): Tensor[] {
  return [...x.graph.apply(Split, [x], { split: sizes, axis })];
}
