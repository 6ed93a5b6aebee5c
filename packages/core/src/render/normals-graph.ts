// Normals as a graph: normals.ts with gradients.
//
// The triangles' normals are added at their corners by a scatter with constant indices (1 ms for 20,000
// triangles), whose adjoint is a plain gather. A table of each vertex's triangles, gathered and summed,
// has twice the time at this width (autodiff's lowering/scatter.ts), and the scatter in its adjoint.

import { concat, fill, scatterND, sub, type Tensor, transpose } from "@ganfit/autodiff";
import { cornerColumns, crossColumns, unitColumns } from "./planes.js";

/**
 * Unit normals at the vertices: the sum of the adjoining triangles' normals weighted by their area. A
 * vertex without triangles gets 0.
 *
 * @param vertices [V, 3]
 * @param triangles `T x 3`, counter-clockwise seen from outside
 * @returns [V, 3]
 */
export function smoothNormals(vertices: Tensor, triangles: Uint32Array): Tensor {
  const [a, b, c] = cornerColumns(vertices, triangles);
  const faces = transpose(crossColumns(sub(b, a), sub(c, a)));
  const indices = BigInt64Array.from({ length: triangles.length }, (_, i) => {
    const corner = Math.floor(i / (triangles.length / 3));
    return BigInt(triangles[3 * (i % (triangles.length / 3)) + corner]!);
  });
  const summed = scatterND(
    fill(vertices, 0),
    vertices.graph.constant(indices, "int64", [indices.length, 1]),
    concat([faces, faces, faces], 0),
    "add",
  );
  return unitRows(summed);
}

/** The rows of [N, 3] at length 1, those of no length zero: interpolated normals are too short. */
export function unitRows(vectors: Tensor): Tensor {
  return transpose(unitColumns(transpose(vectors)));
}
