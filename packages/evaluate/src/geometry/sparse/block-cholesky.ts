// Cholesky factorisation of sparse symmetric positive definite matrices of 4 x 4 blocks, one for each
// vertex and each edge of a mesh, and solving with it. See front-tree.ts for the method.

import { divideTile, factorTile, subtractProduct } from "./front-kernel.js";
import { BLOCK, type Front, type FrontTree, frontTree, updateSize } from "./front-tree.js";

/** Right-hand sides that are solved for together. */
const COLUMNS = 3;

/** The lower half of L in L L^T = A, found anew by every {@link factor}; its memory is kept. */
export class BlockCholesky {
  readonly #tree: FrontTree;
  readonly #factor: Float64Array;
  readonly #stack: Float64Array;

  /**
   * @param edges `E x 2` vertex indices: which blocks off the diagonal are not zero; an edge that comes
   * twice counts twice, one from a vertex to itself is an error
   * @param positions `V x 3`, finite, for the elimination order
   */
  constructor(edges: Uint32Array, positions: Float64Array) {
    this.#tree = frontTree(edges, positions);
    this.#factor = new Float64Array(this.#tree.size);
    this.#stack = new Float64Array(this.#tree.stack);
  }

  /** Bytes of the factor and of the work space. */
  get bytes(): number {
    return this.#factor.byteLength + this.#stack.byteLength;
  }

