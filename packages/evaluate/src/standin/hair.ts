/** Hair as scanners show it: ribbons that hang in the air. */
import { randomNormals, randomUniform } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { type Defected, NEW_VERTEX } from "./scan-defects.js";

/** Pieces of a strand, each two triangles. */
const SEGMENTS = 6;
/** Of a piece, shortest and longest, millimetres. */
const LENGTH = [3, 7] as const;
/** Of a ribbon, millimetres. */
const WIDTH = 1.2;
/** By how much strands wind. */
const WINDING = 0.5;

/**
 * Adds ribbons that begin near vertices and run away from a point, joined to nothing.
 *
 * @param mesh millimetres
 * @param options.strands how many
 * @param options.roots vertices near which they begin, at least one
 * @param options.away `3`: what they run away from, such as the tip of the nose
 */
export function addHair(
  mesh: Mesh,
  options: {
    readonly seed: number;
    readonly strands: number;
    readonly roots: readonly number[];
    readonly away: ArrayLike<number>;
  },
): Defected {
  const { seed, strands, roots, away } = options;
  const next = randomUniform(seed);
  const winding = randomNormals(3 * strands * (SEGMENTS + 2), seed);
  const positions = Array.from(mesh.positions);
  const triangles = Array.from(mesh.triangles);
  let drawn = 0;
  const random = () => winding.subarray(3 * drawn, 3 * ++drawn);
  for (let strand = 0; strand < strands; strand++) {
    const root = roots[Math.floor(next() * roots.length)]!;
    const start = random();
    let point = [0, 1, 2].map((k) => positions[3 * root + k]! + 2 * start[k]!);
    let direction = unit(point.map((value, k) => value - away[k]!));
    const across = unit(random()).map((value) => (value * WIDTH) / 2);
    for (let i = 0; i <= SEGMENTS; i++) {
      const vertex = positions.length / 3;
      positions.push(...point.map((value, k) => value - across[k]!));
      positions.push(...point.map((value, k) => value + across[k]!));
      if (i === SEGMENTS) break;
      triangles.push(vertex, vertex + 1, vertex + 2, vertex + 1, vertex + 3, vertex + 2);
      const turn = random();
      direction = unit(direction.map((value, k) => value + WINDING * turn[k]!));
      const step = LENGTH[0] + (LENGTH[1] - LENGTH[0]) * next();
      point = point.map((value, k) => value + step * direction[k]!);
    }
  }
  const old = mesh.positions.length / 3;
  return {
    mesh: { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) },
    source: Uint32Array.from({ length: positions.length / 3 }, (_, vertex) =>
      vertex < old ? vertex : NEW_VERTEX,
    ),
  };
}

function unit(vector: ArrayLike<number>): number[] {
  const values = Array.from(vector);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
