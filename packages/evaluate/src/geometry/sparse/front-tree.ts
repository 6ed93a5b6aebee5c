// What a block sparse Cholesky factorisation L L^T of a mesh's matrix looks like, before any number is
// known: the multifrontal method (Duff and Reid 1983, "The multifrontal solution of indefinite sparse
// symmetric linear equations") with the separators of a nested dissection as the fronts.

import { adjacencyOf, nestedDissection } from "./nested-dissection.js";

/** A dense part of the factor: the columns of the vertices that it eliminates. */
export interface Front {
  /** Place of the first vertex that is eliminated here; the others follow it. */
  readonly first: number;
  /** How many are eliminated. */
  readonly own: number;
  /** Places of the later vertices that they are tied to, ascending. */
  readonly boundary: Uint32Array;
  /** For each of {@link boundary} its row in the parent's front. */
  readonly toParent: Uint32Array;
  readonly children: readonly number[];
  /** Where its `(own + boundary) x own` blocks start in the factor's numbers, by rows. */
  readonly panel: number;
}

export interface FrontTree {
  /** In the order of elimination, children before parents. */
  readonly fronts: readonly Front[];
  /** Vertex to place in the elimination order. */
  readonly places: Uint32Array;
  /** For each vertex where its diagonal block starts in the factor's numbers. */
  readonly diagonals: Float64Array;
  /** For each vertex the length of a row of its front's panel. */
  readonly strides: Uint32Array;
  /** For each edge where its block starts. */
  readonly offDiagonals: Float64Array;
  /** For each edge the length of a row of the panel that its block is in. */
  readonly offStrides: Uint32Array;
  /** How many numbers the factor has. */
  readonly size: number;
  /** How many numbers the updates on the way from children to parents take at most. */
  readonly stack: number;
}

/** Unknowns of a vertex. */
export const BLOCK = 4;

/**
 * @param edges `E x 2` vertex indices
 * @param positions `V x 3`, finite, for the elimination order
 */
export function frontTree(edges: Uint32Array, positions: Float64Array): FrontTree {
  const vertexCount = positions.length / 3;
  const adjacency = adjacencyOf(vertexCount, edges);
  const separators = nestedDissection(adjacency, positions);
  const places = new Uint32Array(vertexCount);
  let place = 0;
  for (const { vertices } of separators) for (const v of vertices) places[v] = place++;

  const childrenOf: number[][] = separators.map(() => []);
  separators.forEach(({ parent }, f) => {
    if (parent >= 0) childrenOf[parent]!.push(f);
  });
  const fronts: Front[] = [];
  const rowOf = new Uint32Array(vertexCount);
  const seen = new Int32Array(vertexCount).fill(-1);
  const diagonals = new Float64Array(vertexCount);
  const strides = new Uint32Array(vertexCount);
  const frontOf = new Uint32Array(vertexCount);
  let first = 0;
  let size = 0;
  separators.forEach(({ vertices }, f) => {
    const own = vertices.length;
    const end = first + own;
    const children = childrenOf[f]!;
    const later: number[] = [];
    const add = (p: number) => {
      if (p >= end && seen[p] !== f) {
        seen[p] = f;
        later.push(p);
      }
    };
    for (const v of vertices) {
      for (let i = adjacency.starts[v]!; i < adjacency.starts[v + 1]!; i++) {
        add(places[adjacency.neighbours[i]!]!);
      }
    }
    for (const child of children) fronts[child]!.boundary.forEach(add);
    const boundary = Uint32Array.from(later).sort();
    boundary.forEach((p, i) => {
      rowOf[p] = own + i;
    });
    for (let i = 0; i < own; i++) rowOf[first + i] = i;
    for (const child of children) {
      const { boundary: rows, toParent } = fronts[child]!;
      rows.forEach((p, i) => {
        toParent[i] = rowOf[p]!;
      });
    }
    const stride = BLOCK * own;
    vertices.forEach((v, i) => {
      diagonals[v] = size + BLOCK * i * stride + BLOCK * i;
      strides[v] = stride;
      frontOf[v] = f;
    });
    const toParent = new Uint32Array(boundary.length);
    fronts.push({ first, own, boundary, toParent, children, panel: size });
    size += BLOCK * (own + boundary.length) * stride;
    first = end;
  });
  const blockOf = (column: number, row: number) => {
    const { first, own, boundary, panel } = fronts[frontOf[column]!]!;
    const place = places[row]!;
    const i = place < first + own ? place - first : own + indexIn(boundary, place);
    return panel + BLOCK * i * BLOCK * own + BLOCK * (places[column]! - first);
  };
  const offDiagonals = new Float64Array(edges.length / 2);
  const offStrides = new Uint32Array(edges.length / 2);
  for (let e = 0; e < offDiagonals.length; e++) {
    const [a, b] = [edges[2 * e]!, edges[2 * e + 1]!];
    const [column, row] = places[a]! < places[b]! ? [a, b] : [b, a];
    offDiagonals[e] = blockOf(column, row);
    offStrides[e] = strides[column]!;
  }
  const stack = stackOf(fronts);
  return { fronts, places, diagonals, strides, offDiagonals, offStrides, size, stack };
}

/** Numbers of the update that a front hands to its parent. */
export function updateSize({ boundary }: Front): number {
  return (BLOCK * boundary.length) ** 2;
}

function stackOf(fronts: readonly Front[]): number {
  let used = 0;
  let most = 0;
  for (const front of fronts) {
    most = Math.max(most, used + updateSize(front));
    used += updateSize(front);
    for (const child of front.children) used -= updateSize(fronts[child]!);
  }
  return most;
}

function indexIn(ascending: Uint32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
