// The least squares problem of a non-rigid step (Amberg, Romdhani, Vetter 2007, equation 12) and its
// normal equations: a 4 x 4 block for each vertex and each edge, three right-hand sides.

/** Rows `w d_v X_v = w t` of the least squares problem, one for each of some vertices. */
export interface TargetRows {
  /** Vertex of each row, any number of times; null for every vertex once, in order. */
  readonly vertices: Uint32Array | null;
  /** `R x 3`, in the unit of the positions. */
  readonly targets: Float64Array;
  /** `R`; rows of weight zero are left out, whatever their targets. */
  readonly weights: Float64Array;
}

export interface DeformationStep {
  /** How alike the maps of neighbours are, above 0: the paper's alpha. */
  readonly stiffness: number;
  /** The diagonal of the paper's G, above 0: the weights of the three linear rows and of the shift. */
  readonly balance: readonly [number, number, number, number];
  /** `V x 3`: the vertices that are moved. */
  readonly positions: Float64Array;
  readonly rows: readonly TargetRows[];
}

/**
 * The vertices where their maps bring them, `(x, y, z, 1) X` for each.
 *
 * @param positions `V x 3`
 * @param transforms `V x 4 x 3`
 * @returns `V x 3`
 */
export function deform(positions: Float64Array, transforms: Float64Array): Float64Array {
  if (transforms.length !== 4 * positions.length) {
    throw new RangeError(`deform: ${positions.length} coordinates, ${transforms.length} numbers`);
  }
  const out = new Float64Array(positions.length);
  for (let i = 0; i < out.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      const at = 4 * i + k;
      out[i + k] =
        positions[i]! * transforms[at]! +
        positions[i + 1]! * transforms[at + 3]! +
        positions[i + 2]! * transforms[at + 6]! +
        transforms[at + 9]!;
    }
  }
  return out;
}

/** `V x 4 x 4`: the diagonal blocks of the normal equations. @param ties minus (stiffness G)^2 */
export function diagonalBlocks(
  { positions, rows }: DeformationStep,
  edges: Uint32Array,
  ties: readonly number[],
): Float64Array {
  const blocks = new Float64Array((16 * positions.length) / 3);
  for (const v of edges) for (let i = 0; i < 4; i++) blocks[16 * v + 5 * i]! -= ties[i]!;
  for (const { vertices, weights } of rows) {
    for (let r = 0; r < weights.length; r++) {
      const v = vertices === null ? r : vertices[r]!;
      const d = [positions[3 * v]!, positions[3 * v + 1]!, positions[3 * v + 2]!, 1];
      const square = weights[r]! * weights[r]!;
      for (let i = 0; i < 16; i++) blocks[16 * v + i]! += square * d[i >> 2]! * d[i & 3]!;
    }
  }
  return blocks;
}

/** `V x 4 x 3`: minus half the gradient of what is minimised, at `x`. */
export function descent(
  { positions, rows }: DeformationStep,
  edges: Uint32Array,
  ties: readonly number[],
  x: Float64Array,
): Float64Array {
  const out = new Float64Array(x.length);
  for (let e = 0; e < edges.length; e += 2) {
    const a = 12 * edges[e]!;
    const b = 12 * edges[e + 1]!;
    for (let i = 0; i < 4; i++) {
      for (let k = 3 * i; k < 3 * i + 3; k++) {
        const pull = ties[i]! * (x[a + k]! - x[b + k]!);
        out[a + k]! += pull;
        out[b + k]! -= pull;
      }
    }
  }
  const moved = deform(positions, x);
  for (const { vertices, targets, weights } of rows) {
    for (let r = 0; r < weights.length; r++) {
      if (weights[r] === 0) continue;
      const v = vertices === null ? r : vertices[r]!;
      const square = weights[r]! * weights[r]!;
      for (let k = 0; k < 3; k++) {
        const error = square * (targets[3 * r + k]! - moved[3 * v + k]!);
        for (let i = 0; i < 3; i++) out[12 * v + 3 * i + k]! += positions[3 * v + i]! * error;
        out[12 * v + 9 + k]! += error;
      }
    }
  }
  return out;
}
