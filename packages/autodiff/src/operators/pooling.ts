/**
 * Pooling over sliding windows in any number of spatial dimensions: AveragePool, MaxPool (with the
 * indices of the maxima), GlobalAveragePool, GlobalMaxPool.
 *
 *     y = sum over the window / count      x' = every y' / count added to its window, which is the
 *                                          transposed convolution with a kernel of ones per channel
 *     y = x[index of the maximum]          x' = y' added at those indices
 *
 * `count` is the number of elements under the window at each place, with or without the padding. It
 * depends on shapes only and is a constant. Where windows tile the input, x' repeats y' / count.
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, type Shape, sizeOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { mul } from "./arithmetic.js";
import { fill } from "./broadcasting.js";
import { convTranspose } from "./convolution.js";
import { scatterElements } from "./indexing.js";
import { reshape } from "./layout.js";
import { reduceMax, reduceMean } from "./reduction.js";
import { upsample } from "./resize.js";
import { type Window, type WindowAttributes, windowOf, windowPlaces } from "./window.js";

export type PoolAttributes = WindowAttributes & { readonly ceil_mode?: number };
export type AveragePoolAttributes = PoolAttributes & { readonly count_include_pad?: number };
export type MaxPoolAttributes = PoolAttributes & { readonly storage_order?: number };

/** What is longer is no window but damage. */
const LONGEST_WINDOW = 2 ** 16;

/** Where the windows lie on the spatial axes of x. */
export interface PoolGeometry {
  readonly window: Window;
  readonly spatial: Shape;
  readonly places: Shape;
}

export function poolGeometry(node: GraphNode<PoolAttributes>): PoolGeometry {
  const { shape } = node.input(0);
  const { attributes } = node;
  if (shape.length < 3) node.fail("x must be [N, C, spatial...]");
  const kernel = attributes.kernel_shape ?? node.fail("kernel_shape is missing");
  const spatial = shape.slice(2);
  const window = windowOf(node, attributes, spatial, kernel);
  const ceil = attributes.ceil_mode === 1;
  if (kernel.some((size) => size > LONGEST_WINDOW)) {
    node.unsupported(`windows of over ${LONGEST_WINDOW} elements along an axis are not supported`);
  }
  const geometry = { window, spatial, places: windowPlaces(node, window, spatial, ceil) };
  if (spatial.some((_, axis) => hasEmptyWindow(geometry, axis))) {
    node.fail("a window covers nothing but padding");
  }
  return geometry;
}

/**
 * Attributes with the pads written out where they are automatic, or undefined if there is nothing to
 * write out. ONNX Runtime's automatic pads are off where windows are dilated or leave gaps.
 */
function withPads<A extends PoolAttributes>(node: GraphNode<A>): A | undefined {
  const { auto_pad: automatic = "NOTSET", ...others } = node.attributes;
  if (automatic === "NOTSET") return undefined;
  const { begins, ends } = poolGeometry(node).window;
  return { ...others, pads: [...begins, ...ends] } as unknown as A;
}

/** How many of the window's elements at `place` lie in [first, end) of `axis`. */
function countAt(
  { window }: PoolGeometry,
  axis: number,
  place: number,
  first: number,
  end: number,
) {
  const dilation = window.dilations[axis]!;
  const start = place * window.strides[axis]! - window.begins[axis]!;
  const from = Math.max(0, Math.ceil((first - start) / dilation));
  const to = Math.min(window.kernel[axis]!, Math.ceil((end - start) / dilation));
  return Math.max(0, to - from);
}

/** Only windows that begin before the first element, and the last one, can be empty. */
function hasEmptyWindow(geometry: PoolGeometry, axis: number): boolean {
  const { window, spatial, places } = geometry;
  const empty = (place: number) => countAt(geometry, axis, place, 0, spatial[axis]!) === 0;
  if (places[axis]! > 0 && (empty(0) || empty(places[axis]! - 1))) return true;
  // A step no longer than the input cannot miss it.
  if (window.dilations[axis]! <= spatial[axis]!) return false;
  const before = Math.min(places[axis]!, Math.ceil(window.begins[axis]! / window.strides[axis]!));
  return range(Math.min(before, LONGEST_WINDOW)).some(empty);
}

