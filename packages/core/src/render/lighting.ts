// Light on a head, fixed to the head's frame. Two models: second-order spherical harmonics, which describe
// all distant light on a matt surface to about 1 % (Ramamoorthi and Hanrahan 2001), and Phong's with one
// point light and an ambient one, as GANFIT has it (Gecer et al. 2019, section 3.2).
//
// Both give an irradiance E per channel in linear light, 1 where a surface shows its texture as it is. The
// texture is gamma-coded, so with a gamma of 2.2 instead of sRGB's curve the picture is
//
//     colour = texture max(E, floor)^(1 / 2.2) (+ specular)
//
// which needs no power of the texture itself.

import type { Vector3 } from "./camera.js";

export const GAMMA = 2.2;

/** Irradiances below this are taken for it: the power's slope has no bound at 0. */
export const IRRADIANCE_FLOOR = 1e-3;

export interface SphericalHarmonicsLighting {
  readonly kind: "spherical-harmonics";
  /**
   * `9 x 3`, R G B for each basis function of {@link harmonicBasis}: the irradiance is their sum, the
   * cosine lobe already contained.
   */
  readonly coefficients: readonly number[];
}

export interface PhongLighting {
  readonly kind: "phong";
  /** Of the point light, in the head's frame, millimetres. */
  readonly position: Vector3;
  /** R G B of the point light, linear, without falloff. */
  readonly colour: Vector3;
  /** R G B from everywhere, linear. */
  readonly ambient: Vector3;
  /** Strength of the highlight, gamma-coded, added to all channels; 0 for a matt surface. */
  readonly specular: number;
  /** Phong's exponent. */
  readonly shininess: number;
}

export type Lighting = SphericalHarmonicsLighting | PhongLighting;

/**
 * The nine real spherical harmonics up to the second order, without their constants:
 * 1, x, y, z, xy, yz, 3 z^2 - 1, xz, x^2 - y^2.
 *
 * @param x y z a unit normal in the head's frame
 */
export function harmonicBasis(x: number, y: number, z: number): number[] {
  return [1, x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y];
}

/** Even white light from everywhere: every texture as it is. */
export const AMBIENT: SphericalHarmonicsLighting = {
  kind: "spherical-harmonics",
  coefficients: Array.from({ length: 27 }, (_, i) => (i < 3 ? 1 : 0)),
};

/** A soft light from above the viewer's left shoulder, for pictures that show shape. */
export const STUDIO: SphericalHarmonicsLighting = {
  kind: "spherical-harmonics",
  coefficients: [0.72, -0.1, 0.16, 0.34, 0, 0.04, 0.02, -0.04, 0].flatMap((c) => [c, c, c]),
};
