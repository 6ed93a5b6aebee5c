/** Rigid alignment of a prediction to one region of the scan (czh-98/REALY, utils/rICP.py). */
import type { ClosestPointSearch } from "../geometry/closest-points.js";
import { composeSimilarities, IDENTITY, invertSimilarity } from "../geometry/similarity-algebra.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { fitPose } from "./fit-pose.js";
import type { RealyRegion } from "./realy-regions.js";

/** Change of the mean squared distance at which the alignment has settled, square of the scan's unit. */
const SETTLED = 1e-6;
const MAX_ITERATIONS = 100;

export interface RegionToAlign {
  readonly region: RealyRegion;
  /** Surface of the prediction, globally aligned. */
  readonly surface: ClosestPointSearch;
  /** `n x 3`: all vertices of the scan's region as its file has them. */
  readonly scan: Float64Array;
  /** `k x 3`: the region's keypoints on the prediction, globally aligned. */
  readonly predicted: Float64Array;
  /** `k x 3`: the truth's. */
  readonly truth: Float64Array;
}

/**
 * Iterated closest points without scale: rows are the surface points closest to the scan's vertices, and
 * the keypoints as often as {@link keypointRepeats} says. The fit after which the mean squared distance no
 * longer changes is not applied any more, as in REALY's code.
 *
 * The prediction is never moved; the scan is moved back into its frame instead, where distances are the
 * same, so that one search tree serves all steps.
 *
 * @returns the rigid motion of the globally aligned prediction
 * @throws GanfitError `data` where coordinates are not finite
 */
export function alignRegion({
  region,
  surface,
  scan,
  predicted,
  truth,
}: RegionToAlign): Similarity3 {
  const vertices = scan.length / 3;
  const counts = new Float64Array(vertices + truth.length / 3).fill(1);
  counts.fill(keypointRepeats(region, vertices, truth.length / 3), vertices);
  const target = concat(scan, truth);
  let pose = IDENTITY;
  let previous = 0;
  let bounds: Bounds | undefined;
  for (let iteration = 0; ; iteration++) {
    const queries = movePoints(scan, invertSimilarity(pose));
    const { points, distances } = surface.find(queries, bounds && boundsAt(queries, bounds));
    bounds = { queries, distances };
    const source = movePoints(concat(points, predicted), pose);
    const step = fitPose(source, target, { scaled: false, counts });
    const error = meanSquare(movePoints(source, step), target, counts);
    if (Math.abs(error - previous) < SETTLED || iteration >= MAX_ITERATIONS) return pose;
    previous = error;
    pose = composeSimilarities(step, pose);
  }
}

/** How often each keypoint counts beside `vertices` scan vertices: as much as they, a quarter on the cheek. */
export function keypointRepeats(region: RealyRegion, vertices: number, keypoints: number): number {
  return Math.floor(vertices / keypoints / (region === "cheek" ? 4 : 1));
}

interface Bounds {
  readonly queries: Float64Array;
  readonly distances: Float64Array;
}

/** A point that has moved by d is at most d farther from the surface. */
function boundsAt(queries: Float64Array, last: Bounds): Float64Array {
  return last.distances.map((distance, i) => {
    const moved = Math.hypot(
      queries[3 * i]! - last.queries[3 * i]!,
      queries[3 * i + 1]! - last.queries[3 * i + 1]!,
      queries[3 * i + 2]! - last.queries[3 * i + 2]!,
    );
    return distance + moved;
  });
}

/** The mean runs over repeated rows, each as often as it is repeated. */
function meanSquare(a: Float64Array, b: Float64Array, counts: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!;
    for (let k = 3 * i; k < 3 * i + 3; k++) sum += counts[i]! * (a[k]! - b[k]!) ** 2;
  }
  return sum / total;
}

function concat(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
