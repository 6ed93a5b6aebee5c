// The outline of the texture layout: a square with rounded upper corners and a margin. The seam runs
// from the middle of the top, where its end on the head lies, left and right around the upper corners
// and down the sides; the lower side is the border of the neck.

import { UV_MARGIN } from "./uv-frame.js";

const HALF = 0.5 - UV_MARGIN;
const RADIUS = 0.25;
const TOP = HALF - RADIUS;
const ARC = (Math.PI / 2) * RADIUS;
const SIDE = 2 * HALF - RADIUS;

/**
 * The place of a point of the seam, on its left copy; the right one is at `1 - u`.
 *
 * @param s part of the seam's length from its upper end, in [0, 1]
 * @returns u to the right, v *up*
 */
export function seamPlace(s: number): [u: number, v: number] {
  let rest = s * (TOP + ARC + SIDE);
  if (rest < TOP) return [0.5 - rest, 1 - UV_MARGIN];
  rest -= TOP;
  if (rest < ARC) {
    const angle = rest / RADIUS;
    return [0.5 - TOP - RADIUS * Math.sin(angle), 1 - UV_MARGIN - RADIUS * (1 - Math.cos(angle))];
  }
  rest -= ARC;
  return [UV_MARGIN, 1 - UV_MARGIN - RADIUS - rest];
}

/**
 * The place of a point of the neck's border.
 *
 * @param s part of its length from the left copy of the seam, in [0, 1]
 * @returns u to the right, v *up*
 */
export function neckPlace(s: number): [u: number, v: number] {
  return [0.5 + (2 * s - 1) * HALF, UV_MARGIN];
}
