// Triangle meshes on the way from quads to the model: triangulation and what manifoldness demands.

import { DisjointSets } from "./disjoint-sets.js";
import type { Polygon } from "./subdivide.js";

/** Triangles that remember the coarse quad and the place in it that each corner came from. */
export interface TracedTriangles {
  /** `T x 3`. */
  readonly triangles: number[];
  /** `T`: coarse quad. */
  readonly faces: number[];
  /** `T x 3 x 2`: place of each corner in its quad, as in {@link Polygon}. */
  readonly places: number[];
}

export const noTriangles = (): TracedTriangles => ({ triangles: [], faces: [], places: [] });

interface Corner {
  readonly vertex: number;
  readonly place: readonly [number, number];
}

const squaredDistance = (positions: ArrayLike<number>, a: number, b: number) => {
  let sum = 0;
  for (let i = 0; i < 3; i++) sum += (positions[a * 3 + i]! - positions[b * 3 + i]!) ** 2;
  return sum;
};

/**
 * Whether to split a quadrilateral `a b c d` along `a c` rather than `b d`: the shorter one, and between
 * equal ones the one whose name is smaller, mirror images having the same name, so that mirrored
 * quadrilaterals are split in mirrored ways.
 */
function splitsAlongFirst(
  [a, b, c, d]: readonly [number, number, number, number],
  positions: ArrayLike<number>,
  symmetry: ArrayLike<number>,
): boolean {
  const first = squaredDistance(positions, a, c);
  const second = squaredDistance(positions, b, d);
  if (Math.abs(first - second) > 1e-9 * (first + second)) return first < second;
  const name = (v: number) => Math.min(v, symmetry[v]!);
  return Math.min(name(a), name(c)) < Math.min(name(b), name(d));
}

/** Appends the triangles of a convex quadrilateral. */
export function addQuadrilateral(
  out: TracedTriangles,
  corners: readonly [Corner, Corner, Corner, Corner],
  face: number,
  positions: ArrayLike<number>,
  symmetry: ArrayLike<number>,
): void {
  const [a, b, c, d] = corners;
  const names = [a.vertex, b.vertex, c.vertex, d.vertex] as const;
  const split = splitsAlongFirst(names, positions, symmetry)
    ? [a, b, c, a, c, d]
    : [b, c, d, b, d, a];
  addCorners(out, split, face);
}

export function addCorners(out: TracedTriangles, corners: readonly Corner[], face: number): void {
  for (const { vertex, place } of corners) {
    out.triangles.push(vertex);
    out.places.push(...place);
  }
  for (let i = 0; i < corners.length; i += 3) out.faces.push(face);
}

/**
 * @param positions of the fine vertices, for the choice of diagonals
 * @param symmetry of the fine vertices
 */
export function triangulate(
  polygons: readonly Polygon[],
  positions: ArrayLike<number>,
  symmetry: ArrayLike<number>,
): TracedTriangles {
  const out = noTriangles();
  for (const { corners, places, middles, face } of polygons) {
    const all = corners.map((vertex, i): Corner => ({ vertex, place: places[i]! }));
    const at = (i: number) => all[(i + all.length) % all.length]!;
    const quadrilateral = (a: Corner, b: Corner, c: Corner, d: Corner) =>
      addQuadrilateral(out, [a, b, c, d], face, positions, symmetry);
    if (all.length === 3) {
      addCorners(out, all, face);
    } else if (all.length === 4) {
      quadrilateral(at(0), at(1), at(2), at(3));
    } else if (all.length === 5) {
      const m = middles[0]!;
      const fan = [1, 2, 3].flatMap((i) => [at(m), at(m + i), at(m + i + 1)]);
      addCorners(out, fan, face);
    } else if (middles[1]! - middles[0]! === 3) {
      const m = middles[0]!;
      quadrilateral(at(m), at(m + 1), at(m + 2), at(m + 3));
      quadrilateral(at(m + 3), at(m + 4), at(m + 5), at(m));
    } else {
      // Two neighbouring edges are split: cut off their corner, fan from the corner opposite.
      const corner = middles[1]! - middles[0]! === 2 ? middles[0]! + 1 : middles[1]! + 1;
      addCorners(out, [at(corner - 1), at(corner), at(corner + 1)], face);
      const apex = at(corner + 3);
      addCorners(out, [apex, at(corner - 2), at(corner - 1)], face);
      addCorners(out, [apex, at(corner - 1), at(corner + 1)], face);
      addCorners(out, [apex, at(corner + 1), at(corner + 2)], face);
    }
  }
  return out;
}

