/** Finer meshes of the same surface. */

/** A finer mesh whose new vertices are midpoints: it lies exactly on the mesh that it was made of. */
export interface Refinement {
  /** `m x 2`: the two earlier vertices that each new one lies midway between. */
  readonly parents: Uint32Array;
  readonly triangles: Uint32Array;
}

/** Share of all edges that is split in one round at most: the longest first, so that triangles keep their form. */
const SHARE = 0.25;

/**
 * Splits the longest edges until there are as many vertices as asked for. Points are not smoothed: the truth is the
 * coarse surface, and a smoothed scan would be off it by an error of its own.
 *
 * @param positions `V x 3`
 * @param triangles `T x 3`, at least one edge
 * @param count vertices in the end, at least V
 */
export function refine(positions: Float64Array, triangles: Uint32Array, count: number): Refinement {
  const points = Array.from(positions);
  const parents: number[] = [];
  let current = Array.from(triangles);
  let vertices = positions.length / 3;
  while (vertices < count) {
    const edges = longestFirst(points, current, vertices);
    const split = new Map<number, number>();
    const most = Math.min(count - vertices, Math.ceil(SHARE * edges.length));
    const base = vertices;
    for (const edge of edges.slice(0, most)) {
      const [a, b] = [Math.floor(edge / base), edge % base];
      for (let k = 0; k < 3; k++) points.push((points[3 * a + k]! + points[3 * b + k]!) / 2);
      parents.push(a, b);
      split.set(edge, vertices++);
    }
    current = splitTriangles(points, current, (a, b) =>
      split.get(Math.min(a, b) * base + Math.max(a, b)),
    );
  }
  return { parents: Uint32Array.from(parents), triangles: Uint32Array.from(current) };
}

/** Edges as `smaller * vertices + larger`, ties in the order of that number. */
function longestFirst(points: number[], triangles: number[], vertices: number): number[] {
  const lengths = new Map<number, number>();
  for (let corner = 0; corner < triangles.length; corner++) {
    const a = triangles[corner]!;
    const b = triangles[corner % 3 === 2 ? corner - 2 : corner + 1]!;
    lengths.set(Math.min(a, b) * vertices + Math.max(a, b), squaredLength(points, a, b));
  }
  return [...lengths].sort((p, q) => q[1] - p[1] || p[0] - q[0]).map(([edge]) => edge);
}

/** Each triangle becomes one to four, as one to three of its edges have been split. */
function splitTriangles(
  points: number[],
  triangles: number[],
  middle: (a: number, b: number) => number | undefined,
): number[] {
  const out: number[] = [];
  for (let t = 0; t < triangles.length; t += 3) {
    let [a, b, c] = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!];
    let [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
    const known = [ab, bc, ca].filter((vertex) => vertex !== undefined).length;
    // Turned so that the first edge is the one split, or the last the one that is not.
    while ((known === 1 && ab === undefined) || (known === 2 && ca !== undefined)) {
      [a, b, c] = [b, c, a];
      [ab, bc, ca] = [bc, ca, ab];
    }
    if (known === 0) out.push(a, b, c);
    else if (known === 1) out.push(a, ab!, c, ab!, b, c);
    else if (known === 3) out.push(a, ab!, ca!, ab!, b, bc!, ca!, bc!, c, ab!, bc!, ca!);
    else {
      out.push(ab!, b, bc!);
      // What is left has four corners: cut along its shorter diagonal.
      if (squaredLength(points, a, bc!) <= squaredLength(points, ab!, c)) {
        out.push(a, ab!, bc!, a, bc!, c);
      } else out.push(a, ab!, c, ab!, bc!, c);
    }
  }
  return out;
}

function squaredLength(points: number[], a: number, b: number): number {
  let sum = 0;
  for (let k = 0; k < 3; k++) sum += (points[3 * a + k]! - points[3 * b + k]!) ** 2;
  return sum;
}
