// Closing the holes of a mesh (eyes, mouth), so that they keep their place when it is laid flat.

export interface FilledMesh {
  /** `(V + H) x 3`: the positions given, then the middle of each hole. */
  readonly positions: Float64Array;
  /** `(T + F) x 3`: the triangles given, then the fillings, with the same orientation. */
  readonly triangles: Uint32Array;
}

/**
 * Closes each hole by triangles from its border to the mean of its border's vertices.
 *
 * @param positions `V x 3`
 * @param triangles `T x 3` vertex indices
 * @param loops borders of the holes, with the mesh to their left, as `boundaryLoops` gives them
 */
export function fillHoles(
  positions: ArrayLike<number>,
  triangles: Uint32Array,
  loops: readonly (readonly number[])[],
): FilledMesh {
  const vertexCount = positions.length / 3;
  const out = new Float64Array((vertexCount + loops.length) * 3);
  out.set(positions);
  const added: number[] = [];
  for (const [h, loop] of loops.entries()) {
    const centre = vertexCount + h;
    for (const [i, vertex] of loop.entries()) {
      for (let k = 0; k < 3; k++) out[3 * centre + k]! += out[3 * vertex + k]! / loop.length;
      added.push(loop[(i + 1) % loop.length]!, vertex, centre);
    }
  }
  const filled = new Uint32Array(triangles.length + added.length);
  filled.set(triangles);
  filled.set(added, triangles.length);
  return { positions: out, triangles: filled };
}