/** What an audit of a surface found. */
export interface Topology {
  /** Vertices that some triangle uses. */
  readonly vertices: number;
  readonly edges: number;
  readonly triangles: number;
  /** V - E + F. */
  readonly euler: number;
  /** Edges of three or more triangles. */
  readonly branchingEdges: number;
  /** Edges that two triangles run through in the same direction. */
  readonly flippedEdges: number;
  /** Vertices whose triangles do not form one fan. */
  readonly pinchedVertices: number;
  /** Closed chains of border edges, each as its vertices in order. */
  readonly borders: readonly (readonly number[])[];
  readonly components: number;
}

/** @param triangles `T x 3` */
export function auditTopology(triangles: ArrayLike<number>): Topology {
  const stride = 1 + Array.from(triangles).reduce((a, b) => Math.max(a, b), 0);
  const directed = new Map<number, number>();
  const undirected = new Map<number, number>();
  const fans = new Map<number, [number, number][]>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (let i = 0; i < 3; i++) {
      const a = triangles[t + i]!;
      const b = triangles[t + ((i + 1) % 3)]!;
      const c = triangles[t + ((i + 2) % 3)]!;
      directed.set(a * stride + b, (directed.get(a * stride + b) ?? 0) + 1);
      const key = Math.min(a, b) * stride + Math.max(a, b);
      undirected.set(key, (undirected.get(key) ?? 0) + 1);
      const fan = fans.get(a);
      if (fan) fan.push([b, c]);
      else fans.set(a, [[b, c]]);
    }
  }
  const next = new Map<number, number>();
  for (const key of directed.keys()) {
    const [a, b] = [Math.floor(key / stride), key % stride];
    if (!directed.has(b * stride + a)) next.set(a, b);
  }
  const borders: number[][] = [];
  const seen = new Set<number>();
  for (const start of next.keys()) {
    const chain: number[] = [];
    for (let v: number | undefined = start; v !== undefined && !seen.has(v); v = next.get(v)) {
      seen.add(v);
      chain.push(v);
    }
    if (chain.length > 0) borders.push(chain);
  }
  const sets = new DisjointSets();
  for (const key of directed.keys()) sets.join(Math.floor(key / stride), key % stride);
  const count = triangles.length / 3;
  return {
    vertices: fans.size,
    edges: undirected.size,
    triangles: count,
    euler: fans.size - undirected.size + count,
    branchingEdges: [...undirected.values()].filter((n) => n > 2).length,
    flippedEdges: [...directed.values()].filter((n) => n > 1).length,
    pinchedVertices: [...fans.values()].filter((fan) => !isOneFan(fan)).length,
    borders,
    components: new Set([...fans.keys()].map((v) => sets.root(v))).size,
  };
}

function isOneFan(fan: readonly (readonly [number, number])[]): boolean {
  const next = new Map(fan);
  const targets = new Set(fan.map(([, to]) => to));
  const first = fan.find(([from]) => !targets.has(from))?.[0] ?? fan[0]![0];
  let v: number | undefined = first;
  let n = 0;
  do {
    v = next.get(v);
    if (v !== undefined) n++;
  } while (v !== undefined && v !== first);
  return n === fan.length;
}
