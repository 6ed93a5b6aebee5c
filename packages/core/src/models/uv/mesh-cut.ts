// Cutting a surface open along edges, so that it can be laid flat.

import { NO_TRIANGLE, triangleNeighbours } from "./mesh-topology.js";

export interface CutMesh {
  /** `T x 3` indices of the cut mesh's vertices, in the order of the triangles given. */
  readonly triangles: Uint32Array;
  /** For each vertex of the cut mesh the one it was. */
  readonly vertexOf: Uint32Array;
}

/**
 * Opens a mesh along a path of edges: vertices of the path are doubled (ends inside the surface are
 * not). Vertices without triangles are dropped, and a vertex where parts of the surface meet only in
 * that point becomes one for each.
 *
 * @param triangles `T x 3` vertex indices
 * @param path vertices, each joined to the next by an edge; may be empty
 */
export function cutMesh(triangles: Uint32Array, path: readonly number[]): CutMesh {
  const neighbours = triangleNeighbours(triangles);
  const key = (a: number, b: number) => `${Math.min(a, b)},${Math.max(a, b)}`;
  const cut = new Set<string>();
  for (let i = 0; i + 1 < path.length; i++) cut.add(key(path[i]!, path[i + 1]!));
  const next = (edge: number) => (edge % 3 === 2 ? edge - 2 : edge + 1);

  // Corners of one vertex are the same point of the plane where their triangles share an edge.
  const parent = Uint32Array.from(triangles, (_, corner) => corner);
  const find = (corner: number): number => {
    let root = corner;
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!;
      root = parent[root]!;
    }
    return root;
  };
  for (let e = 0; e < triangles.length; e++) {
    const other = neighbours[e]!;
    if (other === NO_TRIANGLE || cut.has(key(triangles[e]!, triangles[next(e)]!))) continue;
    parent[find(e)] = find(next(other));
    parent[find(next(e))] = find(other);
  }
  const index = new Map<number, number>();
  const vertexOf: number[] = [];
  const out = new Uint32Array(triangles.length);
  for (let corner = 0; corner < triangles.length; corner++) {
    const root = find(corner);
    let vertex = index.get(root);
    if (vertex === undefined) {
      vertex = vertexOf.length;
      index.set(root, vertex);
      vertexOf.push(triangles[corner]!);
    }
    out[corner] = vertex;
  }
  return { triangles: out, vertexOf: Uint32Array.from(vertexOf) };
}

/**
 * The cheapest path along edges (Dijkstra 1959).
 *
 * @param triangles `T x 3` vertex indices
 * @param from vertex to start from
 * @param isGoal where to stop
 * @param cost of an edge, above 0, the same in both directions
 * @returns vertices from `from` to the goal, or undefined where none can be reached
 */
export function cheapestPath(
  triangles: Uint32Array,
  from: number,
  isGoal: (vertex: number) => boolean,
  cost: (a: number, b: number) => number,
): number[] | undefined {
  const around = new Map<number, Set<number>>();
  const link = (a: number, b: number) => {
    let set = around.get(a);
    if (set === undefined) {
      set = new Set();
      around.set(a, set);
    }
    set.add(b);
  };
  for (let t = 0; t < triangles.length; t += 3) {
    for (let i = 0; i < 3; i++) {
      const a = triangles[t + i]!;
      const b = triangles[t + ((i + 1) % 3)]!;
      link(a, b);
      link(b, a);
    }
  }
  const best = new Map<number, number>([[from, 0]]);
  const before = new Map<number, number>();
  const done = new Set<number>();
  const queue = new MinHeap();
  queue.push(0, from);
  for (let entry = queue.pop(); entry !== undefined; entry = queue.pop()) {
    const vertex = entry.item;
    if (done.has(vertex)) continue;
    done.add(vertex);
    if (isGoal(vertex)) {
      const path = [vertex];
      for (let v = before.get(vertex); v !== undefined; v = before.get(v)) path.push(v);
      return path.reverse();
    }
    for (const other of around.get(vertex) ?? []) {
      const length = entry.key + cost(vertex, other);
      if (length < (best.get(other) ?? Infinity)) {
        best.set(other, length);
        before.set(other, vertex);
        queue.push(length, other);
      }
    }
  }
  return undefined;
}

/** Binary heap of numbers with numeric keys. */
class MinHeap {
  readonly #entries: { key: number; item: number }[] = [];

  push(key: number, item: number): void {
    const heap = this.#entries;
    let i = heap.length;
    heap.push({ key, item });
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (heap[up]!.key <= key) break;
      heap[i] = heap[up]!;
      i = up;
    }
    heap[i] = { key, item };
  }

  pop(): { key: number; item: number } | undefined {
    const heap = this.#entries;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.key < heap[child]!.key) child++;
      if (heap[child]!.key >= last.key) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
