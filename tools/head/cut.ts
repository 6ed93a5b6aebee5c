// Cuts a mesh along a plane so that its new border is one clean loop in that plane.

import {
  addCorners,
  addQuadrilateral,
  noTriangles,
  type TracedTriangles,
} from "./geometry-mesh.js";
import {
  blendRows,
  packRows,
  type Row,
  rowAt,
  rowCount,
  type Stencils,
} from "./geometry-stencils.js";

/** Points x with `normal . x >= offset` are kept. */
export interface Plane {
  readonly normal: readonly [number, number, number];
  readonly offset: number;
}

export interface CutMesh {
  /** Every old vertex under its old index (some moved along an edge onto the plane), then new ones. */
  readonly stencils: Stencils;
  readonly triangles: TracedTriangles;
  readonly symmetry: Uint32Array;
}

/** A vertex nearer to the plane than this share of an edge slides along that edge onto the plane. */
const SNAP = 0.3;

/**
 * @param stencils of the vertices; the new ones are interpolated from them
 * @param positions `N x 3` where the plane is meant
 * @param symmetry `N`; the plane must be its own mirror image
 */
export function cutByPlane(
  mesh: TracedTriangles,
  stencils: Stencils,
  positions: ArrayLike<number>,
  symmetry: Uint32Array,
  { normal, offset }: Plane,
): CutMesh {
  const count = rowCount(stencils);
  const height = new Float64Array(count);
  for (let v = 0; v < count; v++) {
    for (let i = 0; i < 3; i++) height[v]! += normal[i]! * positions[v * 3 + i]!;
    height[v]! -= offset;
  }
  const rows: Row[] = [];
  for (let v = 0; v < count; v++) rows.push(rowAt(stencils, v));
  const places = Float64Array.from(mesh.places);

  // Slivers would remain where the plane passes close by a vertex: such a vertex is slid onto it.
  const slides = new Map<number, { to: number; share: number }>();
  for (let t = 0; t < mesh.triangles.length; t += 3) {
    for (let i = 0; i < 3; i++) {
      const a = mesh.triangles[t + i]!;
      for (const b of [mesh.triangles[t + ((i + 1) % 3)]!, mesh.triangles[t + ((i + 2) % 3)]!]) {
        if (height[a]! * height[b]! >= 0) continue;
        // A vertex of the midline stays there.
        if (symmetry[a] === a && symmetry[b] !== b) continue;
        const share = height[a]! / (height[a]! - height[b]!);
        const known = slides.get(a);
        if (share <= SNAP && (!known || share < known.share)) slides.set(a, { to: b, share });
      }
    }
  }
  const original = rows.slice();
  for (const [v, { to, share }] of slides) {
    rows[v] = blendRows([
      [original[v]!, 1 - share],
      [original[to]!, share],
    ]);
    height[v] = 0;
  }

  const between = new Map<string, number>();
  const pairs: [number, number][] = [];
  const crossing = (a: number, b: number) => {
    const [low, high] = a < b ? [a, b] : [b, a];
    const known = between.get(`${low} ${high}`);
    if (known !== undefined) return known;
    const share = height[low]! / (height[low]! - height[high]!);
    const index = rows.length;
    rows.push(
      blendRows([
        [rows[low]!, 1 - share],
        [rows[high]!, share],
      ]),
    );
    pairs.push([low, high]);
    between.set(`${low} ${high}`, index);
    return index;
  };

  const pieces: {
    corners: { vertex: number; place: readonly [number, number] }[];
    face: number;
  }[] = [];
  for (let t = 0; t < mesh.faces.length; t++) {
    const corners = [0, 1, 2].map((i) => ({
      vertex: mesh.triangles[t * 3 + i]!,
      place: [places[t * 6 + i * 2]!, places[t * 6 + i * 2 + 1]!] as const,
    }));
    if (corners.every(({ vertex }) => height[vertex]! <= 0)) continue;
    const kept: { vertex: number; place: readonly [number, number] }[] = [];
    for (let i = 0; i < 3; i++) {
      const a = corners[i]!;
      const b = corners[(i + 1) % 3]!;
      const [ha, hb] = [height[a.vertex]!, height[b.vertex]!];
      if (ha >= 0) kept.push(a);
      if (ha * hb < 0) {
        const share = ha / (ha - hb);
        kept.push({
          vertex: crossing(a.vertex, b.vertex),
          place: [0, 1].map((k) => (1 - share) * a.place[k]! + share * b.place[k]!) as [
            number,
            number,
          ],
        });
      }
    }
    pieces.push({ corners: kept, face: mesh.faces[t]! });
  }

  const mirrored = new Uint32Array(rows.length);
  mirrored.set(symmetry);
  pairs.forEach(([a, b], i) => {
    const [low, high] = [symmetry[a]!, symmetry[b]!].sort((x, y) => x - y);
    mirrored[count + i] = between.get(`${low} ${high}`)!;
  });

  const packed = packRows(rows);
  const moved = new Float64Array(rows.length * 3);
  moved.set(Array.from(positions).slice(0, count * 3));
  pairs.forEach(([a, b], i) => {
    const share = height[a]! / (height[a]! - height[b]!);
    for (let k = 0; k < 3; k++) {
      moved[(count + i) * 3 + k] = (1 - share) * moved[a * 3 + k]! + share * moved[b * 3 + k]!;
    }
  });
  const triangles = noTriangles();
  for (const { corners, face } of pieces) {
    if (corners.length === 3) addCorners(triangles, corners, face);
    else {
      addQuadrilateral(
        triangles,
        [corners[0]!, corners[1]!, corners[2]!, corners[3]!],
        face,
        moved,
        mirrored,
      );
    }
  }
  return { stencils: packed, triangles, symmetry: mirrored };
}
