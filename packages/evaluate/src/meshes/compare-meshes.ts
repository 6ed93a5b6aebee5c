/** Distances between a reconstruction and the truth, both ways. */
import { GanfitError } from "@ganfit/core";
import { alignToSurface } from "../geometry/align-to-surface.js";
import { ClosestPointSearch } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { pickPoints } from "../geometry/points.js";
import { alignPoints, movePoints } from "../geometry/similarity3.js";
import type { MeshAlignment } from "./meshes-settings.js";

export interface MeshPair {
  /** Millimetres. */
  readonly truth: Mesh;
  /** The reconstruction, millimetres where it is not scaled. */
  readonly mesh: Mesh;
  readonly align: MeshAlignment;
  /** Points that correspond, three or more; not looked at where nothing is moved. */
  readonly landmarks: { readonly truth: Float64Array; readonly mesh: Float64Array } | null;
  /** What is measured; null for all. */
  readonly region: Ball | null;
}

export interface Ball {
  readonly centre: readonly number[];
  readonly radius: number;
}

export interface MeshDistances {
  /** Vertices of the truth that were measured, ascending. */
  readonly vertices: Uint32Array;
  /** Of these to the reconstruction's surface, millimetres. */
  readonly truthToMesh: Float64Array;
  /** Of the reconstruction's vertices in the region to the truth's surface, millimetres. */
  readonly meshToTruth: Float64Array;
}

/**
 * Moves the reconstruction by its landmarks (least squares), then to the local minimum of the summed squared distances of
 * the truth's vertices to its surface, where point-to-surface ICP would end, under the motions that are allowed, and
 * measures closest-point distances from there. Only vertices that belong to a triangle count, and only those in the
 * region, which is fixed to the truth.
 *
 * @throws GanfitError `data` where the region is empty on either side, a mesh has no triangles, or the landmarks
 *   determine no pose
 */
export function compareMeshes(pair: MeshPair): MeshDistances {
  const { truth, region } = pair;
  for (const [mesh, what] of [
    [truth, "ground truth"],
    [pair.mesh, "reconstruction"],
  ] as const) {
    if (mesh.triangles.length === 0) throw new GanfitError("data", `The ${what} has no triangles.`);
  }
  const vertices = measuredVertices(truth, region);
  if (vertices.length === 0) {
    throw new GanfitError(
      "data",
      "No vertex of the ground truth lies in the region about its nose tip.",
    );
  }
  const points = pickPoints(truth.positions, vertices);
  const mesh = aligned(pair, points);
  const back = measuredVertices(mesh, region);
  if (back.length === 0) {
    throw new GanfitError(
      "data",
      "No vertex of the aligned reconstruction lies in the region about the nose tip; unit, landmarks or alignment are wrong.",
    );
  }
  return {
    vertices,
    truthToMesh: new ClosestPointSearch(mesh).find(points).distances,
    meshToTruth: new ClosestPointSearch(truth).find(pickPoints(mesh.positions, back)).distances,
  };
}

function aligned({ mesh, align, landmarks }: MeshPair, points: Float64Array): Mesh {
  if (align === "none") return mesh;
  if (landmarks === null) {
    throw new GanfitError("usage", `The alignment "${align}" needs landmarks.`);
  }
  const scale = align === "similarity";
  const pose = alignPoints(landmarks.mesh, landmarks.truth, { scale });
  const posed = { ...mesh, positions: movePoints(mesh.positions, pose) };
  const { motion } = alignToSurface(points, posed, { scale });
  return { ...mesh, positions: movePoints(posed.positions, motion) };
}

function measuredVertices({ positions, triangles }: Mesh, region: Ball | null): Uint32Array {
  const used = new Uint8Array(positions.length / 3);
  for (const vertex of triangles) used[vertex] = 1;
  const within = (v: number) =>
    region === null ||
    Math.hypot(...region.centre.map((value, k) => positions[3 * v + k]! - value)) <= region.radius;
  return Uint32Array.from([...used.keys()].filter((v) => used[v] === 1 && within(v)));
}
