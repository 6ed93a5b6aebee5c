/**
 * The sliding window that convolutions and pools share: kernel, strides, dilations and pads along
 * each spatial axis, with ONNX's `auto_pad` resolved.
 */
import type { GraphNode } from "../graph/node.js";
import type { Attributes } from "../graph/operator.js";
import type { Shape } from "../graph/shape.js";

export type WindowAttributes = {
  readonly kernel_shape?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  /** All begins, then all ends. */
  readonly pads?: readonly number[];
  readonly auto_pad?: string;
};

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

function positiveList(
  node: GraphNode<Attributes>,
  name: string,
  values: readonly number[] | undefined,
  rank: number,
): readonly number[] {
  const list = values ?? new Array<number>(rank).fill(1);
  if (list.length !== rank || list.some((v) => !Number.isInteger(v) || v < 1)) {
    node.fail(`${name} [${list}] must be ${rank} positive integers`);
  }
  return list;
}

/** The window of `node` over `spatial` input sizes; fails naming the attribute that is wrong. */
export function windowOf(
  node: GraphNode<Attributes>,
  attributes: WindowAttributes,
  spatial: Shape,
  kernelShape: Shape,
): Window {
  const rank = spatial.length;
  const kernel = positiveList(node, "kernel_shape", kernelShape, rank);
  const strides = positiveList(node, "strides", attributes.strides, rank);
  const dilations = positiveList(node, "dilations", attributes.dilations, rank);
  const autoPad = attributes.auto_pad ?? "NOTSET";
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
    const totals = spatial.map((size, i) => {
      const extent = (kernel[i]! - 1) * dilations[i]! + 1;
      return Math.max(0, (Math.ceil(size / strides[i]!) - 1) * strides[i]! + extent - size);
    });
    const small = totals.map((total) => Math.floor(total / 2));
    const large = totals.map((total) => Math.ceil(total / 2));
    const upper = autoPad === "SAME_UPPER";
    const [begins, ends] = upper ? [small, large] : [large, small];
    return { kernel, strides, dilations, begins, ends };
  }
  if (autoPad !== "NOTSET" && autoPad !== "VALID") node.fail(`auto_pad "${autoPad}" is unknown`);
  const pads =
    autoPad === "NOTSET" && attributes.pads ? attributes.pads : new Array<number>(2 * rank).fill(0);
  if (pads.length !== 2 * rank || pads.some((pad) => !Number.isInteger(pad) || pad < 0)) {
    node.fail(`pads [${pads}] must be ${2 * rank} non-negative integers`);
  }
  return { kernel, strides, dilations, begins: pads.slice(0, rank), ends: pads.slice(rank) };
}

/** How many places the window takes along each axis; `ceil` lets the last one hang over the end. */
export function windowPlaces(
  node: GraphNode<Attributes>,
  window: Window,
  spatial: Shape,
  ceil = false,
): number[] {
  return spatial.map((size, i) => {
    const extent = (window.kernel[i]! - 1) * window.dilations[i]! + 1;
    const room = size + window.begins[i]! + window.ends[i]! - extent;
    if (room < 0)
      node.fail(`the window (${extent}) is larger than the padded input on axis ${i + 2}`);
    const stride = window.strides[i]!;
    if (!ceil) return Math.floor(room / stride) + 1;
    const places = Math.ceil(room / stride) + 1;
    // A window that would start in the padding after the end is dropped.
    return (places - 1) * stride >= size + window.begins[i]! ? places - 1 : places;
  });
}
