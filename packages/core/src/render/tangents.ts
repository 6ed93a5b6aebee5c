/** Directions on a surface along which its texture coordinates grow, for normal maps. */

export interface TangentMesh {
  /** `V x 3`, millimetres. */
  readonly positions: Float32Array;
  /** `T x 3` indices of vertices. */
  readonly triangles: Uint32Array;
  /** `M x 2`: u and v. */
  readonly coordinates: Float32Array;
  /** `T x 3` indices into `coordinates`. */
  readonly coordinateTriangles: Uint32Array;
}

/**
 * The direction in which u grows, at each texture coordinate: the mean over the triangles around it, which
 * a corner counts for by its angle in the mesh, as MikkTSpace has it (Mikkelsen 2008). It is neither of unit length
 * nor square to the normal; both are for whoever interpolates it.
 *
 * @returns `M x 3`; 0 where no triangle has an area in the texture
 */
export function uTangents(mesh: TangentMesh): Float32Array {
  const { positions, triangles, coordinates, coordinateTriangles } = mesh;
  const out = new Float32Array((coordinates.length / 2) * 3);
  const along = [0, 0, 0];
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => 3 * triangles[t + k]!) as Three;
    const [p, q, r] = [0, 1, 2].map((k) => 2 * coordinateTriangles[t + k]!) as Three;
    const v1 = coordinates[q + 1]! - coordinates[p + 1]!;
    const v2 = coordinates[r + 1]! - coordinates[p + 1]!;
    const area =
      (coordinates[q]! - coordinates[p]!) * v2 - (coordinates[r]! - coordinates[p]!) * v1;
    if (area === 0) continue;
    for (let k = 0; k < 3; k++) {
      const e1 = positions[b + k]! - positions[a + k]!;
      const e2 = positions[c + k]! - positions[a + k]!;
      along[k] = (e1 * v2 - e2 * v1) / area;
    }
    const length = Math.hypot(along[0]!, along[1]!, along[2]!);
    if (!(length > 0)) continue;
    const corners = [a, b, c] as const;
    for (let k = 0; k < 3; k++) {
      const [here, next, last] = [corners[k]!, corners[(k + 1) % 3]!, corners[(k + 2) % 3]!];
      const weight = angleAt(positions, here, next, last) / length;
      const to = 3 * coordinateTriangles[t + k]!;
      for (let i = 0; i < 3; i++) out[to + i]! += weight * along[i]!;
    }
  }
  return out;
}

/**
 * The tangents of a mesh whose vertices have a place in the texture each, as glTF has them: unit, square to
 * the normals, with a fourth number w so that w (N x T) points up in the texture.
 *
 * @param mesh `coordinateTriangles` are its `triangles`
 * @param normals `V x 3`, unit
 * @returns `V x 4`
 */
export function vertexTangents(mesh: TangentMesh, normals: Float32Array): Float32Array {
  const { triangles, coordinates } = mesh;
  const along = uTangents(mesh);
  const out = new Float32Array((normals.length / 3) * 4);
  for (let v = 0; v < normals.length / 3; v++) {
    const n = normals.subarray(3 * v, 3 * v + 3);
    // Where the texture has no direction any will do: the axis that lies flattest.
    const flattest = n.reduce((best, x, k) => (Math.abs(x) < Math.abs(n[best]!) ? k : best), 0);
    const axis = [0, 1, 2].map((k) => (k === flattest ? 1 : 0));
    for (const tangent of [along.subarray(3 * v, 3 * v + 3), axis]) {
      const dot = n[0]! * tangent[0]! + n[1]! * tangent[1]! + n[2]! * tangent[2]!;
      const square = [0, 1, 2].map((k) => tangent[k]! - dot * n[k]!);
      const length = Math.hypot(...square);
      if (!(length > 1e-6)) continue;
      out.set([...square.map((value) => value / length), 1], 4 * v);
      break;
    }
  }
  for (let t = 0; t < triangles.length; t += 3) {
    const [p, q, r] = [0, 1, 2].map((k) => 2 * triangles[t + k]!) as Three;
    const area =
      (coordinates[q]! - coordinates[p]!) * (coordinates[r + 1]! - coordinates[p + 1]!) -
      (coordinates[r]! - coordinates[p]!) * (coordinates[q + 1]! - coordinates[p + 1]!);
    // v runs down: what is not mirrored turns the other way.
    if (area > 0) for (let k = 0; k < 3; k++) out[4 * triangles[t + k]! + 3] = -1;
  }
  return out;
}

type Three = [number, number, number];

/** Radians between two edges that meet in a vertex. */
function angleAt(positions: Float32Array, here: number, next: number, last: number): number {
  let [dot, a, b] = [0, 0, 0];
  for (let i = 0; i < 3; i++) {
    const x = positions[next + i]! - positions[here + i]!;
    const y = positions[last + i]! - positions[here + i]!;
    dot += x * y;
    a += x * x;
    b += y * y;
  }
  return a > 0 && b > 0 ? Math.acos(Math.min(1, Math.max(-1, dot / Math.sqrt(a * b)))) : 0;
}
