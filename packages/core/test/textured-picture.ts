// A head with a texture that is known everywhere, seen by a camera: visibility by z-buffer, the rest by
// intersecting each pixel's rays with the triangle it shows, so that nothing of the unwrapping is shared.

import type { Image } from "../src/image/image.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { type Camera, extrinsicsOf, project } from "../src/render/camera.js";
import { rasterize } from "../src/render/rasterize.js";

/** Colour of a place of the texture, gamma-coded 0-1. */
export type KnownTexture = (u: number, v: number) => readonly [number, number, number];

/** Rays along each side of a pixel. */
const RAYS = 2;

export function texturedPicture(
  model: MorphableModel,
  vertices: Float32Array,
  camera: Camera,
  width: number,
  height: number,
  texture: KnownTexture,
): Image {
  const positions = project(vertices, camera).map((value, i) => (i % 3 < 2 ? value * RAYS : value));
  const raster = rasterize({
    positions,
    triangles: model.triangles,
    width: width * RAYS,
    height: height * RAYS,
  });
  const { rotation: r } = extrinsicsOf(camera);
  const skin = new Uint8Array(model.triangles.length / 3);
  for (const { kind, start, count } of model.parts) {
    if (kind === "skin") skin.fill(1, start, start + count);
  }
  const uv = model.uv!;
  const sums = new Float64Array(width * height * 3);
  for (let p = 0; p < raster.triangle.length; p++) {
    const t = raster.triangle[p]!;
    const column = p % (width * RAYS);
    const row = Math.floor(p / (width * RAYS));
    let colour: readonly [number, number, number] = [0.3, 0.4, 0.5];
    if (t >= 0 && skin[t]) {
      const x = ((column + 0.5) / RAYS - camera.principalPoint[0]) / camera.focalLength;
      const y = ((row + 0.5) / RAYS - camera.principalPoint[1]) / camera.focalLength;
      const ray = [0, 1, 2].map((k) => r[k]! * x + r[3 + k]! * y + r[6 + k]!);
      const weights = hit(vertices, model.triangles, t, camera.position, ray)!;
      let [u, v] = [0, 0];
      for (let c = 0; c < 3; c++) {
        const index = 2 * uv.triangles[3 * t + c]!;
        u += weights[c]! * uv.coordinates[index]!;
        v += weights[c]! * uv.coordinates[index + 1]!;
      }
      colour = texture(u, v);
    }
    const to = 3 * (Math.floor(row / RAYS) * width + Math.floor(column / RAYS));
    for (let c = 0; c < 3; c++) sums[to + c]! += colour[c]! / RAYS ** 2;
  }
  return { width, height, data: Uint8Array.from(sums, (value) => Math.round(255 * value)) };
}

/** Barycentric weights where the line through a triangle's plane meets it, and the distance along the ray. */
export function hit(
  vertices: Float32Array,
  triangles: Uint32Array,
  triangle: number,
  origin: ArrayLike<number>,
  ray: ArrayLike<number>,
): [number, number, number, number] | null {
  const at = (corner: number, k: number) => vertices[3 * triangles[3 * triangle + corner]! + k]!;
  const [ax, ay, az] = [at(0, 0), at(0, 1), at(0, 2)];
  const [ux, uy, uz] = [at(1, 0) - ax, at(1, 1) - ay, at(1, 2) - az];
  const [vx, vy, vz] = [at(2, 0) - ax, at(2, 1) - ay, at(2, 2) - az];
  const [dx, dy, dz] = [ray[0]!, ray[1]!, ray[2]!];
  const [px, py, pz] = [dy * vz - dz * vy, dz * vx - dx * vz, dx * vy - dy * vx];
  const determinant = ux * px + uy * py + uz * pz;
  if (determinant === 0) return null;
  const [sx, sy, sz] = [origin[0]! - ax, origin[1]! - ay, origin[2]! - az];
  const beta = (sx * px + sy * py + sz * pz) / determinant;
  const [qx, qy, qz] = [sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux];
  const gamma = (dx * qx + dy * qy + dz * qz) / determinant;
  return [1 - beta - gamma, beta, gamma, (vx * qx + vy * qy + vz * qz) / determinant];
}
