/** Meshes with fewer vertices: equal ones merged, or some of them only. */
import type { Mesh } from "./mesh.js";
import { pickPoints } from "./points.js";

/** Where {@link mergeEqualVertices} says that a vertex is gone. */
export const GONE = 0xffffffff;

/** Decimal places in which equal vertices agree. */
const DIGITS = 1e8;

/**
 * Vertices whose coordinates agree when rounded to eight decimal places become the first of them, and
 * vertices of no triangle go. The others keep their order, and all triangles stay. This is what trimesh,
 * which the public evaluation code reads its meshes with, does on loading.
 *
 * @returns the mesh and, for each old vertex, its new index or {@link GONE}
 */
export function mergeEqualVertices({
  positions,
  triangles,
}: Mesh): Mesh & { readonly merged: Uint32Array } {
  const used = new Uint8Array(positions.length / 3);
  for (const v of triangles) used[v] = 1;
  const merged = new Uint32Array(used.length).fill(GONE);
  const known = new Map<string, number>();
  const kept: number[] = [];
  for (let v = 0; v < used.length; v++) {
    if (used[v] === 0) continue;
    const key = `${rounded(positions[3 * v]!)},${rounded(positions[3 * v + 1]!)},${rounded(positions[3 * v + 2]!)}`;
    let index = known.get(key);
    if (index === undefined) {
      index = kept.push(v) - 1;
      known.set(key, index);
    }
    merged[v] = index;
  }
  return {
    positions: pickPoints(positions, kept),
    triangles: triangles.map((v) => merged[v]!),
    merged,
  };
}

/**
 * The part of a mesh that some vertices span: those vertices in their order, whether a triangle has them
 * or not, and the triangles with all corners among them.
 *
 * @param keep asked once for each vertex
 * @returns the part and, for each of its vertices, the index in the whole
 */
export function keepVertices(
  { positions, triangles }: Mesh,
  keep: (v: number) => boolean,
): Mesh & { readonly kept: Uint32Array } {
  const kept: number[] = [];
  const newIndex = new Int32Array(positions.length / 3).fill(-1);
  for (let v = 0; v < newIndex.length; v++) if (keep(v)) newIndex[v] = kept.push(v) - 1;
  const left: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    const a = newIndex[triangles[t]!]!;
    const b = newIndex[triangles[t + 1]!]!;
    const c = newIndex[triangles[t + 2]!]!;
    if (a >= 0 && b >= 0 && c >= 0) left.push(a, b, c);
  }
  return {
    positions: pickPoints(positions, kept),
    triangles: Uint32Array.from(left),
    kept: Uint32Array.from(kept),
  };
}

function rounded(x: number): number {
  return Math.round(x * DIGITS);
}
