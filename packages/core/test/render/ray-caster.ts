/**
 * The renderer's picture by other means: rays in float64, Moller and Trumbore's test of every triangle in
 * the head's frame, own camera, own bilinear texture, own light. Shares nothing with src/render but the
 * types; slow.
 */
import type { Camera } from "../../src/render/camera.js";
import type { Lighting } from "../../src/render/lighting.js";

/** A textured mesh under a light, before a camera. */
export interface Scene {
  readonly vertices: Float64Array;
  readonly triangles: Uint32Array;
  readonly uv: Float64Array;
  readonly uvTriangles: Uint32Array;
  readonly texture: { readonly size: number; readonly planes: Float64Array };
  readonly camera: Camera;
  readonly lighting: Lighting;
}

export interface Hit {
  readonly triangle: number;
  /** Of the second and third corner. */
  readonly u: number;
  readonly v: number;
  /** Along the ray, in units of the line of sight: the depth in millimetres. */
  readonly depth: number;
}

type Vector = readonly [number, number, number];

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const times = (a: Vector, s: number): Vector => [a[0] * s, a[1] * s, a[2] * s];
const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const unit = (a: Vector): Vector => times(a, 1 / Math.sqrt(dot(a, a)));
const at = (data: Float64Array, i: number): Vector => [
  data[3 * i]!,
  data[3 * i + 1]!,
  data[3 * i + 2]!,
];

/** The ray through a pixel: its direction advances 1 mm along the line of sight. */
export function rayThrough(camera: Camera, x: number, y: number): Vector {
  const forward = unit(minus(camera.lookAt, camera.position));
  const right = unit(cross(forward, [0, 1, 0]));
  const down = cross(forward, right);
  const [px, py] = [x - camera.principalPoint[0], y - camera.principalPoint[1]];
  // The head is turned clockwise, so the pixel is turned back.
  const [c, s] = [Math.cos(camera.roll), Math.sin(camera.roll)];
  const across = (c * px + s * py) / camera.focalLength;
  const along = (c * py - s * px) / camera.focalLength;
  return plus(forward, plus(times(right, across), times(down, along)));
}

/** Where a ray meets the plane of a triangle; u and v tell whether inside. */
export function intersect(scene: Scene, triangle: number, ray: Vector) {
  const [a, b, c] = [0, 1, 2].map((k) =>
    at(scene.vertices, scene.triangles[3 * triangle + k]!),
  ) as [Vector, Vector, Vector];
  const [e1, e2] = [minus(b, a), minus(c, a)];
  const p = cross(ray, e2);
  const determinant = dot(e1, p);
  const from = minus(scene.camera.position, a);
  const u = dot(from, p) / determinant;
  const q = cross(from, e1);
  const v = dot(ray, q) / determinant;
  return { triangle, u, v, depth: dot(e2, q) / determinant, determinant };
}

/**
 * Finds the nearest triangle through a pixel that faces the camera and has all corners at least `near`
 * before it.
 */
export function rayCaster(scene: Scene, near = 1): (x: number, y: number) => Hit | undefined {
  const { vertices, triangles, camera } = scene;
  const forward = unit(minus(camera.lookAt, camera.position));
  // Relative to the pinhole: a corner, and how far the triangle reaches from it at most, squared.
  const kept: number[] = [];
  const spheres: number[] = [];
  for (let t = 0; t < triangles.length / 3; t++) {
    const [a, b, c] = [0, 1, 2].map((k) =>
      minus(at(vertices, triangles[3 * t + k]!), camera.position),
    ) as [Vector, Vector, Vector];
    if (Math.min(dot(forward, a), dot(forward, b), dot(forward, c)) < near) continue;
    const [ab, ac] = [minus(b, a), minus(c, a)];
    kept.push(t);
    spheres.push(...a, Math.max(dot(ab, ab), dot(ac, ac)) * (1 + 1e-9));
  }
  const ids = Int32Array.from(kept);
  const bounds = Float64Array.from(spheres);
  return (x, y) => {
    const ray = rayThrough(camera, x, y);
    const squared = dot(ray, ray);
    let nearest: Hit | undefined;
    for (let i = 0; i < ids.length; i++) {
      const ax = bounds[4 * i]!;
      const ay = bounds[4 * i + 1]!;
      const az = bounds[4 * i + 2]!;
      const along = ax * ray[0] + ay * ray[1] + az * ray[2];
      const off = ax * ax + ay * ay + az * az - (along * along) / squared;
      if (off > bounds[4 * i + 3]!) continue;
      const hit = intersect(scene, ids[i]!, ray);
      const inside = hit.u >= 0 && hit.v >= 0 && hit.u + hit.v <= 1;
      if (inside && hit.determinant > 0 && hit.depth < (nearest?.depth ?? Infinity)) nearest = hit;
    }
    return nearest;
  };
}

