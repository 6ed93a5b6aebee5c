/**
 * Distance between two faces after the protocol by which GANFIT reports MICC Florence (barisgecer/GANFit,
 * `micc_evaluation.py`): the face of one, cut around its nose tip, is brought on to the surface of the other by
 * iterated closest points over similarities; the score is the mean of both directions.
 *
 * Published code starts from equal vertex indices, since its meshes share a topology. Meshes that do not share one
 * start from landmarks and the points closest to them after that.
 */
import { ClosestPointSearch } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { distancesBetween, pickPoints } from "../geometry/points.js";
import { movePoints } from "../geometry/similarity3.js";
import { mean } from "../statistics/statistics.js";
import { verticesAround } from "./face-around.js";
import { alignLikeMenpo } from "./menpo-similarity.js";

/** A face and where its nose tip is. */
export interface Face extends Mesh {
  /** Millimetres. */
  readonly noseTip: readonly [number, number, number];
}

/** A face with the points by which it is first laid on another. */
export interface MarkedFace extends Face {
  /** `n x 3`, millimetres: corresponding points, in the same order on both faces. */
  readonly landmarks: ArrayLike<number>;
}

export interface MiccOptions {
  /** Vertices nearer to the nose tip than so many millimetres are compared. */
  readonly radius?: number;
  /** Improvement of the mean distance, millimetres, at which the iterations end. */
  readonly tolerance?: number;
}

export const MICC_DEFAULTS = {
  radius: 95,
  tolerance: 0.001,
} as const satisfies MiccOptions;

export interface MiccDirection {
  /** Mean distance, millimetres of the face that is measured against. */
  readonly mean: number;
  /** Vertices that were measured, ascending. */
  readonly vertices: Uint32Array;
  /** Distance of each of them from the other surface, millimetres. */
  readonly distances: Float64Array;
}

export interface MiccDistance {
  /** Mean of the two directions, millimetres. */
  readonly mean: number;
  /** From the first face's vertices to the second's surface. */
  readonly forth: MiccDirection;
  /** From the second face's vertices to the first's surface. */
  readonly back: MiccDirection;
}

/** Points of one face and where on the other they are thought to belong; both `n x 3`. */
interface Start {
  readonly points: Float64Array;
  readonly targets: Float64Array;
}

/**
 * Two faces of one topology: vertex `i` of one belongs to vertex `i` of the other.
 *
 * @throws RangeError where the vertex counts differ; GanfitError `data` where no triangle lies around a nose tip
 */
export function miccDistanceOfTopology(a: Face, b: Face, options: MiccOptions = {}): MiccDistance {
  if (a.positions.length !== b.positions.length) {
    throw new RangeError("miccDistanceOfTopology: the vertex counts differ");
  }
  return bothWays(a, b, options, (from, to, vertices) => ({
    points: pickPoints(from.positions, vertices),
    targets: pickPoints(to.positions, vertices),
  }));
}

/**
 * Two faces of any topology, first laid on each other by their landmarks.
 *
 * @throws GanfitError `usage` where the landmarks do not determine a similarity, `data` where no triangle lies
 *   around a nose tip
 */
export function miccDistance(
  a: MarkedFace,
  b: MarkedFace,
  options: MiccOptions = {},
): MiccDistance {
  return bothWays(a, b, options, (from, to, vertices, search) => {
    const motion = alignLikeMenpo(from.landmarks, to.landmarks);
    const points = movePoints(pickPoints(from.positions, vertices), motion);
    return { points, targets: search.find(points).points };
  });
}

type Starter<F extends Face> = (
  from: F,
  to: F,
  vertices: Uint32Array,
  search: ClosestPointSearch,
) => Start;

function bothWays<F extends Face>(
  a: F,
  b: F,
  options: MiccOptions,
  startOf: Starter<F>,
): MiccDistance {
  const { radius, tolerance } = { ...MICC_DEFAULTS, ...options };
  const oneWay = (from: F, to: F): MiccDirection => {
    const vertices = verticesAround(from, from.noseTip, radius);
    const search = new ClosestPointSearch(to);
    const distances = iterate(startOf(from, to, vertices, search), search, tolerance);
    return { mean: mean(distances), vertices, distances };
  };
  const forth = oneWay(a, b);
  const back = oneWay(b, a);
  return { mean: (forth.mean + back.mean) / 2, forth, back };
}

/**
 * The published loop: at least one similarity, and another for as long as the last has lowered the mean by more
 * than the tolerance. What the last one leaves counts, even where that is more than before. The first is held against
 * the distance before anything has moved, so that faces that lie on each other already may take one step alone.
 *
 * @returns distance of each point from the surface
 */
function iterate(
  { points, targets }: Start,
  search: ClosestPointSearch,
  tolerance: number,
): Float64Array {
  let moved = points;
  let closest = targets;
  let distances = distancesBetween(moved, closest);
  let average = mean(distances);
  // Ends, since the mean cannot fall by the tolerance for ever.
  for (let before = Number.POSITIVE_INFINITY, onSurface = false; before - average > tolerance; ) {
    moved = movePoints(moved, alignLikeMenpo(moved, closest));
    // Each point's last closest one is on the surface and so bounds the distance of the next.
    const bounds = onSurface ? distancesBetween(moved, closest) : undefined;
    ({ points: closest, distances } = search.find(moved, bounds));
    onSurface = true;
    before = average;
    average = mean(distances);
  }
  return distances;
}
