import type { Mesh } from "../src/geometry/mesh.js";

/** A face-like sheet of about so many vertices, 200 mm wide and high, its middle 60 mm before its rim. */
export function bumpySurface(vertexCount: number): Mesh {
  const side = Math.round(Math.sqrt(vertexCount));
  const positions = new Float64Array(3 * side * side);
  const triangles: number[] = [];
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const u = i / (side - 1) - 0.5;
      const v = j / (side - 1) - 0.5;
      const dome = 60 * Math.cos(Math.PI * u) * Math.cos(Math.PI * v);
      const bumps = 3 * Math.sin(40 * u) * Math.cos(31 * v);
      positions.set([200 * u, 200 * v, dome + bumps], 3 * (side * i + j));
      if (i === side - 1 || j === side - 1) continue;
      const a = side * i + j;
      triangles.push(a, a + side, a + side + 1, a, a + side + 1, a + 1);
    }
  }
  return { positions, triangles: Uint32Array.from(triangles) };
}
