// iBUG's 68 points on a model, from MediaPipe's 478.

import { IBUG68 } from "../../networks/ibug68.js";
import { SurfaceIndex } from "../closest-point.js";
import type { MorphableModel, SurfacePoints } from "../morphable-model.js";
import { surfacePositions } from "../surface-points.js";

/** iBUG's points from here on are features of the face; those before are its outline. */
export const JAW_COUNT = 17;

/** For each of iBUG's points 17 to 67 the landmark of MediaPipe's. */
const IBUG_FEATURES = IBUG68.slice(JAW_COUNT);

/** MediaPipe's outline of the face from the person's right temple down to the chin, and the left one. */
const RIGHT_JAW = [127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152];
const LEFT_JAW = [356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152];

/**
 * Where points 0 to 8 lie along that outline, in parts of its length: the mean of the jaw lines that
 * ICT-FaceKit (its "right jawline", which follows the bone) and the Surrey Face Model publish.
 */
const JAW_PARTS = [0, 0.136, 0.263, 0.404, 0.537, 0.654, 0.786, 0.913, 1];

/**
 * iBUG's 68 points where MediaPipe's landmarks are: features at the nearest landmark, the jaw evenly
 * along the outline of the face. The jaw's points are places of the skin; those of a photograph slide
 * over it as the head turns.
 *
 * @param mediapipe `468 x 3` or more
 * @returns `68 x 3`
 */
export function ibug68Positions(mediapipe: ArrayLike<number>): Float32Array {
  const out = new Float32Array(3 * 68);
  const right = JAW_PARTS.map((part) => along(mediapipe, RIGHT_JAW, part));
  const left = JAW_PARTS.map((part) => along(mediapipe, LEFT_JAW, part));
  const jaw = [...right, ...left.slice(0, -1).reverse()];
  for (const [i, p] of jaw.entries()) out.set(p, 3 * i);
  for (const [i, landmark] of IBUG_FEATURES.entries()) {
    for (let k = 0; k < 3; k++) out[3 * (JAW_COUNT + i) + k] = mediapipe[3 * landmark + k]!;
  }
  return out;
}

/**
 * iBUG's 68 points for a model whose file has none.
 *
 * @param mediapipe478 the model's landmarks
 */
export function embedIbug68(model: MorphableModel, mediapipe478: SurfacePoints): SurfacePoints {
  const { mean, triangles, parts } = model;
  const positions = ibug68Positions(surfacePositions(mean, triangles, mediapipe478));
  const numbers: number[] = [];
  for (const { kind, start, count } of parts) {
    if (kind === "skin") for (let t = start; t < start + count; t++) numbers.push(t);
  }
  const skin = new Uint32Array(3 * numbers.length);
  for (const [i, t] of numbers.entries()) skin.set(triangles.subarray(3 * t, 3 * t + 3), 3 * i);
  const surface = new SurfaceIndex(mean, skin);
  const result = { triangles: new Uint32Array(68), barycentric: new Float32Array(3 * 68) };
  for (let i = 0; i < 68; i++) {
    if (i < JAW_COUNT) {
      const hit = surface.closest(positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!)!;
      result.triangles[i] = numbers[hit.triangle]!;
      result.barycentric.set(hit.barycentric, 3 * i);
    } else {
      const landmark = IBUG_FEATURES[i - JAW_COUNT]!;
      result.triangles[i] = mediapipe478.triangles[landmark]!;
      const corner = mediapipe478.barycentric.subarray(3 * landmark, 3 * landmark + 3);
      result.barycentric.set(corner, 3 * i);
    }
  }
  return result;
}

/** A point of a line through landmarks, at a part of its length. */
function along(points: ArrayLike<number>, line: readonly number[], part: number): number[] {
  const p = line.map((i) => [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!]);
  const steps = p.slice(1).map((q, i) => Math.hypot(...q.map((value, k) => value - p[i]![k]!)));
  let rest = part * steps.reduce((sum, step) => sum + step, 0);
  for (const [i, step] of steps.entries()) {
    if (rest <= step || i === steps.length - 1) {
      const f = step > 0 ? Math.min(1, rest / step) : 0;
      return p[i]!.map((value, k) => value + f * (p[i + 1]![k]! - value));
    }
    rest -= step;
  }
  return p[0]!;
}
