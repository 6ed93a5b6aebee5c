/**
 * Distance of a reconstruction from a raw scan as Deng et al. report MICC Florence ("Accurate 3D Face Reconstruction
 * with Weakly-Supervised Learning: From Single Image to Image Set", 2019; microsoft/Deep3DFaceReconstruction, issue
 * 23): the scan is cut around its nose tip, the reconstruction brought on to it by iterated closest points with a
 * scale of its own, and the root mean square of the scan's point-to-plane distances is the error.
 *
 * Their code is not public. What they do not say is settled here: each vertex of the cut scan is paired with the
 * closest point of the reconstruction, similarities are least-squares (Umeyama 1991), and iterations end when the root
 * mean square of the distances falls by no more than {@link DEEP3D_DEFAULTS}.tolerance.
 */
import { GanfitError } from "@ganfit/core";
import { ClosestPointSearch, type ClosestPoints } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { distancesBetween, pickPoints, pointAt } from "../geometry/points.js";
import { invertSimilarity } from "../geometry/similarity-algebra.js";
import { alignPoints, movePoints } from "../geometry/similarity3.js";
import { NOSE_TIP } from "../ibug68.js";
import { verticesAround } from "./face-around.js";
import type { LandmarkedMesh } from "./landmarked-mesh.js";
import { triangleNormals } from "./mesh-normals.js";

export interface Deep3dOptions {
  /** Vertices of the scan nearer to its nose tip than so many millimetres are compared. */
  readonly radius?: number;
  /** Vertices higher than so many millimetres above the brows are not; null keeps the forehead. */
  readonly forehead?: number | null;
  /** Improvement of the root mean square distance, millimetres, at which the iterations end. */
  readonly tolerance?: number;
  /** Iterations end after so many in any case. */
  readonly mostIterations?: number;
}

export const DEEP3D_DEFAULTS = {
  radius: 95,
  forehead: null,
  tolerance: 1e-4,
  mostIterations: 500,
} as const satisfies Deep3dOptions;

export interface Deep3dDistance {
  /** Root mean square of the distances, millimetres of the scan. */
  readonly rootMeanSquare: number;
  /** Vertices of the scan that were measured, ascending. */
  readonly vertices: Uint32Array;
  /** Of each of them from the plane of the closest triangle, millimetres, at least 0. */
  readonly distances: Float64Array;
}

/** iBUG numbers. */
const BROWS = Uint32Array.of(17, 18, 19, 20, 21, 22, 23, 24, 25, 26);
const EYE_CORNERS = Uint32Array.of(36, 39, 42, 45);
const MOUTH_CORNERS = Uint32Array.of(48, 54);

/**
 * @param scan millimetres
 * @param reconstruction any unit and place
 * @throws GanfitError `data` where nothing of the scan is left, `usage` where the points determine no similarity
 */
export function deep3dDistance(
  scan: LandmarkedMesh,
  reconstruction: LandmarkedMesh,
  options: Deep3dOptions = {},
): Deep3dDistance {
  const { radius, forehead, tolerance, mostIterations } = { ...DEEP3D_DEFAULTS, ...options };
  const around = verticesAround(scan, pointAt(scan.landmarks, NOSE_TIP), radius);
  const vertices = forehead === null ? around : belowForehead(scan, around, forehead);
  const points = pickPoints(scan.positions, vertices);
  const search = new ClosestPointSearch(reconstruction);
  // The scan moves instead of the reconstruction, whose search tree then serves throughout.
  let inverse = invertSimilarity(alignPoints(reconstruction.landmarks, scan.landmarks));
  let closest: Float64Array | undefined;
  let before = Number.POSITIVE_INFINITY;
  for (let iteration = 0; ; iteration++) {
    const moved = movePoints(points, inverse);
    const found = search.find(moved, closest && distancesBetween(moved, closest));
    closest = found.points;
    const now = rootMeanSquare(found.distances) / inverse.scale;
    if (before - now <= tolerance || iteration === mostIterations) {
      const distances = planeDistances(moved, found, reconstruction).map(
        (distance) => distance / inverse.scale,
      );
      return { rootMeanSquare: rootMeanSquare(distances), vertices, distances };
    }
    before = now;
    inverse = invertSimilarity(alignPoints(closest, points));
  }
}

/** Up runs from the corners of the mouth to those of the eyes. */
function belowForehead(scan: LandmarkedMesh, vertices: Uint32Array, limit: number): Uint32Array {
  const brows = centreOf(scan.landmarks, BROWS);
  const eyes = centreOf(scan.landmarks, EYE_CORNERS);
  const mouth = centreOf(scan.landmarks, MOUTH_CORNERS);
  const up = eyes.map((value, k) => value - mouth[k]!);
  const length = Math.hypot(...up);
  const kept = vertices.filter((v) => {
    const height = up.reduce((sum, u, k) => sum + u * (scan.positions[3 * v + k]! - brows[k]!), 0);
    return height <= limit * length;
  });
  if (kept.length < 3) {
    throw new GanfitError("data", "Nothing of the scan is left below its forehead.");
  }
  return kept;
}

/** Along the normals of the triangles that the closest points lie on; one without area has no plane. */
function planeDistances(
  points: Float64Array,
  found: ClosestPoints,
  { positions, triangles }: Mesh,
): Float64Array {
  const normals = triangleNormals(positions, triangles);
  return Float64Array.from(found.triangles, (t, i) => {
    const hasPlane = normals[3 * t] || normals[3 * t + 1] || normals[3 * t + 2];
    if (!hasPlane) return found.distances[i]!;
    let along = 0;
    for (let k = 0; k < 3; k++) {
      along += normals[3 * t + k]! * (points[3 * i + k]! - found.points[3 * i + k]!);
    }
    return Math.abs(along);
  });
}

function centreOf(points: Float64Array, indices: Uint32Array): [number, number, number] {
  const sum = [0, 0, 0];
  pickPoints(points, indices).forEach((value, i) => {
    sum[i % 3]! += value;
  });
  return pointAt(
    sum.map((value) => value / indices.length),
    0,
  );
}

function rootMeanSquare(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}
