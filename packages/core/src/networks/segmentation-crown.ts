import type { LabPlanes } from "./skin-colour.js";

/** Half the distance over which colours are compared, over the height of the face. */
const REACH = 0.025;
/** A hairline, a fringe or strands change the colour by more than this somewhere on the way up. */
const THRESHOLD = 0.12;
const LINES = 13;

/**
 * Whether the skin of the forehead goes on to the top of the head: on three quarters of the lines up
 * from the forehead nothing has an edge.
 *
 * @param lab planes of side x side pixels, eyes level
 * @param points `478 x 2`, pixels
 */
export function isCrownBare(lab: LabPlanes, points: ArrayLike<number>, side: number): boolean {
  const size = points[2 * 152 + 1]! - points[2 * 10 + 1]!;
  const middle = points[2 * 10]!;
  const from = points[2 * 151 + 1]!;
  const to = points[2 * 10 + 1]! - 0.14 * size;
  const at = (x: number, y: number) => {
    const sums = [0, 0, 0];
    for (let i = 0; i < 9; i++) {
      const column = Math.min(side - 1, Math.max(0, Math.round(x) + (i % 3) - 1));
      const row = Math.min(side - 1, Math.max(0, Math.round(y) + Math.floor(i / 3) - 1));
      for (let c = 0; c < 3; c++) sums[c]! += lab[c]![row * side + column]! / 9;
    }
    return sums;
  };
  const edges = Array.from({ length: LINES }, (_, line) => {
    const x = middle + (line - (LINES - 1) / 2) * 0.025 * size;
    let strongest = 0;
    for (let y = from; y > to; y--) {
      const above = at(x, y - REACH * size);
      const below = at(x, y + REACH * size);
      strongest = Math.max(strongest, Math.hypot(...above.map((v, c) => v - below[c]!)));
    }
    return strongest;
  }).sort((a, b) => a - b);
  return edges[Math.floor(0.75 * LINES)]! < THRESHOLD;
}
