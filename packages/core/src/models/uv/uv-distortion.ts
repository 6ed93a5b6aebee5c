// How much a map of a triangle mesh into the plane distorts it, with the gradient: the energy of
//
//   V. Garanzha, I. Kaporin, L. Kudryavtseva, F. Protais, N. Ray, D. Sokolov, "Foldover-free maps in
//   50 lines of code", ACM Transactions on Graphics 40(4) (SIGGRAPH 2021).
//
// With J the 2 x 2 Jacobian of the map from a triangle's reference shape,
//
//     F = sum_t w_t ( |J|^2 / chi(det J) + lambda (det(J)^2 + 1) / chi(det J) ),
//     chi(d) = (d + sqrt(eps^2 + d^2)) / 2.
//
// The first term is smallest for maps that keep angles, the second for maps that keep areas. For
// eps = 0 both are infinite where a triangle has no area or is turned over; for eps > 0 F is finite and
// smooth everywhere, so that an optimiser can start from a map with folds and remove them while eps
// shrinks.

/** Triangles with the shapes that they should have in the plane. */
export interface ReferenceMesh {
  /** `T x 3` indices of the map's vertices. */
  readonly triangles: Uint32Array;
  /**
   * `T x 4`: gradients of the barycentric coordinates of corners 1 and 2 in the reference shape,
   * `g1x g1y g2x g2y` (that of corner 0 is minus their sum).
   */
  readonly gradients: Float64Array;
  /** `T` weights, usually the reference areas, with the sum 1. */
  readonly weights: Float64Array;
}

/** Points of the mesh that should lie at given places of the plane. */
export interface PointTargets {
  /** `N x 3` vertices of the map whose weighted mean is the point. */
  readonly vertices: Uint32Array;
  /** `N x 3` barycentric weights. */
  readonly barycentric: Float64Array;
  /** `N x 2`. */
  readonly positions: Float64Array;
  /** `N` factors of the squared distance. */
  readonly weights: Float64Array;
}

/**
 * The reference shapes: the triangles as they are in space, made larger or smaller.
 *
 * @param positions `V x 3`
 * @param triangles `T x 3` indices into `positions`
 * @param mapTriangles `T x 3` indices of the map's vertices
 * @param scale for each triangle, the length in the plane of a unit length in space
 * @param importance for each triangle, a factor of its weight
 */
export function referenceMesh(
  positions: ArrayLike<number>,
  triangles: Uint32Array,
  mapTriangles: Uint32Array,
  scale: (triangle: number) => number,
  importance: (triangle: number) => number = () => 1,
): ReferenceMesh {
  const count = triangles.length / 3;
  const gradients = new Float64Array(count * 4);
  const weights = new Float64Array(count);
  let total = 0;
  for (let t = 0; t < count; t++) {
    const a = triangles[3 * t]! * 3;
    const b = triangles[3 * t + 1]! * 3;
    const c = triangles[3 * t + 2]! * 3;
    const u = [0, 1, 2].map((k) => positions[b + k]! - positions[a + k]!);
    const v = [0, 1, 2].map((k) => positions[c + k]! - positions[a + k]!);
    const uu = u[0]! * u[0]! + u[1]! * u[1]! + u[2]! * u[2]!;
    const vv = v[0]! * v[0]! + v[1]! * v[1]! + v[2]! * v[2]!;
    const uv = u[0]! * v[0]! + u[1]! * v[1]! + u[2]! * v[2]!;
    // Corner 1 on the x axis. A triangle that is nearly a line gets a hundredth of its longest
    // edge as its height: it has to become something in the plane.
    const s = scale(t);
    const length = Math.sqrt(Math.max(uu, 1e-12));
    const x = uv / length;
    const longest = Math.max(uu, vv, uu + vv - 2 * uv, 1e-12);
    const height = Math.max(Math.sqrt(Math.max(vv - x * x, 0)), 1e-2 * Math.sqrt(longest));
    gradients[4 * t] = 1 / (s * length);
    gradients[4 * t + 1] = -x / (s * length * height);
    gradients[4 * t + 2] = 0;
    gradients[4 * t + 3] = 1 / (s * height);
    const weight = 0.5 * length * height * s * s * importance(t);
    weights[t] = weight;
    total += weight;
  }
  for (let t = 0; t < count; t++) weights[t]! /= total;
  return { triangles: mapTriangles, gradients, weights };
}

