/**
 * Non-rigid alignment of a scan's region onto the points that lie closest to it on the prediction
 * (czh-98/REALY, utils/NICP.py; the method is Amberg, Romdhani, Vetter, "Optimal step nonrigid ICP
 * algorithms for surface registration", CVPR 2007).
 */
import { GanfitError } from "@ganfit/core";
import { AffineDeformation, type DeformationStep, deform } from "../geometry/affine-deformation.js";
import type { Mesh } from "../geometry/mesh.js";
import { edgesOf } from "../geometry/mesh-edges.js";
import { NearestVertexSearch } from "../geometry/nearest-vertices.js";

/** Stiffness of the first level with data; it falls by exp(-1/2) from level to level. */
const STIFFNESS = 50;
const DATA_LEVELS = 3;
/** Change of the transforms (Frobenius norm) that ends the first level with data; halved at each level. */
const SETTLED = 1;
/** The keypoints alone come first, with a stiffness and balance of their own. */
const KEYPOINT_STIFFNESS = 150;
const KEYPOINT_BALANCE = [2, 2, 3, 2] as const;
const KEYPOINT_WEIGHT = 50;
const PLAIN_BALANCE = [1, 1, 1, 1] as const;
/** Solves of a level with keypoints. */
const MAX_SOLVES = 11;
/** REALY sets none where there are no keypoints; a level that needs more never ends. */
const MAX_SOLVES_WITHOUT_KEYPOINTS = 200;

/** Points of the region that are to come to given places. */
export interface RegionKeypoints {
  /** `k` vertices of the region; where one comes twice its last target counts. */
  readonly vertices: Uint32Array;
  /** `k x 3`. */
  readonly targets: Float64Array;
}

/**
 * @param region merged and without loose vertices
 * @param cloud `n x 3`: where vertices may be drawn to
 * @param keypoints null where the region has none
 * @returns `V x 3`: the region's vertices deformed
 * @throws GanfitError `data` where the region cannot be deformed
 */
export function deformRegion(
  region: Mesh,
  cloud: Float64Array,
  keypoints: RegionKeypoints | null,
): Float64Array {
  const { positions, triangles } = region;
  const solver = new AffineDeformation(positions.length / 3, edgesOf(triangles), positions);
  const search = new NearestVertexSearch(cloud);
  const marks = keypoints && withoutRepeats(keypoints);
  let current = positions;
  // These two are REALY's start values: far enough apart that the first level begins.
  let transforms = new Float64Array(4 * positions.length).fill(1);
  let last = new Float64Array(transforms.length);
  let solves = 0;
  const solve = (step: Omit<DeformationStep, "positions">) => {
    last = transforms;
    transforms = Float64Array.from(solver.solve({ ...step, positions: current }));
    current = deform(current, transforms);
    solves++;
  };

  if (marks) {
    solve({
      stiffness: KEYPOINT_STIFFNESS,
      balance: KEYPOINT_BALANCE,
      rows: [keypointRow(marks, KEYPOINT_WEIGHT)],
    });
  }
  for (let level = 0; level < DATA_LEVELS; level++) {
    const settled = SETTLED * 0.5 ** level;
    for (let step = 0; change(transforms, last) > settled; step++) {
      if (marks && step === MAX_SOLVES) break;
      if (step === MAX_SOLVES_WITHOUT_KEYPOINTS) {
        throw new GanfitError("data", "The deformation of the region does not settle.");
      }
      const data = dataRow(current, search, cloud);
      const weight = (KEYPOINT_WEIGHT * Math.exp(-0.9 * solves)) / 10;
      solve({
        stiffness: STIFFNESS * Math.exp(-0.5 * level),
        balance: PLAIN_BALANCE,
        rows: marks ? [data, keypointRow(marks, weight)] : [data],
      });
    }
  }
  return current;
}

type Row = DeformationStep["rows"][number];

/** Draws each vertex to the nearest point of the cloud, unless that is much farther than for most. */
function dataRow(current: Float64Array, search: NearestVertexSearch, cloud: Float64Array): Row {
  const { indices, distances } = search.find(current);
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  const reach = Math.max(2 * mean, 1);
  const targets = new Float64Array(current.length);
  for (let i = 0; i < targets.length; i++) {
    targets[i] = cloud[3 * indices[Math.floor(i / 3)]! + (i % 3)]!;
  }
  const weights = Float64Array.from(distances, (distance) => (distance < reach ? 1 : 0));
  return { vertices: null, targets, weights };
}

function keypointRow({ vertices, targets }: RegionKeypoints, weight: number): Row {
  return { vertices, targets, weights: new Float64Array(vertices.length).fill(weight) };
}

function withoutRepeats({ vertices, targets }: RegionKeypoints): RegionKeypoints {
  const last = new Map<number, number>();
  for (const [i, vertex] of vertices.entries()) last.set(vertex, i);
  return {
    vertices: Uint32Array.from(last.keys()),
    targets: Float64Array.from(
      [...last.values()].flatMap((i) => [...targets.subarray(3 * i, 3 * i + 3)]),
    ),
  };
}

function change(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
