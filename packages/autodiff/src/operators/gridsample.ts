/**
 * GridSample in two dimensions: an image x [N, C, H, W] read at the positions grid [N, H', W', 2],
 * whose pairs (horizontal, vertical) run from -1 to 1 over the image.
 *
 *     u = (grid + 1) size / 2 - 1/2, or (grid + 1) (size - 1) / 2 with align_corners
 *     y = sum over the corners k around u of w_k(u) x[k]
 *
 * For bilinear sampling the four corners are the products of two along each axis, and so are their
 * weights: 1 - f and f with f = u - floor u. Nearest has one corner, round u, of weight 1. Outside
 * the image, padding "zeros" gives corners weight zero, "border" moves u to the edge and
 * "reflection" mirrors it there.
 *
 *     x' = y' w_k added at every corner k
 *     w_k' = <y', x[k]>, the products over channels: four numbers per sample carry it all to the grid
 *
 * All work but these products is on arrays of a few numbers per sample, laid out [2, ...] with the
 * vertical coordinate first.
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { range, sizeOf } from "../graph/shape.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { add, div, maximum, minimum, mul, sub } from "./arithmetic.js";
import { fill, reduceSum } from "./broadcasting.js";
import { abs, floor, round, roundHalfEven, sign } from "./elementary.js";
import { gather, scatterND } from "./indexing.js";
import { cast, reshape, transpose } from "./layout.js";
import { equal } from "./selection.js";
import { concat, reverse, slice } from "./slicing.js";

export type GridSampleAttributes = {
  readonly mode?: string;
  readonly padding_mode?: string;
  readonly align_corners?: number;
};

const PADDINGS = ["zeros", "border", "reflection"];

/** Sizes of everything. */
interface Extent {
  readonly batch: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly places: readonly [number, number];
}

function extentOf(node: GraphNode<GridSampleAttributes>): Extent {
  const [x, grid] = [node.input(0).shape, node.input(1).shape];
  const [batch, channels, height, width] = x as [number, number, number, number];
  return { batch, channels, height, width, places: [grid[1]!, grid[2]!] };
}

/** Mirrors `position` at the ends of the interval until it lies within. */
function reflected(position: number, low: number, high: number): number {
  if (low === high) return low;
  const span = high - low;
  const along = Math.abs(position - low) % (2 * span);
  return low + (along > span ? 2 * span - along : along);
}

export const GridSample: OperatorDefinition<GridSampleAttributes> =
  defineOperator<GridSampleAttributes>({
    type: "GridSample",
    arity: [2, 2],
    defaults: { mode: "bilinear", padding_mode: "zeros", align_corners: 0 },
    infer(node) {
      const [x, grid] = [node.input(0), node.input(1)];
      const { mode, padding_mode } = node.attributes;
      if (!["bilinear", "linear", "nearest"].includes(mode!)) {
        node.unsupported(`mode "${mode}" is not supported`);
      }
      if (!PADDINGS.includes(padding_mode!)) node.fail(`padding_mode "${padding_mode}" is unknown`);
      if (x.rank !== 4) node.unsupported("x must be [N, C, H, W]; other ranks are not supported");
      if (x.dtype !== grid.dtype) node.fail(`element types differ: ${x.dtype}, ${grid.dtype}`);
      if (grid.rank !== 4 || grid.shape[3] !== 2 || grid.shape[0] !== x.shape[0]) {
        node.fail(`grid must be [${x.shape[0]},H',W',2]`);
      }
      const { batch, channels, height, width, places } = extentOf(node);
      if (height === 0 || width === 0) node.fail("the image is empty");
      return [{ dtype: x.dtype, shape: [batch, channels, ...places] }];
    },
    evaluate(node, [x, grid]) {
      const { batch, channels, height, width, places } = extentOf(node);
      const { mode, padding_mode: padding, align_corners: aligned } = node.attributes;
      const place = (g: number, size: number) =>
        aligned ? ((g + 1) / 2) * (size - 1) : ((g + 1) * size - 1) / 2;
      const bring = (position: number, size: number) => {
        if (padding === "border") return Math.min(Math.max(position, 0), size - 1);
        if (padding === "zeros") return position;
        return reflected(position, aligned ? 0 : -0.5, aligned ? size - 1 : size - 0.5);
      };
      const pixel = (plane: number, row: number, column: number) => {
        const [r, c] = [bring(row, height), bring(column, width)];
        if (r < 0 || r >= height || c < 0 || c >= width) return 0;
        return x![(plane * height + r) * width + c]!;
      };
      const out = new Float64Array(node.output.size);
      forEachIndex([batch, channels, ...places], (flat, [n, c, i, j]) => {
        const at = ((n! * places[0] + i!) * places[1] + j!) * 2;
        const plane = n! * channels + c!;
        const [u, v] = [place(grid![at]!, width), place(grid![at + 1]!, height)];
        if (mode === "nearest") {
          out[flat] = pixel(plane, roundHalfEven(v), roundHalfEven(u));
          return;
        }
        const [left, top] = [Math.floor(bring(u, width)), Math.floor(bring(v, height))];
        const [f, h] = [bring(u, width) - left, bring(v, height) - top];
        out[flat] =
          (1 - h) * ((1 - f) * pixel(plane, top, left) + f * pixel(plane, top, left + 1)) +
          h * ((1 - f) * pixel(plane, top + 1, left) + f * pixel(plane, top + 1, left + 1));
      });
      return [out];
    },
    simplify(node) {
      if (node.attributes.mode !== "linear") return undefined;
      // What opset 20 calls linear is bilinear in the opset that is written.
      const attributes = { ...node.attributes, mode: "bilinear" };
      return [node.graph.apply(GridSample, node.inputs, attributes)[0]!];
    },
    adjoint(node, [g], wants) {
      if (!g) return [];
      const extent = extentOf(node);
      const corners = cornersOf(node, extent);
      return [
        wants[0] ? scatterCorners(g, corners, extent) : undefined,
        wants[1] ? gridCotangent(node, g, corners, extent) : undefined,
      ];
    },
  });

