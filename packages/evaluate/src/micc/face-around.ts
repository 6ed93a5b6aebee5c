/** The piece of a mesh around a point. */
import { GanfitError } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";

/**
 * Vertices nearer to a point than the radius, of triangles that have all corners that near: menpo drops those that
 * cutting leaves without a triangle (`TriMesh.from_mask`).
 *
 * @param centre in the mesh's unit, as is the radius
 * @returns indices, ascending
 * @throws GanfitError `data` where there are none
 */
export function verticesAround(
  { positions, triangles }: Mesh,
  centre: readonly [number, number, number],
  radius: number,
): Uint32Array {
  const near = (v: number) =>
    Math.hypot(
      positions[3 * v]! - centre[0],
      positions[3 * v + 1]! - centre[1],
      positions[3 * v + 2]! - centre[2],
    ) < radius;
  const kept = new Uint8Array(positions.length / 3);
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = triangles.subarray(t, t + 3);
    if (corners.every(near)) for (const v of corners) kept[v] = 1;
  }
  const vertices = Uint32Array.from(kept.keys()).filter((v) => kept[v] === 1);
  if (vertices.length === 0) {
    throw new GanfitError(
      "data",
      `No triangle of the mesh lies within ${radius} mm of its nose tip: check the landmarks and the unit of the mesh.`,
    );
  }
  return vertices;
}