/** Elements under the window at each place along `axis`; what hangs over the padding never counts. */
function countsAlong(geometry: PoolGeometry, axis: number, padding: boolean): number[] {
  const { begins, ends } = geometry.window;
  const first = padding ? -begins[axis]! : 0;
  const end = geometry.spatial[axis]! + (padding ? ends[axis]! : 0);
  return range(geometry.places[axis]!).map((place) => countAt(geometry, axis, place, first, end));
}

/** Calls `visit(y, x)` with the flat indices of every output and each element under its window. */
function forEachUnderWindow(
  node: GraphNode<PoolAttributes>,
  visit: (y: number, x: number) => void,
): void {
  const geometry = poolGeometry(node);
  const { spatial, window, places } = geometry;
  const planes = sizeOf(node.input(0).shape.slice(0, 2));
  const [inSize, outSize] = [sizeOf(spatial), sizeOf(places)];
  for (let plane = 0; plane < planes; plane++) {
    forEachIndex(places, (place, at) => {
      forEachIndex(window.kernel, (_, k) => {
        let from = 0;
        for (let axis = 0; axis < spatial.length; axis++) {
          const first = at[axis]! * window.strides[axis]! - window.begins[axis]!;
          const position = first + k[axis]! * window.dilations[axis]!;
          if (position < 0 || position >= spatial[axis]!) return;
          from = from * spatial[axis]! + position;
        }
        visit(plane * outSize + place, plane * inSize + from);
      });
    });
  }
}

/** 1 / count at each place, as a constant that broadcasts over [N, C, places...]. */
export function inverseCounts(node: GraphNode<AveragePoolAttributes>): Tensor {
  const geometry = poolGeometry(node);
  const { graph, output } = node;
  const counts = geometry.places.map((_, axis) =>
    countsAlong(geometry, axis, node.attributes.count_include_pad === 1),
  );
  const inverse: number[] = [];
  forEachIndex(geometry.places, (_, at) => {
    inverse.push(at.reduce((rest, place, axis) => rest / counts[axis]![place]!, 1));
  });
  if (inverse.every((value) => value === inverse[0])) {
    return graph.constant(inverse[0] ?? 1, output.dtype);
  }
  return graph.constant(inverse, output.dtype, [1, 1, ...geometry.places]);
}

export const AveragePool: OperatorDefinition<AveragePoolAttributes> =
  defineOperator<AveragePoolAttributes>({
    type: "AveragePool",
    arity: [1, 1],
    required: ["kernel_shape"],
    infer(node) {
      const { dtype, shape } = node.input(0);
      return [{ dtype, shape: [...shape.slice(0, 2), ...poolGeometry(node).places] }];
    },
    evaluate(node, [x]) {
      const geometry = poolGeometry(node);
      const padding = node.attributes.count_include_pad === 1;
      const counts = geometry.places.map((_, axis) => countsAlong(geometry, axis, padding));
      const out = new Float64Array(node.output.size);
      forEachUnderWindow(node, (yi, xi) => {
        out[yi]! += x![xi]!;
      });
      forEachIndex(node.output.shape, (flat, [, , ...at]) => {
        out[flat]! /= at.reduce((count, place, axis) => count * counts[axis]![place]!, 1);
      });
      return [out];
    },
    simplify(node) {
      const attributes = withPads(node) ?? node.attributes;
      // Opset 17, which is what is written, does not know dilations here.
      const { dilations, ...others } = attributes;
      const plain = dilations?.every((dilation) => dilation === 1) ? others : attributes;
      if (plain === node.attributes) return undefined;
      return [node.graph.apply(AveragePool, [node.input(0)], plain)[0]!];
    },
    adjoint(node, [g]) {
      if (!g) return [];
      const { window, spatial, places } = poolGeometry(node);
      const share = mul(g, inverseCounts(node));
      const { kernel, strides, dilations, begins } = window;
      const tiles = spatial.every(
        (size, i) =>
          strides[i] === kernel[i] &&
          begins[i] === 0 &&
          dilations[i] === 1 &&
          places[i]! * kernel[i]! === size,
      );
      if (tiles) return [upsample(share, kernel)];
      const channels = g.shape[1]!;
      // What the windows reach beyond the input is cut off, what they leave uncovered is zero.
      const beyond = spatial.map((size, i) => {
        const extent = (kernel[i]! - 1) * dilations[i]! + 1;
        return (places[i]! - 1) * strides[i]! + extent - begins[i]! - size;
      });
      const attributes = {
        strides,
        dilations,
        pads: [...begins, ...beyond.map((n) => Math.max(n, 0))],
        output_padding: beyond.map((n) => Math.max(-n, 0)),
        group: channels,
      };
      return [convTranspose(share, onesKernel(g, channels, kernel), undefined, attributes)];
    },
  });

