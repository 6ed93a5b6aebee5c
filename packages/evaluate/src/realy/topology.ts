/** A prediction's topology: the triangles that REALY's 85 keypoints lie on. */
import { GanfitError } from "@ganfit/core";
import { z } from "zod";
import type { Mesh } from "../geometry/mesh.js";
import { KEYPOINT_COUNT } from "./realy-regions.js";

/** Keypoints that move with a mesh of one topology. */
export interface KeypointRows {
  /** 85 indices of triangles. */
  readonly triangles: Uint32Array;
  /** `85 x 3` barycentric coordinates; each row sums to 1. */
  readonly weights: Float64Array;
}

export interface RealyTopology extends KeypointRows {
  readonly name: string;
  readonly vertexCount: number;
  /** `85 x 3` vertex indices: the corners of the keypoints' triangles. */
  readonly corners: Uint32Array;
}

/** How far a published row's coordinates may be outside the triangle: rounding of float32 is far below. */
const OUTSIDE = 1e-3;

const weight = z
  .number()
  .min(-OUTSIDE)
  .max(1 + OUTSIDE);
const schema = z
  .array(z.tuple([z.number().int().min(0).max(0xffffffff), weight, weight]))
  .length(KEYPOINT_COUNT);

/**
 * @param text JSON: 85 rows `[triangle, w1, w2]`; the third coordinate is 1 - w1 - w2
 * @param name of the file, for messages
 * @throws GanfitError `data` where it is anything else
 */
export function parseKeypointRows(text: string, name: string): KeypointRows {
  const fail = (what: string) =>
    new GanfitError(
      "data",
      `${name} is no REALY keypoint file (85 rows [triangle, w1, w2] in JSON): ${what}.`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fail("it is not JSON");
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(
      `${issue?.path.length ? `row ${issue.path.join(", column ")}: ` : ""}${issue?.message}`,
    );
  }
  const weights = new Float64Array(3 * KEYPOINT_COUNT);
  for (const [i, [, first, second]] of parsed.data.entries()) {
    const third = 1 - first - second;
    if (third < -2 * OUTSIDE) throw fail(`row ${i} lies outside its triangle`);
    weights.set([first, second, third], 3 * i);
  }
  return { triangles: Uint32Array.from(parsed.data, ([triangle]) => triangle), weights };
}

/**
 * @param mesh any mesh of the topology
 * @throws GanfitError `data` where a row names a triangle that the mesh does not have
 */
export function makeTopology(name: string, mesh: Mesh, rows: KeypointRows): RealyTopology {
  const count = mesh.triangles.length / 3;
  const wrong = rows.triangles.findIndex((triangle) => triangle >= count);
  if (wrong >= 0) {
    throw new GanfitError(
      "data",
      `Keypoint ${wrong} of topology ${name} lies on triangle ${rows.triangles[wrong]}, but its mesh ` +
        `has only ${count}: the keypoint file and the mesh do not belong together.`,
    );
  }
  const corners = new Uint32Array(3 * KEYPOINT_COUNT);
  for (let i = 0; i < corners.length; i++) {
    corners[i] = mesh.triangles[3 * rows.triangles[Math.floor(i / 3)]! + (i % 3)]!;
  }
  return { name, ...rows, corners, vertexCount: mesh.positions.length / 3 };
}

/**
 * The 85 keypoints of a prediction.
 *
 * @param positions `V x 3`, V the topology's count
 * @returns `85 x 3`
 */
export function keypointsOf(topology: RealyTopology, positions: Float64Array): Float64Array {
  const out = new Float64Array(3 * KEYPOINT_COUNT);
  for (let c = 0; c < topology.corners.length; c++) {
    const v = topology.corners[c]!;
    const i = Math.floor(c / 3);
    for (let k = 0; k < 3; k++) {
      out[3 * i + k]! += topology.weights[c]! * positions[3 * v + k]!;
    }
  }
  return out;
}
