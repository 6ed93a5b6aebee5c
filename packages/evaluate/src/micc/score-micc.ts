/** One reconstruction against the two scans of its subject. */
import { GanfitError } from "@ganfit/core";
import { keepVertices } from "../geometry/clean-mesh.js";
import { pointAt } from "../geometry/points.js";
import { movePoints } from "../geometry/similarity3.js";
import { NOSE_TIP } from "../ibug68.js";
import type { ErrorMap } from "../score.js";
import { deep3dDistance } from "./deep3d-distance.js";
import type { LandmarkedMesh } from "./landmarked-mesh.js";
import { alignLikeMenpo } from "./menpo-similarity.js";
import { miccDistance, miccDistanceOfTopology } from "./micc-distance.js";

/** What the comparison with one scan gives. */
export interface ScanScore {
  /** Millimetres. */
  readonly score: number;
  /** By name; millimetres. */
  readonly parts: Readonly<Record<string, number>>;
  readonly errorMap: () => ErrorMap;
}

/**
 * GANFIT's protocol. All in millimetres.
 *
 * @param registered the scan in the template's topology and place, and its landmarks where the scan has them
 * @param radius around the nose tip
 * @throws GanfitError `data` where the registered mesh is not of the template's topology, a unit is wrong, or nothing
 *   lies around a nose tip
 */
export function scoreGanfit(
  reconstruction: LandmarkedMesh,
  registered: LandmarkedMesh,
  template: LandmarkedMesh,
  radius: number,
): ScanScore {
  const count = template.positions.length;
  if (registered.positions.length !== count) {
    throw new GanfitError(
      "data",
      `The registered scan has ${registered.positions.length / 3} vertices and the template ${count / 3}: register the scans with this template.`,
    );
  }
  checkSize("reconstruction", reconstruction.landmarks, template.landmarks);
  checkSize("registered scan", registered.positions, template.positions);
  // The registered mesh stays as it is; the landmarks of the scan go to it.
  const landmarks = movePoints(
    registered.landmarks,
    alignLikeMenpo(registered.landmarks, template.landmarks),
  );
  const truth = { ...registered, landmarks, noseTip: pointAt(landmarks, NOSE_TIP) };
  const face = { ...reconstruction, noseTip: pointAt(reconstruction.landmarks, NOSE_TIP) };
  const sameTopology = reconstruction.positions.length === count;
  const distanceOf = sameTopology ? miccDistanceOfTopology : miccDistance;
  const { mean, forth, back } = distanceOf(truth, face, { radius });
  return {
    score: mean,
    parts: {
      "scan to reconstruction": forth.mean,
      "reconstruction to scan": back.mean,
    },
    errorMap: () => ({
      title: "reconstruction to registered scan",
      positions: facing(reconstruction, template),
      triangles: reconstruction.triangles,
      errors: spread(back, reconstruction.positions.length / 3),
    }),
  };
}

/**
 * Deep3D's protocol. The scan is in millimetres.
 *
 * @param forehead millimetres above the brows from which on the scan is cut; null keeps the forehead
 * @throws GanfitError `data` where nothing of the scan is left
 */
export function scoreDeep3d(
  reconstruction: LandmarkedMesh,
  scan: LandmarkedMesh,
  template: LandmarkedMesh,
  options: { readonly radius: number; readonly forehead: number | null },
): ScanScore {
  const { rootMeanSquare, ...measured } = deep3dDistance(scan, reconstruction, options);
  return {
    score: rootMeanSquare,
    parts: {},
    errorMap: () => {
      const own = new Set(measured.vertices);
      const whole = { positions: facing(scan, template), triangles: scan.triangles };
      const { kept, ...cut } = keepVertices(whole, (v) => own.has(v));
      const errors = spread(measured, scan.positions.length / 3);
      return {
        title: "scan to reconstruction",
        ...cut,
        errors: Float32Array.from(kept, (v) => errors[v]!),
      };
    },
  };
}

/** Turned as the template is, so that a picture of it shows the front. */
function facing({ positions, landmarks }: LandmarkedMesh, template: LandmarkedMesh): Float64Array {
  return movePoints(positions, alignLikeMenpo(landmarks, template.landmarks));
}

/** Distances of some vertices among all; NaN elsewhere. */
function spread(
  { vertices, distances }: { readonly vertices: Uint32Array; readonly distances: Float64Array },
  count: number,
): Float32Array {
  const errors = new Float32Array(count).fill(Number.NaN);
  vertices.forEach((v, i) => {
    errors[v] = distances[i]!;
  });
  return errors;
}

/** No head is as much larger or smaller than the template. */
const MOST_RATIO = 3;

/** Distances are measured on both faces, so that one of another unit would halve the score unnoticed. */
function checkSize(what: string, points: Float64Array, template: Float64Array): void {
  const { scale } = alignLikeMenpo(template, points);
  if (scale < MOST_RATIO && scale > 1 / MOST_RATIO) return;
  throw new GanfitError(
    "data",
    `The ${what} is ${scale.toPrecision(2)} times as large as the template: give the millimetres in a unit of the systems' meshes and of the template.`,
  );
}
