/** Colours for errors, in an order that the eye sees: dark is small, bright is large. */
import type { Colour } from "@ganfit/core";

/**
 * Viridis by S. van der Walt and N. Smith (matplotlib 2.0, released under CC0), at eleven even steps. Its
 * lightness rises evenly, so that it survives grey printing and is read the same by the colour-blind.
 */
const VIRIDIS: readonly Colour[] = [
  [0x44, 0x01, 0x54],
  [0x48, 0x24, 0x75],
  [0x41, 0x44, 0x87],
  [0x35, 0x5f, 0x8d],
  [0x2a, 0x78, 0x8e],
  [0x21, 0x91, 0x8c],
  [0x22, 0xa8, 0x84],
  [0x44, 0xbf, 0x70],
  [0x7a, 0xd1, 0x51],
  [0xbd, 0xdf, 0x26],
  [0xfd, 0xe7, 0x25],
];

/** Where nothing was measured. */
export const UNMEASURED: Colour = [196, 196, 196];

/**
 * @param share of the scale: 0 its lower end, 1 its upper; what lies outside is clamped, NaN is grey
 */
export function errorColour(share: number): Colour {
  if (Number.isNaN(share)) return UNMEASURED;
  const last = VIRIDIS.length - 1;
  const place = Math.min(Math.max(share, 0), 1) * last;
  const below = Math.min(Math.floor(place), last - 1);
  const t = place - below;
  const mix = (c: 0 | 1 | 2) =>
    Math.round(VIRIDIS[below]![c] * (1 - t) + VIRIDIS[below + 1]![c] * t);
  return [mix(0), mix(1), mix(2)];
}
