/** Normals as menpo takes them. */

/**
 * Unit normals of triangles, right-handed by their corners; zero where a triangle has no area.
 *
 * @param positions `V x 3`
 * @param triangles `T x 3`
 * @returns `T x 3`
 */
export function triangleNormals(positions: Float64Array, triangles: Uint32Array): Float64Array {
  const normals = new Float64Array(triangles.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!];
    const ux = positions[b]! - positions[a]!;
    const uy = positions[b + 1]! - positions[a + 1]!;
    const uz = positions[b + 2]! - positions[a + 2]!;
    const vx = positions[c]! - positions[a]!;
    const vy = positions[c + 1]! - positions[a + 1]!;
    const vz = positions[c + 2]! - positions[a + 2]!;
    normals[t] = uy * vz - uz * vy;
    normals[t + 1] = uz * vx - ux * vz;
    normals[t + 2] = ux * vy - uy * vx;
  }
  return unitRows(normals);
}

/**
 * Unit normals of vertices: the sum of the unit normals of their triangles, whatever the triangles' areas; zero where
 * a vertex has none.
 *
 * @returns `V x 3`
 */
export function vertexNormals(positions: Float64Array, triangles: Uint32Array): Float64Array {
  const faces = triangleNormals(positions, triangles);
  const sums = new Float64Array(positions.length);
  for (let i = 0; i < triangles.length; i++) {
    const t = i - (i % 3);
    const v = 3 * triangles[i]!;
    for (let k = 0; k < 3; k++) sums[v + k]! += faces[t + k]!;
  }
  return unitRows(sums);
}

/** In place. Shorter than the rounding error of 1 counts as zero, as in menpo. */
function unitRows(rows: Float64Array): Float64Array {
  for (let i = 0; i < rows.length; i += 3) {
    const length = Math.hypot(rows[i]!, rows[i + 1]!, rows[i + 2]!);
    for (let k = 0; k < 3; k++) rows[i + k] = length < Number.EPSILON ? 0 : rows[i + k]! / length;
  }
  return rows;
}
