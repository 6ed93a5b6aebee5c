// The landmark network's systematic error. Where a head is turned, the network puts landmarks elsewhere on the skin
// than from the front, where the model's points for them were found, and on average somewhat elsewhere from the front
// too: by 2.5 % of the distance between the pupils on rendered heads, more than faces differ. Most of it depends on
// the view alone, and is taken off before a shape is fitted.

import { interocularDistance } from "../networks/ibug68.js";
import { LANDMARK_COUNT } from "../networks/landmarks.js";
import type { Vector3 } from "../render/camera.js";
import { LANDMARK_BIAS } from "./landmark-bias-table.js";

/** Angles in radians that features are in units of, and beyond which (in these units) nothing is known. */
const YAW_UNIT = 0.6;
const PITCH_UNIT = 0.25;
const LIMIT = 1.3;

/** The middles of the irises. */
const RIGHT_IRIS = 468;
const LEFT_IRIS = 473;

export const BIAS_FEATURES = 7;

/**
 * What the bias is linear in.
 *
 * @param towards from the head to the camera, in the head's frame, of any length
 */
export function biasFeatures([x, y, z]: Vector3): readonly number[] {
  const clipped = (value: number) => Math.min(LIMIT, Math.max(-LIMIT, value));
  const a = clipped(Math.atan2(-x, z) / YAW_UNIT);
  const b = clipped(Math.atan2(-y, Math.hypot(x, z)) / PITCH_UNIT);
  return [1, a, b, a * a, b * b, a * b, a ** 3];
}

/** The frame that bias is told in: pixels per unit (the distance between the pupils), and its x axis in the picture. */
export function biasFrame(landmarks: ArrayLike<number>): {
  readonly unit: number;
  readonly cosine: number;
  readonly sine: number;
} {
  const across = (axis: 0 | 1) =>
    landmarks[3 * LEFT_IRIS + axis]! - landmarks[3 * RIGHT_IRIS + axis]!;
  const length = Math.hypot(across(0), across(1));
  return {
    unit: interocularDistance(Float32Array.from(landmarks)),
    cosine: across(0) / length,
    sine: across(1) / length,
  };
}

/**
 * By how much the network puts landmarks beside where they are.
 *
 * @param landmarks `478 x 3`, the network's, pixels
 * @param towards from the head to the camera, in the head's frame, of any length
 * @returns `478 x 2`, pixels
 */
export function landmarkBias(landmarks: ArrayLike<number>, towards: Vector3): Float64Array {
  const features = biasFeatures(towards);
  const { unit, cosine, sine } = biasFrame(landmarks);
  const out = new Float64Array(2 * LANDMARK_COUNT);
  for (let i = 0; i < LANDMARK_COUNT; i++) {
    let [x, y] = [0, 0];
    features.forEach((feature, k) => {
      x += feature * LANDMARK_BIAS[(k * LANDMARK_COUNT + i) * 2]!;
      y += feature * LANDMARK_BIAS[(k * LANDMARK_COUNT + i) * 2 + 1]!;
    });
    out[2 * i] = unit * (cosine * x - sine * y);
    out[2 * i + 1] = unit * (sine * x + cosine * y);
  }
  return out;
}
