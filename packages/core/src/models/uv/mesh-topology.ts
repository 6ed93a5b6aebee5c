// Which triangles of a mesh adjoin, and where it ends.

/** Marks an edge of {@link triangleNeighbours} that has no second triangle. */
export const NO_TRIANGLE = -1;

/**
 * The triangle on the other side of each edge. Edge `3 t + i` runs from corner `i` of triangle `t` to
 * the next one. Where more than two triangles meet at an edge, or two with opposite orientation, they
 * are not joined there: the edge counts as a border.
 *
 * @param triangles `T x 3` vertex indices
 * @returns `T x 3`: the *edge* of the neighbour that is shared (its triangle is a third of it), or
 *   {@link NO_TRIANGLE}
 */
export function triangleNeighbours(triangles: Uint32Array): Int32Array {
  const edges = triangles.length;
  let vertexCount = 0;
  for (const vertex of triangles) vertexCount = Math.max(vertexCount, vertex + 1);
  const from = (edge: number) => triangles[edge]!;
  const to = (edge: number) => triangles[edge % 3 === 2 ? edge - 2 : edge + 1]!;

  // Edges listed by the vertex they start from.
  const starts = new Uint32Array(vertexCount + 1);
  for (let e = 0; e < edges; e++) starts[from(e) + 1]!++;
  for (let v = 0; v < vertexCount; v++) starts[v + 1]! += starts[v]!;
  const fill = starts.slice(0, vertexCount);
  const byStart = new Uint32Array(edges);
  for (let e = 0; e < edges; e++) byStart[fill[from(e)]!++] = e;

  const between = (a: number, b: number): number => {
    let found = NO_TRIANGLE;
    for (let i = starts[a]!; i < starts[a + 1]!; i++) {
      if (to(byStart[i]!) !== b) continue;
      if (found !== NO_TRIANGLE) return NO_TRIANGLE;
      found = byStart[i]!;
    }
    return found;
  };
  const neighbours = new Int32Array(edges).fill(NO_TRIANGLE);
  for (let e = 0; e < edges; e++) {
    if (from(e) === to(e) || between(from(e), to(e)) !== e) continue;
    neighbours[e] = between(to(e), from(e));
  }
  return neighbours;
}

/**
 * The closed paths along which a mesh ends, longest first, each with the mesh to its left.
 *
 * @param triangles `T x 3` vertex indices
 * @param neighbours of {@link triangleNeighbours}
 * @returns vertices in order, the first not repeated at the end
 */
export function boundaryLoops(triangles: Uint32Array, neighbours: Int32Array): number[][] {
  const next = (edge: number) => (edge % 3 === 2 ? edge - 2 : edge + 1);
  const seen = new Uint8Array(triangles.length);
  const loops: number[][] = [];
  for (let first = 0; first < triangles.length; first++) {
    if (neighbours[first] !== NO_TRIANGLE || seen[first]) continue;
    const loop: number[] = [];
    let edge = first;
    do {
      seen[edge] = 1;
      loop.push(triangles[edge]!);
      // Around the end vertex until the border is met again.
      edge = next(edge);
      while (neighbours[edge] !== NO_TRIANGLE) edge = next(neighbours[edge]!);
    } while (edge !== first && !seen[edge]);
    loops.push(loop);
  }
  return loops.sort((a, b) => b.length - a.length);
}

/**
 * Pieces of a mesh that do not hang together by edges.
 *
 * @param neighbours of {@link triangleNeighbours}
 * @returns for each triangle the number of its piece, counted from 0, and each piece's triangles
 */
export function connectedPieces(neighbours: Int32Array): { of: Int32Array; sizes: number[] } {
  const of = new Int32Array(neighbours.length / 3).fill(-1);
  const sizes: number[] = [];
  const stack: number[] = [];
  for (let seed = 0; seed < of.length; seed++) {
    if (of[seed] !== -1) continue;
    const piece = sizes.length;
    let size = 0;
    of[seed] = piece;
    stack.push(seed);
    for (let t = stack.pop(); t !== undefined; t = stack.pop()) {
      size++;
      for (let e = 3 * t; e < 3 * t + 3; e++) {
        if (neighbours[e] === NO_TRIANGLE) continue;
        const other = Math.floor(neighbours[e]! / 3);
        if (of[other] !== -1) continue;
        of[other] = piece;
        stack.push(other);
      }
    }
    sizes.push(size);
  }
  return { of, sizes };
}