  /**
   * @param diagonal `V x 4 x 4`, symmetric blocks
   * @param edge four numbers: the diagonal of the block that every edge has
   * @returns false where the matrix is not positive definite
   */
  factor(diagonal: Float64Array, edge: ArrayLike<number>): boolean {
    const { fronts, diagonals, offDiagonals, offStrides, strides } = this.#tree;
    const l = this.#factor.fill(0);
    for (let v = 0; v < diagonals.length; v++) {
      for (let i = 0; i < BLOCK; i++) {
        for (let j = 0; j <= i; j++) {
          l[diagonals[v]! + i * strides[v]! + j] = diagonal[BLOCK * (BLOCK * v + i) + j]!;
        }
      }
    }
    for (let e = 0; e < offDiagonals.length; e++) {
      const step = offStrides[e]! + 1;
      for (let i = 0; i < BLOCK; i++) l[offDiagonals[e]! + i * step]! += edge[i]!;
    }
    let top = 0;
    for (const front of fronts) {
      const size = updateSize(front);
      const update = top;
      this.#stack.fill(0, update, update + size);
      for (let c = front.children.length - 1; c >= 0; c--) {
        const child = fronts[front.children[c]!]!;
        top -= updateSize(child);
        addUpdate(this.#stack, top, child, l, update, front);
      }
      if (!factorFront(l, this.#stack, update, front)) return false;
      this.#stack.copyWithin(top, update, update + size);
      top += size;
    }
    return true;
  }

  /** `x = A^-1 x` in place. @param x `V x 4 x 3` */
  solve(x: Float64Array): void {
    const { fronts, places } = this.#tree;
    const row = BLOCK * COLUMNS;
    const y = new Float64Array(x.length);
    for (let v = 0; v < places.length; v++) {
      for (let i = 0; i < row; i++) y[row * places[v]! + i] = x[row * v + i]!;
    }
    for (const front of fronts) forward(this.#factor, front, y);
    for (let f = fronts.length - 1; f >= 0; f--) backward(this.#factor, fronts[f]!, y);
    for (let v = 0; v < places.length; v++) {
      for (let i = 0; i < row; i++) x[row * v + i] = y[row * places[v]! + i]!;
    }
  }
}

/** Adds a child's update, at `from` on the stack, to its parent's panel and to its update at `to`. */
function addUpdate(
  stack: Float64Array,
  from: number,
  { toParent }: Front,
  l: Float64Array,
  to: number,
  { own, boundary, panel }: Front,
): void {
  const width = BLOCK * toParent.length;
  const stride = BLOCK * own;
  const parentWidth = BLOCK * boundary.length;
  // Ascending: the first columns belong to the panel, the others to the update.
  let split = 0;
  while (split < toParent.length && toParent[split]! < own) split++;
  for (let i = 0; i < toParent.length; i++) {
    const row = BLOCK * toParent[i]!;
    const inPanel = Math.min(split, i + 1);
    for (let r = 0; r < BLOCK; r++) {
      const source = from + (BLOCK * i + r) * width;
      const panelRow = panel + (row + r) * stride;
      for (let j = 0; j < inPanel; j++) {
        const s = source + BLOCK * j;
        const t = panelRow + BLOCK * toParent[j]!;
        l[t]! += stack[s]!;
        l[t + 1]! += stack[s + 1]!;
        l[t + 2]! += stack[s + 2]!;
        l[t + 3]! += stack[s + 3]!;
      }
      const updateRow = to + (row - stride + r) * parentWidth - stride;
      for (let j = inPanel; j <= i; j++) {
        const s = source + BLOCK * j;
        const t = updateRow + BLOCK * toParent[j]!;
        stack[t]! += stack[s]!;
        stack[t + 1]! += stack[s + 1]!;
        stack[t + 2]! += stack[s + 2]!;
        stack[t + 3]! += stack[s + 3]!;
      }
    }
  }
}

/** Eliminates a front's own vertices: its columns of L, and what is left for the parent. */
function factorFront(
  l: Float64Array,
  stack: Float64Array,
  update: number,
  { own, boundary, panel }: Front,
): boolean {
  const stride = BLOCK * own;
  const width = BLOCK * boundary.length;
  for (let i = 0; i < own + boundary.length; i++) {
    const row = panel + BLOCK * i * stride;
    for (let j = 0; j <= i && j < own; j++) {
      const other = panel + BLOCK * j * stride;
      const tile = row + BLOCK * j;
      subtractProduct(l, stride, row, other, BLOCK * j, l, tile, stride);
      if (i > j) divideTile(l, stride, tile, other + BLOCK * j);
      else if (!factorTile(l, tile, stride)) return false;
    }
    for (let j = own; j <= i; j++) {
      const other = panel + BLOCK * j * stride;
      const tile = update + BLOCK * ((i - own) * width + j - own);
      subtractProduct(l, stride, row, other, stride, stack, tile, width);
    }
  }
  return true;
}

/**
 * `x = L^-1 x` for the columns of one front. Four rows at a time, as they share what they read of x: a third of the
 * time that a row after the other takes.
 */
function forward(l: Float64Array, { first, own, boundary, panel }: Front, x: Float64Array): void {
  const stride = BLOCK * own;
  const start = BLOCK * COLUMNS * first;
  for (let i = 0; i < stride + BLOCK * boundary.length; i += BLOCK) {
    const r0 = panel + i * stride;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    const at = unknown(i, stride, start, boundary);
    let a0 = x[at]!;
    let a1 = x[at + 1]!;
    let a2 = x[at + 2]!;
    let b0 = x[at + 3]!;
    let b1 = x[at + 4]!;
    let b2 = x[at + 5]!;
    let c0 = x[at + 6]!;
    let c1 = x[at + 7]!;
    let c2 = x[at + 8]!;
    let d0 = x[at + 9]!;
    let d1 = x[at + 10]!;
    let d2 = x[at + 11]!;
    const count = Math.min(i, stride);
    for (let k = 0, of = start; k < count; k++, of += COLUMNS) {
      const x0 = x[of]!;
      const x1 = x[of + 1]!;
      const x2 = x[of + 2]!;
      const la = l[r0 + k]!;
      a0 -= la * x0;
      a1 -= la * x1;
      a2 -= la * x2;
      const lb = l[r1 + k]!;
      b0 -= lb * x0;
      b1 -= lb * x1;
      b2 -= lb * x2;
      const lc = l[r2 + k]!;
      c0 -= lc * x0;
      c1 -= lc * x1;
      c2 -= lc * x2;
      const ld = l[r3 + k]!;
      d0 -= ld * x0;
      d1 -= ld * x1;
      d2 -= ld * x2;
    }
    x[at] = a0;
    x[at + 1] = a1;
    x[at + 2] = a2;
    x[at + 3] = b0;
    x[at + 4] = b1;
    x[at + 5] = b2;
    x[at + 6] = c0;
    x[at + 7] = c1;
    x[at + 8] = c2;
    x[at + 9] = d0;
    x[at + 10] = d1;
    x[at + 11] = d2;
    if (i < stride) forwardTile(l, r0 + i, stride, x, at);
  }
}

/** `x = L^-1 x` for a factored 4 x 4 tile. */
function forwardTile(
  l: Float64Array,
  tile: number,
  stride: number,
  x: Float64Array,
  at: number,
): void {
  for (let i = 0; i < BLOCK; i++) {
    const row = tile + i * stride;
    for (let c = 0; c < COLUMNS; c++) {
      let sum = x[at + COLUMNS * i + c]!;
      for (let k = 0; k < i; k++) sum -= l[row + k]! * x[at + COLUMNS * k + c]!;
      x[at + COLUMNS * i + c] = sum / l[row + i]!;
    }
  }
}

/** `x = L^-T x` for the columns of one front, four rows at a time as well. */
function backward(l: Float64Array, { first, own, boundary, panel }: Front, x: Float64Array): void {
  const stride = BLOCK * own;
  const start = BLOCK * COLUMNS * first;
  for (let i = stride + BLOCK * (boundary.length - 1); i >= 0; i -= BLOCK) {
    const r0 = panel + i * stride;
    const r1 = r0 + stride;
    const r2 = r1 + stride;
    const r3 = r2 + stride;
    const at = unknown(i, stride, start, boundary);
    if (i < stride) backwardTile(l, r0 + i, stride, x, at);
    const a0 = x[at]!;
    const a1 = x[at + 1]!;
    const a2 = x[at + 2]!;
    const b0 = x[at + 3]!;
    const b1 = x[at + 4]!;
    const b2 = x[at + 5]!;
    const c0 = x[at + 6]!;
    const c1 = x[at + 7]!;
    const c2 = x[at + 8]!;
    const d0 = x[at + 9]!;
    const d1 = x[at + 10]!;
    const d2 = x[at + 11]!;
    const count = Math.min(i, stride);
    for (let k = 0, of = start; k < count; k++, of += COLUMNS) {
      const la = l[r0 + k]!;
      const lb = l[r1 + k]!;
      const lc = l[r2 + k]!;
      const ld = l[r3 + k]!;
      x[of]! -= la * a0 + lb * b0 + lc * c0 + ld * d0;
      x[of + 1]! -= la * a1 + lb * b1 + lc * c1 + ld * d1;
      x[of + 2]! -= la * a2 + lb * b2 + lc * c2 + ld * d2;
    }
  }
}

/** `x = L^-T x` for a factored 4 x 4 tile. */
function backwardTile(
  l: Float64Array,
  tile: number,
  stride: number,
  x: Float64Array,
  at: number,
): void {
  for (let i = BLOCK - 1; i >= 0; i--) {
    for (let c = 0; c < COLUMNS; c++) {
      let sum = x[at + COLUMNS * i + c]!;
      for (let k = i + 1; k < BLOCK; k++) {
        sum -= l[tile + k * stride + i]! * x[at + COLUMNS * k + c]!;
      }
      x[at + COLUMNS * i + c] = sum / l[tile + i * stride + i]!;
    }
  }
}

/** Where the row `i` of a front's panel, the first of a vertex, is among the unknowns. */
function unknown(i: number, stride: number, start: number, boundary: Uint32Array): number {
  return i < stride ? start + COLUMNS * i : COLUMNS * BLOCK * boundary[(i - stride) / BLOCK]!;
}
