/**
 * Moving square blocks of pixels to channels and back: DepthToSpace, SpaceToDepth.
 *
 * With b the block size, i and j the row and column within a block and C the channels of the
 * larger picture:
 *
 *     DepthToSpace DCR   y[n, c, h b + i, w b + j] = x[n, (i b + j) C + c, h, w]
 *     DepthToSpace CRD   y[n, c, h b + i, w b + j] = x[n, (c b + i) b + j, h, w]
 *     SpaceToDepth       the inverse of DCR
 *
 * All are permutations, so each adjoint is the inverse.
 */
import type { GraphNode } from "../graph/node.js";
import { defineOperator, type OperatorDefinition } from "../graph/operator.js";
import { forEachIndex } from "../graph/strided.js";
import type { Tensor } from "../graph/tensor.js";
import { reshape, transpose } from "./layout.js";

export type DepthToSpaceMode = "DCR" | "CRD";

type BlockAttributes = { readonly blocksize: number; readonly mode?: string };

/** Batch, channels, height, width of the input and the block size, once checked. */
function checkedBlocks(node: GraphNode<BlockAttributes>) {
  const { shape } = node.input(0);
  const { blocksize: b } = node.attributes;
  if (shape.length !== 4) node.fail("takes pictures [batch, channels, height, width]");
  if (!Number.isInteger(b) || b < 1) node.fail(`block size ${b} is not a positive integer`);
  const [n, c, h, w] = shape as [number, number, number, number];
  return { n, c, h, w, b };
}

export const DepthToSpace: OperatorDefinition<BlockAttributes> = defineOperator<BlockAttributes>({
  type: "DepthToSpace",
  arity: [1, 1],
  required: ["blocksize"],
  defaults: { mode: "DCR" },
  movesData: true,
  infer(node) {
    const { n, c, h, w, b } = checkedBlocks(node);
    const { mode } = node.attributes;
    if (mode !== "DCR" && mode !== "CRD") node.fail(`mode "${mode}" is neither DCR nor CRD`);
    if (c % (b * b) !== 0) node.fail(`${c} channels do not fill blocks of ${b} x ${b}`);
    return [{ dtype: node.input(0).dtype, shape: [n, c / (b * b), h * b, w * b] }];
  },
  evaluate(node, [data]) {
    const { c: channels, h, w, b } = checkedBlocks(node);
    const columnwise = node.attributes.mode === "CRD";
    const result = new Float64Array(node.output.size);
    forEachIndex(node.output.shape, (flat, [n, c, y, x]) => {
      const [i, j] = [y! % b, x! % b];
      const from = columnwise ? (c! * b + i) * b + j : (i * b + j) * node.output.shape[1]! + c!;
      result[flat] = data![((n! * channels + from) * h + (y! - i) / b) * w + (x! - j) / b]!;
    });
    return [result];
  },
  simplify: (node) => (node.attributes.blocksize === 1 ? [node.input(0)] : undefined),
  adjoint(node, [g]) {
    if (!g) return [undefined];
    const { n, c, h, w, b } = checkedBlocks(node);
    if (node.attributes.mode === "DCR") return [spaceToDepth(g, b)];
    const blocks = reshape(g, [n, c / (b * b), h, b, w, b]);
    return [reshape(transpose(blocks, [0, 1, 3, 5, 2, 4]), [n, c, h, w])];
  },
});

/**
 * [n, c b b, h, w] to [n, c, h b, w b]. Mode "DCR" keeps the channels of one place in a block
 * together, "CRD" the places of one channel (PixelShuffle).
 *
 * @throws GraphError when the channels are no multiple of b b.
 */
export function depthToSpace(x: Tensor, blocksize: number, mode: DepthToSpaceMode = "DCR"): Tensor {
  return x.graph.apply(DepthToSpace, [x], { blocksize, mode })[0]!;
}

export const SpaceToDepth: OperatorDefinition<BlockAttributes> = defineOperator<BlockAttributes>({
  type: "SpaceToDepth",
  arity: [1, 1],
  required: ["blocksize"],
  movesData: true,
  infer(node) {
    const { n, c, h, w, b } = checkedBlocks(node);
    if (h % b !== 0 || w % b !== 0) node.fail(`${h} x ${w} pixels are not blocks of ${b} x ${b}`);
    return [{ dtype: node.input(0).dtype, shape: [n, c * b * b, h / b, w / b] }];
  },
  evaluate(node, [data]) {
    const { c: channels, h, w, b } = checkedBlocks(node);
    const result = new Float64Array(node.output.size);
    forEachIndex(node.output.shape, (flat, [n, place, y, x]) => {
      const c = place! % channels;
      const block = (place! - c) / channels;
      const j = block % b;
      const i = (block - j) / b;
      result[flat] = data![((n! * channels + c) * h + y! * b + i) * w + x! * b + j]!;
    });
    return [result];
  },
  simplify: (node) => (node.attributes.blocksize === 1 ? [node.input(0)] : undefined),
  adjoint: (node, [g]) => [g && depthToSpace(g, node.attributes.blocksize)],
});

/**
 * [n, c, h b, w b] to [n, b b c, h, w]: the inverse of depthToSpace in mode "DCR".
 *
 * @throws GraphError when height or width is no multiple of b.
 */
export function spaceToDepth(x: Tensor, blocksize: number): Tensor {
  return x.graph.apply(SpaceToDepth, [x], { blocksize })[0]!;
}
