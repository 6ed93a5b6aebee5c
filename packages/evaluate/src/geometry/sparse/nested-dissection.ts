// An elimination order by geometric nested dissection (George 1973, "Nested dissection of a regular
// finite element mesh"): halve the vertices across the axis that cuts them best, eliminate both halves
// first and the vertices between them last. A mesh of a surface of n vertices gets O(n log n) fill.

/** Vertices that are eliminated together: a separator, or a part too small to divide. */
export interface Separator {
  readonly vertices: Uint32Array;
  /** Index of the separator that is eliminated next on the way up; -1 at the top. */
  readonly parent: number;
}

/** Neighbours of vertex `v`: `neighbours[starts[v]]` to before `neighbours[starts[v + 1]]`. */
export interface Adjacency {
  readonly starts: Uint32Array;
  readonly neighbours: Uint32Array;
}

/** Parts of no more vertices than this are eliminated as one dense block. */
const SMALLEST_PART = 8;

/** @param edges `E x 2`; edges from a vertex to itself are left out */
export function adjacencyOf(vertexCount: number, edges: Uint32Array): Adjacency {
  const starts = new Uint32Array(vertexCount + 1);
  for (let e = 0; e < edges.length; e += 2) {
    if (edges[e] === edges[e + 1]) continue;
    starts[edges[e]! + 1]!++;
    starts[edges[e + 1]! + 1]!++;
  }
  for (let v = 0; v < vertexCount; v++) starts[v + 1]! += starts[v]!;
  const next = starts.slice();
  const neighbours = new Uint32Array(starts[vertexCount]!);
  for (let e = 0; e < edges.length; e += 2) {
    const a = edges[e]!;
    const b = edges[e + 1]!;
    if (a === b) continue;
    neighbours[next[a]!++] = b;
    neighbours[next[b]!++] = a;
  }
  return { starts, neighbours };
}

/**
 * The separators in the order of elimination: children before parents, each family in one run. No edge
 * joins two separators unless one is above the other.
 *
 * @param positions `V x 3`, finite; they only decide how good the order is
 */
export function nestedDissection(adjacency: Adjacency, positions: Float64Array): Separator[] {
  const vertexCount = positions.length / 3;
  const found: { vertices: Uint32Array; above: number }[] = [];
  const side = new Uint32Array(vertexCount);
  let stamp = 0;

  /** Cuts off the top of a part, then its halves; `found` is filled from the top down. */
  const divide = (part: Uint32Array, above: number): void => {
    if (part.length <= SMALLEST_PART) {
      if (part.length > 0) found.push({ vertices: part, above });
      return;
    }
    let best: readonly [Uint32Array, Uint32Array, Uint32Array] | undefined;
    for (let axis = 0; axis < 3; axis++) {
      const halves = halve(part, positions, axis);
      const [low, high] = halves;
      stamp += 2;
      for (const v of low) side[v] = stamp;
      for (const v of high) side[v] = stamp + 1;
      for (const which of [0, 1] as const) {
        const other = stamp + 1 - which;
        const cut: number[] = [];
        const rest: number[] = [];
        for (const v of halves[which]) (touches(adjacency, v, side, other) ? cut : rest).push(v);
        if (best === undefined || cut.length < best[0].length) {
          best = [Uint32Array.from(cut), Uint32Array.from(rest), halves[1 - which]!];
        }
      }
    }
    const [cut, first, second] = best!;
    let top = above;
    if (cut.length > 0) {
      top = found.length;
      found.push({ vertices: cut, above });
    }
    divide(first, top);
    divide(second, top);
  };

  divide(
    Uint32Array.from({ length: vertexCount }, (_, v) => v),
    -1,
  );
  // From the top down reversed is from the bottom up, and families stay together.
  const last = found.length - 1;
  return found
    .map(({ vertices, above }) => ({ vertices, parent: above < 0 ? -1 : last - above }))
    .reverse();
}

function touches({ starts, neighbours }: Adjacency, v: number, side: Uint32Array, other: number) {
  for (let i = starts[v]!; i < starts[v + 1]!; i++) {
    if (side[neighbours[i]!] === other) return true;
  }
  return false;
}

/** Two halves below and above the median along an axis; of equal coordinates the earlier lie below. */
function halve(part: Uint32Array, positions: Float64Array, axis: number) {
  const sorted = Float64Array.from(part, (v) => positions[3 * v + axis]!).sort();
  const middle = part.length >> 1;
  const median = sorted[middle]!;
  let equalBelow = middle;
  while (equalBelow > 0 && sorted[equalBelow - 1] === median) equalBelow--;
  let room = middle - equalBelow;
  const low = new Uint32Array(middle);
  const high = new Uint32Array(part.length - middle);
  let l = 0;
  let h = 0;
  for (const v of part) {
    const x = positions[3 * v + axis]!;
    if (x < median || (x === median && room-- > 0)) low[l++] = v;
    else high[h++] = v;
  }
  return [low, high] as const;
}
