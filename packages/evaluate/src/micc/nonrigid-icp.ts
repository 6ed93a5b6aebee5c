/**
 * menpo3d's `non_rigid_icp` with its defaults, after Amberg, Romdhani and Vetter 2007, "Optimal step nonrigid ICP
 * algorithms for surface registration": one affine transformation per vertex of a template, alike for neighbours as
 * the stiffness demands, brings it on to a scan.
 */
import { GanfitError } from "@ganfit/core";
import { AffineDeformation, deform } from "../geometry/affine-deformation.js";
import { ClosestPointSearch } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { edgesOf } from "../geometry/mesh-edges.js";
import { distancesBetween, pickPoints } from "../geometry/points.js";
import { invertSimilarity } from "../geometry/similarity-algebra.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { alignLikeMenpo } from "./menpo-similarity.js";
import { triangleNormals, vertexNormals } from "./mesh-normals.js";

/** A scan with points whose counterparts on the template are known. */
export interface MarkedScan extends Mesh {
  /** `n x 3`. */
  readonly landmarks: Float64Array;
}

export interface NonrigidOptions {
  /** Stiffness of each level in turn. */
  readonly stiffness?: readonly number[];
  /** Weight of the landmarks in each level, as many as there are stiffnesses. */
  readonly landmarkWeights?: readonly number[];
  /** A level ends when the root mean square change of the transformations' entries is below. */
  readonly tolerance?: number;
  /** A level that needs more solves than that is an error; menpo3d goes on for ever. */
  readonly mostSolves?: number;
}

/** menpo3d's, but for the last. */
export const NONRIGID_DEFAULTS = {
  stiffness: [50, 20, 5, 2, 0.8, 0.5, 0.35, 0.2],
  landmarkWeights: [5, 2, 0.5, 0, 0, 0, 0, 0],
  tolerance: 1e-3,
  mostSolves: 100,
} as const satisfies NonrigidOptions;

/** A vertex counts only where its normal and that of the triangle it is drawn to have a product above this. */
const SAME_DIRECTION = 0.9;

/**
 * @param template one piece, every vertex in a triangle
 * @param ids the template's vertices, each once, that belong to the scan's landmarks
 * @returns the template's triangles on the scan, in the scan's unit
 * @throws GanfitError `data` where the scan does not hold the template, or a level does not settle
 */
export function nonrigidIcp(
  template: Mesh,
  ids: Uint32Array,
  scan: MarkedScan,
  options: NonrigidOptions = {},
): Mesh {
  const { stiffness, landmarkWeights, tolerance, mostSolves } = {
    ...NONRIGID_DEFAULTS,
    ...options,
  };
  const { triangles } = template;
  const aligned = movePoints(
    template.positions,
    alignLikeMenpo(pickPoints(template.positions, ids), scan.landmarks),
  );
  // Stiffness means something only at one size.
  const frame = unitBox(aligned);
  const start = movePoints(aligned, frame);
  const target = { positions: movePoints(scan.positions, frame), triangles: scan.triangles };
  const landmarks = movePoints(scan.landmarks, frame);
  const matching = new Matching(target, triangles);
  const deformation = new AffineDeformation(start.length / 3, edgesOf(triangles), start);
  let positions = start;
  let before: Float64Array = new Float64Array(4 * start.length);
  stiffness.forEach((alpha, level) => {
    const beta = landmarkWeights[level] ?? 0;
    const marked = { vertices: ids, targets: landmarks, weights: constant(ids.length, beta) };
    for (let solves = 1; ; solves++) {
      const matched = { vertices: null, ...matching.find(positions) };
      const transforms = deformation.solve({
        stiffness: alpha,
        balance: [1, 1, 1, 1],
        positions,
        rows: beta > 0 ? [matched, marked] : [matched],
      });
      positions = deform(positions, transforms);
      const change = rootMeanSquareChange(before, transforms);
      before = transforms;
      if (change < tolerance) return;
      if (!Number.isFinite(change) || solves === mostSolves) {
        throw new GanfitError(
          "data",
          `The template does not settle on the scan: after ${solves} steps at stiffness ${alpha} it still changes by ${change.toPrecision(2)}. Check the landmarks of the scan.`,
        );
      }
    }
  });
  return { positions: movePoints(positions, invertSimilarity(frame)), triangles };
}

/** For the vertices of a template that moves: the closest points of the scan, and which of them count. */
class Matching {
  readonly #search: ClosestPointSearch;
  readonly #normals: Float64Array;
  readonly #triangles: Uint32Array;
  #closest: Float64Array | undefined;

  /** @param triangles the template's */
  constructor(target: Mesh, triangles: Uint32Array) {
    this.#search = new ClosestPointSearch(target);
    this.#normals = triangleNormals(target.positions, target.triangles);
    this.#triangles = triangles;
  }

  find(positions: Float64Array): { targets: Float64Array; weights: Float64Array } {
    // The closest point of before is on the surface still, and so bounds the distance.
    const bounds = this.#closest && distancesBetween(positions, this.#closest);
    const { points: targets, triangles } = this.#search.find(positions, bounds);
    this.#closest = targets;
    const own = vertexNormals(positions, this.#triangles);
    const weights = Float64Array.from(triangles, (t, v) => {
      let product = 0;
      for (let k = 0; k < 3; k++) product += own[3 * v + k]! * this.#normals[3 * t + k]!;
      return product > SAME_DIRECTION ? 1 : 0;
    });
    if (!weights.includes(1)) {
      throw new GanfitError(
        "data",
        "No part of the template faces as the scan beside it does: check the landmarks, and that the triangles of both run the same way round.",
      );
    }
    return { targets, weights };
  }
}

/** Moves the mean of the points to the origin and makes their box's diagonal 1. */
function unitBox(positions: Float64Array): Similarity3 {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  const sum = [0, 0, 0];
  positions.forEach((value, i) => {
    const k = i % 3;
    low[k] = Math.min(low[k]!, value);
    high[k] = Math.max(high[k]!, value);
    sum[k]! += value;
  });
  const scale = 1 / Math.hypot(...high.map((value, k) => value - low[k]!));
  const shift = (k: number) => (-scale * 3 * sum[k]!) / positions.length;
  return {
    scale,
    rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    translation: [shift(0), shift(1), shift(2)],
  };
}

function constant(length: number, value: number): Float64Array {
  return new Float64Array(length).fill(value);
}

function rootMeanSquareChange(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}
