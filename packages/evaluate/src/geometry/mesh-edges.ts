/** The edges of triangle meshes. */

/**
 * Each edge once, whatever the number and direction of its triangles.
 *
 * @param triangles `T x 3` vertex indices; of a triangle that names a vertex twice only true edges count
 * @returns `E x 2`, the lower vertex first, ascending
 */
export function edgesOf(triangles: Uint32Array): Uint32Array {
  let vertexCount = 0;
  for (const v of triangles) vertexCount = Math.max(vertexCount, v + 1);
  // Below 2^53 up to 94 million vertices.
  const keys = new Float64Array(triangles.length);
  let count = 0;
  for (let i = 0; i < triangles.length; i++) {
    const a = triangles[i]!;
    const b = triangles[i % 3 === 2 ? i - 2 : i + 1]!;
    if (a !== b) keys[count++] = Math.min(a, b) * vertexCount + Math.max(a, b);
  }
  const sorted = keys.subarray(0, count).sort();
  const edges = new Uint32Array(2 * count);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const key = sorted[i]!;
    if (key === sorted[i - 1]) continue;
    edges[end++] = Math.floor(key / vertexCount);
    edges[end++] = key % vertexCount;
  }
  return edges.slice(0, end);
}
