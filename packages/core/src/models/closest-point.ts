// Closest points, occlusion and rays on a triangle mesh, by a tree of boxes (three-mesh-bvh).

import { BufferAttribute, BufferGeometry, DoubleSide, Ray, Vector3 } from "three";
import { type HitPointInfo, MeshBVH } from "three-mesh-bvh";

/** A point of a mesh's surface. */
export interface SurfaceHit {
  /** Index in the triangles that the {@link SurfaceIndex} was made of. */
  readonly triangle: number;
  /** Barycentric coordinates of the point in it. */
  readonly barycentric: readonly [number, number, number];
  readonly point: readonly [number, number, number];
  /** From the point that was asked for, in the unit of the positions. */
  readonly distance: number;
  /** Unit normal of the triangle. */
  readonly normal: readonly [number, number, number];
}

export class SurfaceIndex {
  readonly #positions: ArrayLike<number>;
  readonly #triangles: Uint32Array;
  readonly #tree: MeshBVH;
  readonly #query = new Vector3();
  readonly #ray = new Ray();
  readonly #found: HitPointInfo = { point: new Vector3(), distance: 0, faceIndex: 0 };

  /**
   * @param positions `V x 3`, finite
   * @param triangles `T x 3` vertex indices, at least one triangle
   */
  constructor(positions: ArrayLike<number>, triangles: Uint32Array) {
    if (triangles.length === 0) throw new RangeError("SurfaceIndex: the mesh has no triangles");
    this.#positions = positions;
    this.#triangles = triangles;
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(Float32Array.from(positions), 3));
    geometry.setIndex(new BufferAttribute(triangles, 1));
    // Indirect: the tree keeps the order of the triangles.
    this.#tree = new MeshBVH(geometry, { indirect: true });
  }

  /** The nearest point of the surface, no further than `within`; undefined where there is none. */
  closest(x: number, y: number, z: number, within = Infinity): SurfaceHit | undefined {
    this.#query.set(x, y, z);
    const found = this.#tree.closestPointToPoint(this.#query, this.#found, 0, within);
    // The tree takes the limit as a hint for what to skip.
    if (found === null || found.distance > within) return undefined;
    const { point, faceIndex, distance } = found;
    return this.#hit(faceIndex, point, distance);
  }

  /** The first triangle along a ray from a point, seen from either side. */
  firstAlong(
    [x, y, z]: readonly [number, number, number],
    direction: readonly [number, number, number],
    near = 0,
    far = Infinity,
  ): SurfaceHit | undefined {
    this.#ray.origin.set(x, y, z);
    this.#ray.direction.set(direction[0], direction[1], direction[2]).normalize();
    const hit = this.#tree.raycastFirst(this.#ray, DoubleSide, near, far);
    if (hit === null || hit.faceIndex === undefined || hit.faceIndex === null) return undefined;
    return this.#hit(hit.faceIndex, hit.point, hit.distance);
  }

  #hit(triangle: number, { x, y, z }: Vector3, distance: number): SurfaceHit {
    const corner = (i: number, k: number) =>
      this.#positions[this.#triangles[3 * triangle + i]! * 3 + k]!;
    const u = [0, 1, 2].map((k) => corner(1, k) - corner(0, k)) as [number, number, number];
    const v = [0, 1, 2].map((k) => corner(2, k) - corner(0, k)) as [number, number, number];
    const w = [x - corner(0, 0), y - corner(0, 1), z - corner(0, 2)] as const;
    const uu = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
    const uv = u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
    const vv = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    const wu = w[0] * u[0] + w[1] * u[1] + w[2] * u[2];
    const wv = w[0] * v[0] + w[1] * v[1] + w[2] * v[2];
    const area = uu * vv - uv * uv;
    let beta = area > 0 ? (vv * wu - uv * wv) / area : 0;
    let gamma = area > 0 ? (uu * wv - uv * wu) / area : 0;
    // Rounding: the point lies in the triangle.
    beta = Math.min(1, Math.max(0, beta));
    gamma = Math.min(1 - beta, Math.max(0, gamma));
    const normal = [
      u[1] * v[2] - u[2] * v[1],
      u[2] * v[0] - u[0] * v[2],
      u[0] * v[1] - u[1] * v[0],
    ] as [number, number, number];
    const length = Math.hypot(...normal) || 1;
    return {
      triangle,
      barycentric: [1 - beta - gamma, beta, gamma],
      point: [x, y, z],
      distance,
      normal: [normal[0] / length, normal[1] / length, normal[2] / length],
    };
  }
}