/** Weights that sum each of `channels` channels apart: [channels, 1, kernel...]. */
export function onesKernel(like: Tensor, channels: number, kernel: Shape): Tensor {
  return fill(like, 1, [channels, 1, ...kernel]);
}

/**
 * Mean over windows of `kernel_shape` on x [N, C, spatial...]. Strides and dilations default to 1,
 * pads (all begins, then all ends) to 0; padding counts only with `count_include_pad`.
 */
export function averagePool(
  x: Tensor,
  kernel: Shape,
  attributes: Omit<AveragePoolAttributes, "kernel_shape"> = {},
): Tensor {
  return x.graph.apply(AveragePool, [x], { ...attributes, kernel_shape: kernel })[0]!;
}

export const MaxPool: OperatorDefinition<MaxPoolAttributes> = defineOperator<MaxPoolAttributes>({
  type: "MaxPool",
  arity: [1, 1],
  required: ["kernel_shape"],
  optionalOutputs: true,
  infer(node) {
    const { dtype, shape } = node.input(0);
    if (node.attributes.storage_order) node.unsupported("column-major indices are not supported");
    const pooled = [...shape.slice(0, 2), ...poolGeometry(node).places];
    return [
      { dtype, shape: pooled },
      { dtype: "int64", shape: pooled },
    ];
  },
  simplify(node) {
    const attributes = withPads(node);
    return attributes && [...node.graph.apply(MaxPool, [node.input(0)], attributes)];
  },
  evaluate(node, [x]) {
    const largest = new Float64Array(node.output.size).fill(Number.NEGATIVE_INFINITY);
    const indices = new Float64Array(node.output.size).fill(-1);
    forEachUnderWindow(node, (yi, xi) => {
      if (indices[yi]! >= 0 && x![xi]! <= largest[yi]!) return;
      largest[yi] = x![xi]!;
      indices[yi] = xi;
    });
    return [largest, indices];
  },
  adjoint(node, [g]) {
    if (!g) return [];
    const x = node.input(0);
    const indices = reshape(node.outputs[1]!, [g.size]);
    const zeros = fill(g, 0, [x.size]);
    return [reshape(scatterElements(zeros, indices, reshape(g, [g.size]), 0, "add"), x.shape)];
  },
});

/**
 * Largest element of windows of `kernel_shape` on x [N, C, spatial...], and the flat index of each
 * in x (int64). On a tie the gradient goes to the first.
 */
export function maxPoolWithIndices(
  x: Tensor,
  kernel: Shape,
  attributes: Omit<MaxPoolAttributes, "kernel_shape"> = {},
): readonly [Tensor, Tensor] {
  const [y, indices] = x.graph.apply(MaxPool, [x], { ...attributes, kernel_shape: kernel });
  return [y!, indices!];
}

/** Largest element of windows on x [N, C, spatial...]; attributes as of {@link averagePool}. */
export function maxPool(
  x: Tensor,
  kernel: Shape,
  attributes: Omit<MaxPoolAttributes, "kernel_shape"> = {},
): Tensor {
  return maxPoolWithIndices(x, kernel, attributes)[0];
}

function globalPool(
  type: string,
  reduce: (x: Tensor, axes: readonly number[], keepdims: boolean) => Tensor,
): OperatorDefinition {
  return defineOperator({
    type,
    arity: [1, 1],
    infer(node) {
      const { dtype, shape } = node.input(0);
      if (shape.length < 3) node.fail("x must be [N, C, spatial...]");
      return [{ dtype, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }];
    },
    simplify: (node) => [reduce(node.input(0), range(node.input(0).rank).slice(2), true)],
  });
}

export const GlobalAveragePool = globalPool("GlobalAveragePool", reduceMean);
export const GlobalMaxPool = globalPool("GlobalMaxPool", reduceMax);

/** Mean over the spatial axes of x [N, C, spatial...], which become size one. */
export function globalAveragePool(x: Tensor): Tensor {
  return x.graph.apply(GlobalAveragePool, [x], {})[0]!;
}

/** Largest element over the spatial axes of x [N, C, spatial...], which become size one. */
export function globalMaxPool(x: Tensor): Tensor {
  return x.graph.apply(GlobalMaxPool, [x], {})[0]!;
}
