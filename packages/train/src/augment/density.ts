/**
 * Optical density of skin, `-log` of the linear reflectance: pigments add up in it (Beer and Lambert), so more melanin or
 * more blood is a step in a fixed direction, whatever the face.
 */

import { srgbToLinear } from "@ganfit/core";

/** R G B */
export type Density = readonly [r: number, g: number, b: number];

/** Darker than this all is alike. */
const DARKEST = 1 / 512;

/** @param value gamma-coded, [0, 1] */
export function densityOf(value: number): number {
  return -Math.log(srgbToLinear(Math.max(value, DARKEST)));
}

export function densityOfColour([r, g, b]: readonly [number, number, number]): Density {
  return [densityOf(r), densityOf(g), densityOf(b)];
}

export function dot(a: Density, b: Density): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
