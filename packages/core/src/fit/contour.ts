// Landmarks on the outline of the face slide. A landmark network puts them where the visible face ends;
// on a turned head that is another place of the skin than on a frontal one. As in landmark marching (Zhu
// et al., "High-Fidelity Pose and Expression Normalization for Face Recognition in the Wild", CVPR 2015),
// each of them moves over the skin along a line of its own, here straight towards the middle of the face in
// the texture layout, until the surface faces the camera.
//
// So do those of the inner lips, the other way: the network marks the edge of the opening, which on lips
// that part is skin that was folded inside. They move on from the outer lip's landmark through the inner
// one's as far as the surface faces the camera.

import { GanfitError } from "../errors.js";
import { inPlane } from "../image/in-plane.js";
import type { MorphableModel, SurfacePoints } from "../models/morphable-model.js";
import { surfacePositions } from "../models/surface-points.js";
import { LANDMARK_GROUPS } from "../networks/ibug68.js";
import type { Vector3 } from "../render/camera.js";
import { vertexNormals } from "../render/normals.js";
import { barycentricAt, rasterize } from "../render/rasterize.js";

/** Places on each landmark's line, the landmark itself first. */
const STEPS = 16;
/** How far the line reaches, of the way to the middle of the face. */
const REACH = 0.6;
/** How far a lip's line reaches beyond the landmark, parts of the lip's width. */
const LIP_REACH = 1;
/** Side of the grid in which triangles are looked up. */
const GRID = 1024;
/** The tip of the nose is the middle of the face. */
const MIDDLE = 4;

export interface SlidingLandmarks {
  /** The 478 landmarks, then further places for each that slides. */
  readonly points: SurfacePoints;
  /**
   * Which of the points stand for the 478 landmarks now.
   *
   * @param positions of the points, `n x 3`
   * @param normals of the points, `n x 3`, of any length
   * @param viewer the camera's position in the same frame
   * @returns 478 indices
   */
  choose(positions: Float32Array, normals: Float32Array, viewer: Vector3): Uint32Array;
}

/**
 * @param model with landmarks and texture coordinates
 * @throws GanfitError `model` where it lacks one of them
 */
export function slidingLandmarks(model: MorphableModel): SlidingLandmarks {
  const fixed = model.landmarks?.mediapipe478;
  if (!fixed || !model.uv) {
    throw new GanfitError(
      "model",
      `${model.name} has no landmarks or texture coordinates: add it with "ganfit models add".`,
    );
  }
  const uv = landmarkUv(model, fixed);
  const find = skinLookup(model);
  const triangles = [...fixed.triangles];
  const barycentric = [...fixed.barycentric];
  /** Places from a landmark towards a point of the layout, as far as there is skin. */
  const lineTo = (landmark: number, target: readonly [number, number], reach: number) => {
    const line: number[] = [landmark];
    for (let step = 1; step < STEPS; step++) {
      const t = (reach * step) / (STEPS - 1);
      const u = (1 - t) * uv[2 * landmark]! + t * target[0];
      const v = (1 - t) * uv[2 * landmark + 1]! + t * target[1];
      const found = find(u, v);
      if (!found) break;
      line.push(triangles.length);
      triangles.push(found.triangle);
      barycentric.push(...found.weights);
    }
    return { landmark, line };
  };
  const { faceOval, lipsOuter, lipsInner } = LANDMARK_GROUPS;
  const middle = [uv[2 * MIDDLE]!, uv[2 * MIDDLE + 1]!] as const;
  const outline = faceOval.map((landmark) => lineTo(landmark, middle, REACH));
  const lips = lipsInner.map((landmark, i) => {
    const outer = lipsOuter[i]!;
    const beyond = (axis: 0 | 1) => 2 * uv[2 * landmark + axis]! - uv[2 * outer + axis]!;
    return lineTo(landmark, [beyond(0), beyond(1)], LIP_REACH);
  });
  const count = fixed.triangles.length;
  return {
    points: {
      triangles: Uint32Array.from(triangles),
      barycentric: Float32Array.from(barycentric),
    },
    choose(positions, normals, viewer) {
      const chosen = Uint32Array.from({ length: count }, (_, i) => i);
      const faces = (i: number) =>
        [0, 1, 2].reduce(
          (sum, k) => sum + normals[3 * i + k]! * (viewer[k]! - positions[3 * i + k]!),
          0,
        ) > 0;
      for (const { landmark, line } of outline) chosen[landmark] = line.find(faces) ?? landmark;
      for (const { landmark, line } of lips) {
        const turned = line.findIndex((point) => !faces(point));
        chosen[landmark] = turned < 0 ? line.at(-1)! : line[Math.max(0, turned - 1)]!;
      }
      return chosen;
    },
  };
}

/**
 * Which of the points stand for the 478 landmarks of a head as it is posed and seen.
 *
 * @param vertices `V x 3`, from `evaluateModel`
 * @param viewer the camera's position in the same frame
 * @returns 478 indices
 */
export function visiblePoints(
  { triangles }: MorphableModel,
  sliding: SlidingLandmarks,
  vertices: Float32Array,
  viewer: Vector3,
): Uint32Array {
  const at = (values: Float32Array) => surfacePositions(values, triangles, sliding.points);
  return sliding.choose(at(vertices), at(vertexNormals(vertices, triangles)), viewer);
}

/** `n x 2` places of surface points in the texture layout. */
function landmarkUv({ uv }: MorphableModel, points: SurfacePoints): Float64Array {
  const coordinates = uv!.coordinates;
  const padded = new Float32Array((coordinates.length / 2) * 3);
  for (let i = 0; i < coordinates.length / 2; i++) {
    padded[3 * i] = coordinates[2 * i]!;
    padded[3 * i + 1] = coordinates[2 * i + 1]!;
  }
  return inPlane(surfacePositions(padded, uv!.triangles, points));
}

/** Finds the skin's triangle at a place of the texture layout. */
function skinLookup({ uv, parts }: MorphableModel) {
  const { coordinates, triangles } = uv!;
  const positions = new Float32Array((coordinates.length / 2) * 3);
  for (let i = 0; i < coordinates.length / 2; i++) {
    positions[3 * i] = coordinates[2 * i]! * GRID;
    positions[3 * i + 1] = coordinates[2 * i + 1]! * GRID;
  }
  const skin = triangles.slice();
  for (const { kind, start, count } of parts) {
    if (kind !== "skin") skin.fill(0, 3 * start, 3 * (start + count));
  }
  const raster = rasterize({ positions, triangles: skin, width: GRID, height: GRID });
  return (u: number, v: number) => {
    const x = Math.min(GRID - 1, Math.max(0, Math.floor(u * GRID)));
    const y = Math.min(GRID - 1, Math.max(0, Math.floor(v * GRID)));
    const triangle = raster.triangle[y * GRID + x]!;
    if (triangle < 0) return undefined;
    const weights = [0, 0, 0];
    barycentricAt(positions, skin, triangle, x + 0.5, y + 0.5, weights);
    return { triangle, weights };
  };
}