/** Unit normals at the vertices, each triangle weighing its area. */
export function normalsOf({ vertices, triangles }: Scene): Vector[] {
  const sums: Vector[] = Array.from({ length: vertices.length / 3 }, () => [0, 0, 0]);
  for (let t = 0; t < triangles.length; t += 3) {
    const [i, j, k] = [triangles[t]!, triangles[t + 1]!, triangles[t + 2]!];
    const a = at(vertices, i);
    const area = cross(minus(at(vertices, j), a), minus(at(vertices, k), a));
    for (const corner of [i, j, k]) sums[corner] = plus(sums[corner]!, area);
  }
  return sums.map((sum) => (dot(sum, sum) > 0 ? unit(sum) : sum));
}

/** Gamma-coded colour where the ray through a pixel meets the plane of a triangle. */
export function colourAt(
  scene: Scene,
  normals: readonly Vector[],
  triangle: number,
  x: number,
  y: number,
): Vector {
  const ray = rayThrough(scene.camera, x, y);
  const { u, v, depth } = intersect(scene, triangle, ray);
  const weights = [1 - u - v, u, v];
  let normal: Vector = [0, 0, 0];
  const uv = [0, 0];
  weights.forEach((weight, k) => {
    normal = plus(normal, times(normals[scene.triangles[3 * triangle + k]!]!, weight));
    const corner = scene.uvTriangles[3 * triangle + k]!;
    uv[0]! += weight * scene.uv[2 * corner]!;
    uv[1]! += weight * scene.uv[2 * corner + 1]!;
  });
  normal = unit(normal);
  const point = plus(scene.camera.position, times(ray, depth));
  const albedo = [0, 1, 2].map((c) => texel(scene.texture, c, uv[0]!, uv[1]!)) as unknown as Vector;
  const { lighting } = scene;
  let highlight = 0;
  let light: Vector;
  if (lighting.kind === "phong") {
    const toLight = unit(minus(lighting.position, point));
    const cosine = dot(normal, toLight);
    light = plus(lighting.ambient, times(lighting.colour, Math.max(cosine, 0)));
    const toViewer = unit(times(ray, -1));
    const mirrored = minus(times(normal, 2 * cosine), toLight);
    const lobe = Math.max(dot(mirrored, toViewer), 0) ** lighting.shininess;
    highlight = cosine > 0 ? lighting.specular * lobe : 0;
  } else {
    const [nx, ny, nz] = normal;
    const basis = [1, nx, ny, nz, nx * ny, ny * nz, 3 * nz ** 2 - 1, nx * nz, nx ** 2 - ny ** 2];
    light = [0, 1, 2].map((c) =>
      basis.reduce((sum, value, k) => sum + value * lighting.coefficients[3 * k + c]!, 0),
    ) as unknown as Vector;
  }
  return [0, 1, 2].map(
    (c) => albedo[c]! * Math.max(light[c]!, 1e-3) ** (1 / 2.2) + highlight,
  ) as unknown as Vector;
}

function texel({ size, planes }: Scene["texture"], plane: number, u: number, v: number): number {
  const inside = (i: number) => Math.max(0, Math.min(size - 1, i));
  let sum = 0;
  for (const row of [Math.floor(v * size - 0.5), Math.floor(v * size - 0.5) + 1]) {
    for (const column of [Math.floor(u * size - 0.5), Math.floor(u * size - 0.5) + 1]) {
      const weight = (1 - Math.abs(u * size - 0.5 - column)) * (1 - Math.abs(v * size - 0.5 - row));
      sum += weight * planes[(plane * size + inside(row)) * size + inside(column)]!;
    }
  }
  return sum;
}