/** The texels around every sample; S counts samples, K corners along an axis (two, or one). */
interface Corners {
  /** Flat place of each corner in the texels [N H W, C]: [K K S], int64. */
  readonly indices: Tensor;
  /** Weight of each corner along each axis: [2, K, S]; undefined where all are 1. */
  readonly weights: Tensor | undefined;
  /** Derivative of `weights` by the grid: [2, K, S]; undefined where it is zero. */
  readonly slopes: Tensor | undefined;
}

function cornersOf(node: GraphNode<GridSampleAttributes>, extent: Extent): Corners {
  const { mode, padding_mode: padding, align_corners: aligned } = node.attributes;
  const { batch, height, width } = extent;
  const grid = node.input(1);
  const { graph, dtype } = grid;
  const sizes = [height, width];
  const perAxis = (value: (size: number) => number, rank: number) =>
    graph.constant(sizes.map(value), dtype, [2, ...range(rank - 1).map(() => 1)]);
  const last = (rank: number) => perAxis((size) => size - 1, rank);
  const clamp = (x: Tensor) => minimum(maximum(x, 0), last(x.rank));
  const samples = grid.size / 2;
  const pairs = reverse(transpose(reshape(grid, [samples, 2])), [0]);
  const scale = perAxis((size) => (aligned ? size - 1 : size) / 2, 2);
  // In ONNX Runtime's order, so that its rounding is repeated and the same pixels are met.
  let u = sub(mul(add(pairs, 1), scale), aligned ? 0 : 0.5);
  let slope = scale;
  const bilinear = mode !== "nearest";
  if (!bilinear) u = round(u);
  if (padding === "reflection") {
    // A triangle wave of the interval's length; where that is zero, clamping decides.
    const low = aligned ? 0 : -0.5;
    const length = perAxis((size) => Math.max(aligned ? size - 1 : size, 1), 2);
    const period = mul(length, 2);
    const shifted = sub(u, low);
    const ahead = sub(length, sub(shifted, mul(floor(div(shifted, period)), period)));
    slope = mul(slope, sign(ahead));
    u = add(sub(length, abs(ahead)), low);
  }
  if (padding !== "zeros") {
    const clamped = clamp(u);
    slope = mul(slope, cast(equal(clamped, u), dtype));
    u = clamped;
  }
  const base = floor(u);
  const steps = bilinear ? [0, 1] : [0];
  const count = steps.length;
  const at = add(reshape(base, [2, 1, samples]), graph.constant(steps, dtype, [1, count, 1]));
  const inside = clamp(at);
  const cells = cast(inside, "int64");
  const rows = mul(slice(cells, [0], [1], [0]), graph.constant(width, "int64"));
  const columns = slice(cells, [1], [2], [0]);
  let indices = add(reshape(rows, [count, 1, samples]), columns);
  if (batch > 1) {
    const first = graph.constant(
      range(batch).map((n) => n * height * width),
      "int64",
      [1, batch, 1],
    );
    indices = add(reshape(indices, [count * count, batch, samples / batch]), first);
  }
  indices = reshape(indices, [count * count * samples]);
  const mask = padding === "zeros" ? cast(equal(inside, at), dtype) : undefined;
  if (!bilinear) return { indices, weights: mask, slopes: undefined };
  const signs = graph.constant([-1, 1], dtype, [1, 2, 1]);
  const fraction = reshape(sub(u, base), [2, 1, samples]);
  const full = add(mul(fraction, signs), graph.constant([1, 0], dtype, [1, 2, 1]));
  const steep = mul(signs, reshape(slope, [2, 1, slope.size / 2]));
  return {
    indices,
    weights: mask ? mul(full, mask) : full,
    slopes: mask ? mul(steep, mask) : steep,
  };
}

