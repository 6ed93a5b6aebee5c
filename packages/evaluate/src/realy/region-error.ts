/** REALY's error of one region, from the globally aligned prediction on (czh-98/REALY, utils/eval.py). */
import { GanfitError } from "@ganfit/core";
import { mergeEqualVertices } from "../geometry/clean-mesh.js";
import type { ClosestPointSearch } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { NearestVertexSearch } from "../geometry/nearest-vertices.js";
import { pickPoints } from "../geometry/points.js";
import { invertSimilarity } from "../geometry/similarity-algebra.js";
import { movePoints } from "../geometry/similarity3.js";
import { ALIGNMENT_KEYPOINTS, DEFORMATION_KEYPOINTS, type RealyRegion } from "./realy-regions.js";
import { alignRegion } from "./region-align.js";
import { deformRegion } from "./region-deform.js";

/** A prediction in the frame of the scan, after the global alignment. */
export interface AlignedPrediction {
  /** All of its surface. */
  readonly surface: ClosestPointSearch;
  /** The part that is compared; the same as `surface` where there is no mask. */
  readonly compared: ClosestPointSearch;
  /** `85 x 3`. */
  readonly keypoints: Float64Array;
}

export interface RegionError {
  /** The scan's region without repeated and loose vertices, in the scan's frame. */
  readonly mesh: Mesh;
  /** `V`: distance of each vertex from its place on the prediction, in the scan's unit. */
  readonly errors: Float64Array;
  /** Mean of `errors`. */
  readonly mean: number;
}

/**
 * Aligns the prediction rigidly to the region, deforms the region onto the prediction, and measures how far
 * each vertex is from the surface point that its deformed place is closest to.
 *
 * @param scan the region as its file has it
 * @param truth `85 x 3` keypoints of the scan
 * @throws GanfitError `data` where the region cannot be aligned or deformed
 */
export function measureRegion(
  region: RealyRegion,
  scan: Mesh,
  truth: Float64Array,
  prediction: AlignedPrediction,
): RegionError {
  const mesh = mergeEqualVertices(scan);
  if (mesh.triangles.length === 0) {
    throw new GanfitError("data", `The ${region} of the scan has no triangles.`);
  }
  const aligning = ALIGNMENT_KEYPOINTS[region];
  const pose = alignRegion({
    region,
    surface: prediction.surface,
    scan: scan.positions,
    predicted: pickPoints(prediction.keypoints, aligning),
    truth: pickPoints(truth, aligning),
  });
  // The prediction stays where it is; questions are moved to it, answers back to the scan.
  const back = invertSimilarity(pose);
  const closest = (points: Float64Array) =>
    movePoints(prediction.compared.find(movePoints(points, back)).points, pose);

  const deforming = DEFORMATION_KEYPOINTS[region];
  const keypoints =
    deforming.length === 0
      ? null
      : {
          vertices: new NearestVertexSearch(mesh.positions).find(pickPoints(truth, deforming))
            .indices,
          targets: movePoints(pickPoints(prediction.keypoints, deforming), pose),
        };
  const deformed = deformRegion(mesh, closest(mesh.positions), keypoints);
  const found = closest(deformed);
  const errors = new Float64Array(mesh.positions.length / 3);
  for (let v = 0; v < errors.length; v++) {
    errors[v] = Math.hypot(
      found[3 * v]! - mesh.positions[3 * v]!,
      found[3 * v + 1]! - mesh.positions[3 * v + 1]!,
      found[3 * v + 2]! - mesh.positions[3 * v + 2]!,
    );
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  if (!Number.isFinite(mean)) {
    throw new GanfitError(
      "data",
      `The deformation of the ${region} gave numbers that are not finite.`,
    );
  }
  return { mesh, errors, mean };
}
