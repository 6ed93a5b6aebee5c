// How much of a surface's surroundings is free: 1 on a forehead, near 0 inside a nostril, behind an
// ear or on the inside of a lid. It decides how many texels such places are worth.

import { vertexNormals } from "../../render/normals.js";
import type { SurfaceIndex } from "../closest-point.js";

/** Rays to each vertex: the normal and two rings around it, weighted by the cosine. */
const RAYS = [
  { tilt: 0, count: 1 },
  { tilt: 30, count: 5 },
  { tilt: 60, count: 7 },
];

/**
 * Share of a vertex's upper hemisphere from which no other surface is nearer than `reach`, weighted by
 * the cosine.
 *
 * @param positions `V x 3`, millimetres
 * @param triangles `T x 3`, those whose vertices are asked for
 * @param around everything that can stand in the way, usually the whole head
 * @param reach millimetres
 * @returns `V` values in [0, 1]; 1 where no triangle has the vertex
 */
export function openness(
  positions: Float32Array,
  triangles: Uint32Array,
  around: SurfaceIndex,
  reach = 20,
): Float32Array {
  const normals = vertexNormals(positions, triangles);
  const result = new Float32Array(positions.length / 3).fill(1);
  for (const v of new Set(triangles)) {
    const p = [positions[3 * v]!, positions[3 * v + 1]!, positions[3 * v + 2]!] as const;
    const n = [normals[3 * v]!, normals[3 * v + 1]!, normals[3 * v + 2]!] as const;
    const [s, t] = tangents(n);
    let free = 0;
    let total = 0;
    for (const { tilt, count } of RAYS) {
      const cosine = Math.cos((tilt * Math.PI) / 180);
      const sine = Math.sin((tilt * Math.PI) / 180);
      for (let i = 0; i < count; i++) {
        const angle = (2 * Math.PI * i) / count;
        const a = sine * Math.cos(angle);
        const b = sine * Math.sin(angle);
        const direction = [0, 1, 2].map((k) => cosine * n[k]! + a * s[k]! + b * t[k]!) as [
          number,
          number,
          number,
        ];
        total += cosine;
        // From a little above the surface, so that the vertex's own triangles are not met.
        const from = [0, 1, 2].map((k) => p[k]! + 0.05 * n[k]!) as [number, number, number];
        if (around.firstAlong(from, direction, 0, reach) === undefined) free += cosine;
      }
    }
    result[v] = free / total;
  }
  return result;
}

function tangents(n: readonly [number, number, number]) {
  const helper = Math.abs(n[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0];
  const along = helper[0]! * n[0] + helper[1]! * n[1] + helper[2]! * n[2];
  const raw = [0, 1, 2].map((k) => helper[k]! - along * n[k]!);
  const length = Math.hypot(...raw);
  const s = raw.map((value) => value / length);
  const t = [n[1] * s[2]! - n[2] * s[1]!, n[2] * s[0]! - n[0] * s[2]!, n[0] * s[1]! - n[1] * s[0]!];
  return [s, t] as const;
}