/**
 * Value and gradient of the distortion, with the smallest determinant of the Jacobian.
 *
 * @param map `M x 2`
 * @param lambda weight of the area term
 * @param epsilon from 0; 0 gives Infinity for a map with folds
 * @param gradient `M x 2`, added to
 */
export function distortion(
  mesh: ReferenceMesh,
  map: Float64Array,
  lambda: number,
  epsilon: number,
  gradient: Float64Array,
): { value: number; smallest: number } {
  const { triangles, gradients, weights } = mesh;
  const count = weights.length;
  const epsilon2 = epsilon * epsilon;
  let value = 0;
  let smallest = Infinity;
  for (let t = 0; t < count; t++) {
    const ia = triangles[3 * t]! * 2;
    const ib = triangles[3 * t + 1]! * 2;
    const ic = triangles[3 * t + 2]! * 2;
    const g1x = gradients[4 * t]!;
    const g1y = gradients[4 * t + 1]!;
    const g2x = gradients[4 * t + 2]!;
    const g2y = gradients[4 * t + 3]!;
    const ubx = map[ib]! - map[ia]!;
    const uby = map[ib + 1]! - map[ia + 1]!;
    const ucx = map[ic]! - map[ia]!;
    const ucy = map[ic + 1]! - map[ia + 1]!;
    const j00 = ubx * g1x + ucx * g2x;
    const j01 = ubx * g1y + ucx * g2y;
    const j10 = uby * g1x + ucy * g2x;
    const j11 = uby * g1y + ucy * g2y;
    const det = j00 * j11 - j01 * j10;
    if (det < smallest) smallest = det;
    const root = Math.sqrt(epsilon2 + det * det);
    // Written so that nothing cancels for a large negative determinant.
    const chi = det > 0 ? 0.5 * (det + root) : (0.5 * epsilon2) / (root - det);
    if (!(chi > 0)) return { value: Infinity, smallest };
    const slope = chi / root;
    const squares = j00 * j00 + j01 * j01 + j10 * j10 + j11 * j11;
    const top = squares + lambda * (det * det + 1);
    const w = weights[t]!;
    value += (w * top) / chi;
    const alongJ = (2 * w) / chi;
    const alongCofactor = (w * (2 * lambda * det - (top * slope) / chi)) / chi;
    const d00 = alongJ * j00 + alongCofactor * j11;
    const d01 = alongJ * j01 - alongCofactor * j10;
    const d10 = alongJ * j10 - alongCofactor * j01;
    const d11 = alongJ * j11 + alongCofactor * j00;
    const bx = d00 * g1x + d01 * g1y;
    const by = d10 * g1x + d11 * g1y;
    const cx = d00 * g2x + d01 * g2y;
    const cy = d10 * g2x + d11 * g2y;
    gradient[ib]! += bx;
    gradient[ib + 1]! += by;
    gradient[ic]! += cx;
    gradient[ic + 1]! += cy;
    gradient[ia]! -= bx + cx;
    gradient[ia + 1]! -= by + cy;
  }
  return { value, smallest };
}

/** Weighted squared distances of points from their places; the gradient is added to `gradient`. */
export function pointDistance(
  targets: PointTargets,
  map: Float64Array,
  factor: number,
  gradient: Float64Array,
): number {
  const { vertices, barycentric, positions, weights } = targets;
  let value = 0;
  for (let n = 0; n < weights.length; n++) {
    let x = -positions[2 * n]!;
    let y = -positions[2 * n + 1]!;
    for (let i = 3 * n; i < 3 * n + 3; i++) {
      x += barycentric[i]! * map[vertices[i]! * 2]!;
      y += barycentric[i]! * map[vertices[i]! * 2 + 1]!;
    }
    const w = factor * weights[n]!;
    value += w * (x * x + y * y);
    for (let i = 3 * n; i < 3 * n + 3; i++) {
      gradient[vertices[i]! * 2]! += 2 * w * barycentric[i]! * x;
      gradient[vertices[i]! * 2 + 1]! += 2 * w * barycentric[i]! * y;
    }
  }
  return value;
}
