// The light of lighting.ts in numbers, one surface point at a time; shade.ts is the same as a graph.
//
//     harmonics: E = sum_k coefficients[k] basis_k(n)
//     Phong:     E = ambient + colour max(0, n.l)
//                specular = strength max(0, r.v)^shininess where n.l > 0, r = 2 (n.l) n - l
//
// with n the unit normal and l and v the unit vectors from the point to the light and to the viewer
// (Phong 1975).

import type { Vector3 } from "./camera.js";
import {
  GAMMA,
  harmonicBasis,
  IRRADIANCE_FLOOR,
  type Lighting,
  type PhongLighting,
} from "./lighting.js";

/** Three numbers to be written to. */
export type Writable3 = Float32Array | Float64Array | number[];

/**
 * Irradiance at a point of the surface, R G B in linear light, written to `out`. Spherical harmonics may
 * make it negative.
 *
 * @param position in the head's frame, millimetres
 * @param normal unit, in the head's frame
 */
export function irradianceAt(
  lighting: Lighting,
  position: ArrayLike<number>,
  normal: ArrayLike<number>,
  out: Writable3,
): void {
  if (lighting.kind === "phong") {
    const facing = Math.max(0, dot(normal, unitTowards(position, lighting.position)));
    for (let c = 0; c < 3; c++) out[c] = lighting.ambient[c]! + lighting.colour[c]! * facing;
    return;
  }
  const basis = harmonicBasis(normal[0]!, normal[1]!, normal[2]!);
  const { coefficients } = lighting;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (let k = 0; k < 9; k++) sum += basis[k]! * coefficients[3 * k + c]!;
    out[c] = sum;
  }
}

/**
 * The highlight that a viewer sees at a point of the surface, gamma-coded.
 *
 * @param position in the head's frame, millimetres
 * @param normal unit, in the head's frame
 * @param viewer the camera's position, in the head's frame, millimetres
 */
export function specularAt(
  lighting: PhongLighting,
  position: ArrayLike<number>,
  normal: ArrayLike<number>,
  viewer: Vector3,
): number {
  if (lighting.specular === 0) return 0;
  const toLight = unitTowards(position, lighting.position);
  const facing = dot(normal, toLight);
  if (facing <= 0) return 0;
  const toViewer = unitTowards(position, viewer);
  const mirrored = 2 * facing * dot(normal, toViewer) - dot(toLight, toViewer);
  return lighting.specular * Math.max(0, mirrored) ** lighting.shininess;
}

/**
 * What a point of the surface looks like: gamma-coded R G B, not clipped, written to `out`.
 *
 * @param albedo gamma-coded R G B, 0 to 1
 * @param position in the head's frame, millimetres
 * @param normal unit, in the head's frame
 * @param viewer the camera's position, in the head's frame, millimetres
 */
export function shadeColour(
  lighting: Lighting,
  albedo: ArrayLike<number>,
  position: ArrayLike<number>,
  normal: ArrayLike<number>,
  viewer: Vector3,
  out: Writable3,
): void {
  irradianceAt(lighting, position, normal, out);
  const highlight = lighting.kind === "phong" ? specularAt(lighting, position, normal, viewer) : 0;
  for (let c = 0; c < 3; c++) {
    out[c] = albedo[c]! * Math.max(out[c]!, IRRADIANCE_FLOOR) ** (1 / GAMMA) + highlight;
  }
}

function unitTowards(from: ArrayLike<number>, to: Vector3): Vector3 {
  const x = to[0] - from[0]!;
  const y = to[1] - from[1]!;
  const z = to[2] - from[2]!;
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}
