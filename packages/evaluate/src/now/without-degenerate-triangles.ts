import type { Mesh } from "../geometry/mesh.js";

/**
 * The mesh without triangles that have no area: two corners in one place, or all on a line, as far as the sine of the angle
 * at the first corner tells (now_evaluation's `clean_degenerated_faces`; 1e-12 allows for rounding). Vertices stay.
 */
export function withoutDegenerateTriangles({ positions, triangles }: Mesh): Mesh {
  const kept = new Uint32Array(triangles.length);
  let count = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = triangles.subarray(t, t + 3);
    if (!(sineOfFirstCorner(positions, corners) > 1e-12)) continue;
    kept.set(corners, count);
    count += 3;
  }
  return { positions, triangles: kept.slice(0, count) };
}

function sineOfFirstCorner(positions: Float64Array, [a = 0, b = 0, c = 0]: Uint32Array): number {
  const unit = (to: number) => {
    const edge = [0, 1, 2].map((k) => positions[3 * to + k]! - positions[3 * a + k]!);
    const length = Math.hypot(...edge) || 1;
    return edge.map((value) => value / length);
  };
  const [u, v] = [unit(b), unit(c)];
  return Math.hypot(
    u[1]! * v[2]! - u[2]! * v[1]!,
    u[2]! * v[0]! - u[0]! * v[2]!,
    u[0]! * v[1]! - u[1]! * v[0]!,
  );
}
