/** REALY's errors of one prediction, from meshes (czh-98/REALY, main.py). */
import { GanfitError } from "@ganfit/core";
import { keepVertices } from "../geometry/clean-mesh.js";
import { ClosestPointSearch } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { movePoints } from "../geometry/similarity3.js";
import type { Score } from "../score.js";
import { alignGlobally } from "./global-align.js";
import { KEYPOINT_COUNT, REALY_REGIONS, type RealyRegion } from "./realy-regions.js";
import { type AlignedPrediction, measureRegion } from "./region-error.js";
import { keypointsOf, type RealyTopology } from "./topology.js";

export interface RealySubject {
  readonly prediction: Mesh;
  readonly topology: RealyTopology;
  /** One per vertex of the topology, 1 where the face is; null to compare with all of the prediction. */
  readonly mask: Uint8Array | null;
  /** `85 x 3` keypoints of the scan. */
  readonly truth: Float64Array;
  readonly scan: Readonly<Record<RealyRegion, Mesh>>;
  /** Millimetres in a unit of the scan. */
  readonly millimetres: number;
}

/**
 * @returns figures `all` (mean of the four), `nose`, `mouth`, `forehead`, `cheek` in millimetres, and the
 *   errors on each region of the scan
 * @throws GanfitError `data` where the prediction is not of the topology, or something cannot be aligned
 */
export function scoreRealyPrediction(subject: RealySubject): Score {
  const { truth, scan, millimetres } = subject;
  const prediction = alignedPrediction(subject);
  const regions = REALY_REGIONS.map((region) => ({
    region,
    ...ofRegion(region, () => measureRegion(region, scan[region], truth, prediction)),
  }));
  const figures = regions.map(({ region, mean }) => [region, mean * millimetres] as const);
  const all = figures.reduce((sum, [, value]) => sum + value, 0) / figures.length;
  return {
    figures: { all, ...Object.fromEntries(figures) },
    pooled: new Float32Array(0),
    errorMaps: regions.map(({ region, mesh, errors }) => ({
      title: region,
      positions: mesh.positions,
      triangles: mesh.triangles,
      errors: Float32Array.from(errors, (error) => error * millimetres),
    })),
  };
}

function alignedPrediction({ prediction, topology, mask, truth }: RealySubject): AlignedPrediction {
  const count = prediction.positions.length / 3;
  if (count !== topology.vertexCount) {
    throw new GanfitError(
      "data",
      `The prediction has ${count} vertices, but topology ${topology.name} has ${topology.vertexCount}.`,
    );
  }
  if (prediction.triangles.length === 0) {
    throw new GanfitError("data", "The prediction has no triangles.");
  }
  if (mask && mask.length !== count) {
    throw new GanfitError(
      "data",
      `The mask has ${mask.length} numbers, but topology ${topology.name} has ${count} vertices.`,
    );
  }
  if (truth.length !== 3 * KEYPOINT_COUNT) {
    throw new GanfitError(
      "data",
      `The scan has ${truth.length / 3} keypoints instead of ${KEYPOINT_COUNT}.`,
    );
  }
  const pose = alignGlobally(keypointsOf(topology, prediction.positions), truth);
  const positions = movePoints(prediction.positions, pose);
  const aligned = { positions, triangles: prediction.triangles };
  const surface = new ClosestPointSearch(aligned);
  return {
    surface,
    compared: mask ? new ClosestPointSearch(maskedMesh(aligned, mask)) : surface,
    keypoints: keypointsOf(topology, positions),
  };
}

/** Triangles whose corners all have 1. */
function maskedMesh(mesh: Mesh, mask: Uint8Array): Mesh {
  const kept = keepVertices(mesh, (v) => mask[v] === 1);
  if (kept.triangles.length === 0) {
    throw new GanfitError("data", "The mask leaves no triangle of the prediction.");
  }
  return kept;
}

/** What is wrong with a region, with its name. */
function ofRegion<T>(region: RealyRegion, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    throw new GanfitError(error.code, `On the scan's ${region}: ${error.message}`, {
      cause: error,
    });
  }
}
