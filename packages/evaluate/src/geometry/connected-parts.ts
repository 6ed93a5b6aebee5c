/**
 * Which connected part of a mesh each vertex belongs to.
 *
 * @param edges `E x 2` vertex indices
 * @returns `V` numbers of parts, from 0 on, in the order of their first vertices
 */
export function connectedParts(vertexCount: number, edges: Uint32Array): Uint32Array {
  const above = Uint32Array.from({ length: vertexCount }, (_, v) => v);
  const topOf = (v: number): number => {
    while (above[v] !== v) {
      above[v] = above[above[v]!]!;
      v = above[v]!;
    }
    return v;
  };
  for (let e = 0; e < edges.length; e += 2) {
    const a = topOf(edges[e]!);
    const b = topOf(edges[e + 1]!);
    above[Math.max(a, b)] = Math.min(a, b);
  }
  // The top of a part is its first vertex.
  const parts = new Uint32Array(vertexCount);
  let count = 0;
  for (let v = 0; v < vertexCount; v++) {
    const top = topOf(v);
    parts[v] = top === v ? count++ : parts[top]!;
  }
  return parts;
}
