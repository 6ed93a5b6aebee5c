/**
 * Distance between two faces after the protocol by which GANFIT reports MICC Florence (barisgecer/GANFit): the
 * face of one, cut around its nose tip, is brought on to the other by iterated closest points over similarities;
 * the score is the mean of both directions.
 *
 * The published protocol starts from equal vertex indices, as its meshes share a topology. Meshes that do not
 * share one start from landmarks instead.
 */
import { SurfaceIndex } from "../src/models/closest-point.js";
import { alignPoints, movePoints, type Similarity3 } from "./similarity3.js";

/** A face with the points by which it is first laid on another. */
export interface MarkedFace {
  /** `V x 3`, millimetres. */
  readonly positions: ArrayLike<number>;
  /** `T x 3`: the skin, without what lies inside. */
  readonly triangles: Uint32Array;
  /** `n x 3`, millimetres: corresponding points, in the same order on both faces. */
  readonly landmarks: ArrayLike<number>;
  /** Millimetres. */
  readonly noseTip: readonly [number, number, number];
}

export interface MiccOptions {
  /** Vertices within so many millimetres of the nose tip are compared. */
  readonly radius?: number;
  /** Improvement of the mean distance, millimetres, at which the iterations end. */
  readonly tolerance?: number;
}

export const MICC_DEFAULTS = {
  radius: 95,
  tolerance: 0.001,
} as const satisfies MiccOptions;

export interface MiccDistance {
  /** Mean of the two directions, millimetres. */
  readonly mean: number;
  /** From the first face's vertices to the second's surface. */
  readonly forth: number;
  /** From the second face's vertices to the first's surface. */
  readonly back: number;
}

/** The mean distance falls by more than the tolerance in each, so that they end sooner; against a tolerance of 0. */
const MOST_ITERATIONS = 1000;

/** @throws GanfitError `usage` where the landmarks do not determine a similarity */
export function miccDistance(
  a: MarkedFace,
  b: MarkedFace,
  options: MiccOptions = {},
): MiccDistance {
  const forth = oneWay(a, b, options);
  const back = oneWay(b, a, options);
  return { mean: (forth + back) / 2, forth, back };
}

/** Mean distance from the face of `a` to the surface of `b`, millimetres of `b`. */
function oneWay(a: MarkedFace, b: MarkedFace, options: MiccOptions): number {
  const { radius, tolerance } = { ...MICC_DEFAULTS, ...options };
  const points = faceAround(a, radius);
  const surface = new SurfaceIndex(b.positions, b.triangles);
  let motion: Similarity3 = alignPoints(a.landmarks, b.landmarks);
  let distance = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const moved = movePoints(points, motion);
    const closest = new Float64Array(moved.length);
    let sum = 0;
    for (let i = 0; i < moved.length; i += 3) {
      const hit = surface.closest(moved[i]!, moved[i + 1]!, moved[i + 2]!)!;
      closest.set(hit.point, i);
      sum += hit.distance;
    }
    const mean = (3 * sum) / moved.length;
    const done = distance - mean <= tolerance;
    distance = Math.min(distance, mean);
    if (done) break;
    motion = alignPoints(points, closest);
  }
  return distance;
}

/** `n x 3`: the vertices of the skin within a radius of the nose tip. */
export function faceAround(
  { positions, triangles, noseTip }: Pick<MarkedFace, "positions" | "triangles" | "noseTip">,
  radius: number,
): Float64Array {
  return Float64Array.from(
    verticesAround({ positions, triangles, noseTip }, radius).flatMap((v) =>
      [0, 1, 2].map((k) => positions[3 * v + k]!),
    ),
  );
}

/** Indices, ascending, of the vertices of the skin within a radius of the nose tip. */
export function verticesAround(
  { positions, triangles, noseTip }: Pick<MarkedFace, "positions" | "triangles" | "noseTip">,
  radius: number,
): number[] {
  return [...new Set(triangles)]
    .sort((a, b) => a - b)
    .filter(
      (v) => Math.hypot(...noseTip.map((value, k) => positions[3 * v + k]! - value)) <= radius,
    );
}
