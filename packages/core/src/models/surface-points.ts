// Points that lie on a mesh's surface and move with it.
import { GanfitError } from "../errors.js";
import type { SurfacePoints } from "./morphable-model.js";

/**
 * Surface points that sit exactly on vertices: each in the first triangle that has its vertex.
 *
 * @param triangles `T x 3` vertex indices
 * @param vertices `n` indices
 * @throws GanfitError `model` where a vertex belongs to no triangle
 */
export function pointsAtVertices(
  triangles: Uint32Array,
  vertices: ArrayLike<number>,
): SurfacePoints {
  const corner = new Map<number, number>();
  for (let i = 0; i < vertices.length; i++) corner.set(vertices[i]!, -1);
  for (let c = 0; c < triangles.length; c++) {
    if (corner.get(triangles[c]!) === -1) corner.set(triangles[c]!, c);
  }
  const points = {
    triangles: new Uint32Array(vertices.length),
    barycentric: new Float32Array(3 * vertices.length),
  };
  for (let i = 0; i < vertices.length; i++) {
    const found = corner.get(vertices[i]!)!;
    if (found < 0) {
      throw new GanfitError("model", `Vertex ${vertices[i]} is a landmark but in no triangle.`);
    }
    points.triangles[i] = Math.floor(found / 3);
    points.barycentric[3 * i + (found % 3)] = 1;
  }
  return points;
}

/** Positions of surface points on a mesh of `V x 3` positions: `n x 3`. */
export function surfacePositions(
  positions: ArrayLike<number>,
  triangles: Uint32Array,
  points: SurfacePoints,
): Float32Array {
  const out = new Float32Array(points.barycentric.length);
  for (let i = 0; i < points.triangles.length; i++) {
    for (let k = 0; k < 3; k++) {
      let sum = 0;
      for (let c = 0; c < 3; c++) {
        const v = triangles[3 * points.triangles[i]! + c]!;
        sum += points.barycentric[3 * i + c]! * positions[3 * v + k]!;
      }
      out[3 * i + k] = sum;
    }
  }
  return out;
}
