// A tree of boxes over a mesh's triangles in double precision. three-mesh-bvh plans it on single
// precision copies; its boxes are then measured anew on the numbers themselves.

import { GanfitError } from "@ganfit/core";
import { BufferAttribute, BufferGeometry } from "three";
import { MeshBVH } from "three-mesh-bvh";
import type { Mesh } from "./mesh.js";
import { CORNERS } from "./point-triangle.js";

/** Nodes come before what is below them: the first child of node `n` is `n + 1`. */
export interface TriangleTree {
  /** `N x 6`: least and greatest x, y, z. */
  readonly boxes: Float64Array;
  /** Second child of each node; 0 for leaves. */
  readonly second: Uint32Array;
  /** Where the triangles of each leaf begin. */
  readonly first: Uint32Array;
  /** How many triangles each leaf has. */
  readonly count: Uint32Array;
  /** `T x 9`: corners in the order of the leaves. */
  readonly corners: Float64Array;
  /** Their indices in the mesh. */
  readonly triangles: Uint32Array;
  /** Levels of nodes. */
  readonly depth: number;
  /** Length of the diagonal of all. */
  readonly size: number;
}

/**
 * Triangles in a leaf. 1, 2, 4, 8 are equally fast within noise; this has fewer nodes to plan. So is the
 * surface area heuristic, which takes four times as long to plan (310 ms of 100,000 triangles for 80).
 */
const LEAF_SIZE = 4;

/**
 * Triangles with a corner that is not finite are left out.
 *
 * @throws GanfitError `data` where no triangle is left
 */
export function triangleTree({ positions, triangles }: Mesh): TriangleTree {
  const usable = finiteTriangles(positions, triangles);
  if (usable.length === 0) {
    throw new GanfitError("data", "The mesh has no triangles, so no point of it is the closest.");
  }
  const { copy, size } = singlePrecision(positions, triangles, usable);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(copy, 3));
  const options = { indirect: true, targetLeafSize: LEAF_SIZE, verbose: false };
  const bvh = new MeshBVH(geometry, options);

  const second: number[] = [];
  const first: number[] = [];
  const count: number[] = [];
  const order = new Uint32Array(usable.length);
  let placed = 0;
  let depth = 0;
  // Nodes of the current path: the last one at each depth.
  const path: number[] = [];
  bvh.traverse((level, isLeaf, _box, offset, size) => {
    const node = second.length;
    const above = path[level - 1];
    if (above !== undefined && node !== above + 1) second[above] = node;
    path[level] = node;
    depth = Math.max(depth, level + 1);
    second.push(0);
    first.push(placed);
    count.push(isLeaf ? size : 0);
    if (isLeaf) {
      for (let i = 0; i < size; i++)
        order[placed++] = usable[bvh.resolveTriangleIndex(offset + i)]!;
    }
  });
  const corners = new Float64Array(CORNERS * order.length);
  for (let t = 0; t < order.length; t++) {
    for (let i = 0; i < CORNERS; i++) {
      const v = triangles[3 * order[t]! + Math.floor(i / 3)]!;
      corners[CORNERS * t + i] = positions[3 * v + (i % 3)]!;
    }
  }
  const nodes = {
    second: Uint32Array.from(second),
    first: Uint32Array.from(first),
    count: Uint32Array.from(count),
  };
  return { ...nodes, boxes: boxesOf(nodes, corners), corners, triangles: order, depth, size };
}

function finiteTriangles(positions: Float64Array, triangles: Uint32Array): Uint32Array {
  const usable = new Uint32Array(triangles.length / 3);
  let count = 0;
  for (let t = 0; t < usable.length; t++) {
    let sum = 0;
    for (let i = 3 * t; i < 3 * t + 3; i++) {
      const v = 3 * triangles[i]!;
      sum += positions[v]! - positions[v]! + (positions[v + 1]! - positions[v + 1]!);
      sum += positions[v + 2]! - positions[v + 2]!;
    }
    if (sum === 0) usable[count++] = t;
  }
  return usable.slice(0, count);
}

/** The corners around their middle in units of their size, so that single precision suits any mesh. */
function singlePrecision(positions: Float64Array, triangles: Uint32Array, usable: Uint32Array) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const t of usable) {
    for (let i = 0; i < 9; i++) {
      const x = positions[3 * triangles[3 * t + Math.floor(i / 3)]! + (i % 3)]!;
      if (x < low[i % 3]!) low[i % 3] = x;
      if (x > high[i % 3]!) high[i % 3] = x;
    }
  }
  const size = Math.hypot(...high.map((x, k) => x - low[k]!));
  const copy = new Float32Array(9 * usable.length);
  usable.forEach((t, n) => {
    for (let i = 0; i < 9; i++) {
      const x = positions[3 * triangles[3 * t + Math.floor(i / 3)]! + (i % 3)]!;
      copy[9 * n + i] = (x - (low[i % 3]! + high[i % 3]!) / 2) / (size || 1);
    }
  });
  return { copy, size };
}

function boxesOf(
  { second, first, count }: Pick<TriangleTree, "second" | "first" | "count">,
  corners: Float64Array,
): Float64Array {
  const boxes = new Float64Array(6 * second.length);
  for (let n = second.length - 1; n >= 0; n--) {
    for (let k = 0; k < 3; k++) {
      let low = Infinity;
      let high = -Infinity;
      if (count[n] === 0) {
        const [a, b] = [6 * (n + 1) + k, 6 * second[n]! + k];
        low = Math.min(boxes[a]!, boxes[b]!);
        high = Math.max(boxes[a + 3]!, boxes[b + 3]!);
      }
      const end = CORNERS * (first[n]! + count[n]!);
      for (let i = CORNERS * first[n]! + k; i < end; i += 3) {
        low = Math.min(low, corners[i]!);
        high = Math.max(high, corners[i]!);
      }
      boxes[6 * n + k] = low;
      boxes[6 * n + 3 + k] = high;
    }
  }
  return boxes;
}