/** One axis of weights or slopes [2, K, S]: vertical as [K, 1, S], horizontal as [1, K, S]. */
function along(axis: "vertical" | "horizontal", values: Tensor): Tensor {
  const [, count, samples] = values.shape as [number, number, number];
  const first = axis === "vertical" ? 0 : 1;
  const part = slice(values, [first], [first + 1], [0]);
  return reshape(part, axis === "vertical" ? [count, 1, samples] : [1, count, samples]);
}

/** [N, C, ...] to [N ..., C]. */
function channelsLast(x: Tensor): Tensor {
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]];
  const planes = reshape(x, [batch, channels, sizeOf(spatial)]);
  return reshape(transpose(planes, [0, 2, 1]), [batch * sizeOf(spatial), channels]);
}

/** x': the cotangent of every sample, weighted, added to its corners. */
function scatterCorners(g: Tensor, { indices, weights }: Corners, extent: Extent): Tensor {
  const { batch, channels, height, width } = extent;
  const rows = channelsLast(g);
  const samples = rows.shape[0]!;
  const corners = indices.size / samples;
  let updates = rows;
  if (weights) {
    const products = mul(along("vertical", weights), along("horizontal", weights));
    updates = mul(reshape(products, [corners, samples, 1]), rows);
  }
  const texels = scatterND(
    fill(g, 0, [batch * height * width, channels]),
    reshape(indices, [indices.size, 1]),
    reshape(updates, [indices.size, channels]),
    "add",
  );
  const planes = transpose(reshape(texels, [batch, height * width, channels]), [0, 2, 1]);
  return reshape(planes, [batch, channels, height, width]);
}

/** grid': the products of the cotangent with the corners, through the weights. */
function gridCotangent(
  node: GraphNode<GridSampleAttributes>,
  g: Tensor,
  { indices, weights, slopes }: Corners,
  { channels }: Extent,
): Tensor | undefined {
  if (!weights || !slopes) return undefined;
  const rows = channelsLast(g);
  const samples = rows.shape[0]!;
  const texels = reshape(gather(channelsLast(node.input(0)), indices, 0), [4, samples, channels]);
  const products = reshape(reduceSum(mul(texels, rows), [2]), [2, 2, samples]);
  const byAxis = (moving: "vertical" | "horizontal", fixed: "vertical" | "horizontal") => {
    const change = mul(along(moving, slopes), along(fixed, weights));
    return reshape(reduceSum(mul(products, change), [0, 1]), [1, samples]);
  };
  const pairs = concat([byAxis("horizontal", "vertical"), byAxis("vertical", "horizontal")], 0);
  return reshape(transpose(pairs), node.input(1).shape);
}

export interface GridSampleOptions {
  /** Default bilinear. */
  readonly mode?: "bilinear" | "nearest";
  /** What lies outside the image. Default zeros. */
  readonly padding?: "zeros" | "border" | "reflection";
  /** Whether -1 and 1 are the centres of the outermost pixels, not their outer edges. */
  readonly alignCorners?: boolean;
}

/**
 * The image x [N, C, H, W] sampled at grid [N, H', W', 2]: [N, C, H', W']. The grid's pairs are
 * (horizontal, vertical), from -1 (left, top) to 1. Where bilinear interpolation has a kink the
 * gradient is that of the pixel to the right or below.
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = "bilinear", padding = "zeros", alignCorners = false } = options;
  return x.graph.apply(GridSample, [x, grid], {
    mode,
    padding_mode: padding,
    align_corners: alignCorners ? 1 : 0,
  })[0]!;
}
