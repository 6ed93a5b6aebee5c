/**
 * Smooth windows over the parts of a face that mixes exchange. They sum to 1 everywhere, are symmetric, so that both
 * eyes come from one person, and pass into each other only over bare skin: brows, eyes, nostrils and lips lie
 * where their own window is 1, and no feature is ever an average of two.
 *
 * Each part is painted over the ones below it, from the rest of the head up: `w = mask (1 - masks above it)`.
 */

import { FRAME_LANDMARKS, LANDMARK_GROUPS, mirrored, smoothStep, type UvFrame } from "@ganfit/core";
import { distanceToHull } from "./hull-distance.js";

/** In the order of {@link FaceWindows.windows}. */
export const FACE_PARTS = ["eyes", "mouth", "nose", "cheeks", "forehead", "rest"] as const;

export type FacePart = (typeof FACE_PARTS)[number];

/** Texels of a map outside of which a window is 0. */
export interface Bounds {
  readonly left: number;
  readonly top: number;
  /** Behind the last. */
  readonly right: number;
  /** Behind the last. */
  readonly bottom: number;
}

export interface FaceWindow {
  /** `size x size` in [0, 1] */
  readonly values: Float32Array;
  readonly bounds: Bounds;
}

export interface FaceWindows {
  /** Texels along each side. */
  readonly size: number;
  readonly parts: Readonly<Record<FacePart, FaceWindow>>;
}

const { rightEye, leftEye, rightEyebrow, leftEyebrow, faceOval } = LANDMARK_GROUPS;

/** Brows, eyes and the root of the nose between them. */
const EYES = [...rightEye, ...leftEye, ...rightEyebrow, ...leftEyebrow];

/** From where the bridge leaves the eyes to the wings and under the tip. */
const NOSE = [196, 197, 419, 126, 355, 129, 358, 64, 294, 98, 327, 97, 326, 2];

/** From half-way between nose and upper lip over the cheeks to the jaw: where beards grow. */
const MOUTH = [
  167, 393, 427, 433, 435, 288, 397, 365, 379, 378, 400, 152, 176, 149, 150, 136, 172, 58, 215, 213,
  207,
];

/** How far a window reaches beyond its landmarks and over what distance it ends, parts of the side. */
const EYES_EDGE = { grow: 0.04, softness: 0.045 } as const;
const NOSE_EDGE = { grow: 0.022, softness: 0.034 } as const;
/** Between nose and lip there is no more room. */
const LIP_EDGE = { grow: -0.003, softness: 0.024 } as const;
const JAW_EDGE = { grow: 0.012, softness: 0.08 } as const;
const FACE_EDGE = { grow: -0.02, softness: 0.1 } as const;

/** Distances from the midline from which on the mouth's window ends as at the lip and as at the jaw. */
const LIP_TO_JAW = { from: 0.1, to: 0.22 } as const;

/** Where, from the top, cheeks become forehead beside the eyes. */
const TEMPLE = { from: 0.38, to: 0.5 } as const;

const known = new WeakMap<UvFrame, Map<number, FaceWindows>>();

/** The windows are kept as long as the frame is. */
export function faceWindows(frame: UvFrame, size: number): FaceWindows {
  const bySize = known.get(frame) ?? new Map<number, FaceWindows>();
  known.set(frame, bySize);
  const found = bySize.get(size) ?? makeWindows(frame, size);
  bySize.set(size, found);
  return found;
}

function makeWindows(frame: UvFrame, size: number): FaceWindows {
  const uv = frame.points.uv.subarray(0, 2 * FRAME_LANDMARKS);
  const distance = (indices: readonly number[]) =>
    distanceToHull(
      indices.flatMap((i) => [uv[2 * i]!, uv[2 * i + 1]!]),
      size,
    );
  const eyes = maskOf(distance(EYES), EYES_EDGE);
  const nose = maskOf(distance(NOSE), NOSE_EDGE);
  const face = maskOf(distance(faceOval), FACE_EDGE);
  const mouth = distance(MOUTH).map((value, i) => {
    const off = Math.abs(((i % size) + 0.5) / size - 0.5);
    const jaw = smoothStep(LIP_TO_JAW.from, LIP_TO_JAW.to, off);
    // Below the lips the edge is a jaw's, too.
    const row = (Math.floor(i / size) + 0.5) / size;
    const share = Math.max(jaw, smoothStep(0.7, 0.78, row));
    const mixed = (key: "grow" | "softness") =>
      LIP_EDGE[key] + share * (JAW_EDGE[key] - LIP_EDGE[key]);
    return edge(value, { grow: mixed("grow"), softness: mixed("softness") });
  });
  const masks: Record<FacePart, Float32Array> = {
    eyes,
    mouth,
    nose,
    cheeks: face.map((value, i) => {
      const row = (Math.floor(i / size) + 0.5) / size;
      return value * smoothStep(TEMPLE.from, TEMPLE.to, row);
    }),
    forehead: face,
    rest: new Float32Array(size * size).fill(1),
  };
  const left = new Float32Array(size * size).fill(1);
  const parts = Object.fromEntries(
    FACE_PARTS.map((part) => {
      const mask = masks[part];
      const other = mirrored(mask, size, 1);
      const values = mask.map((value, i) => {
        const share = left[i]! * ((value + other[i]!) / 2);
        left[i]! -= share;
        return share;
      });
      return [part, { values, bounds: boundsOf(values, size) }];
    }),
  ) as Record<FacePart, FaceWindow>;
  return { size, parts };
}

interface Edge {
  readonly grow: number;
  readonly softness: number;
}

function maskOf(distances: Float32Array, shape: Edge): Float32Array {
  return distances.map((value) => edge(value, shape));
}

function edge(distance: number, { grow, softness }: Edge): number {
  return 1 - smoothStep(-softness / 2, softness / 2, distance - grow);
}

function boundsOf(values: Float32Array, size: number): Bounds {
  let [left, top, right, bottom] = [size, size, 0, 0];
  values.forEach((value, i) => {
    if (value === 0) return;
    left = Math.min(left, i % size);
    right = Math.max(right, (i % size) + 1);
    top = Math.min(top, Math.floor(i / size));
    bottom = Math.max(bottom, Math.floor(i / size) + 1);
  });
  return { left: Math.min(left, right), top: Math.min(top, bottom), right, bottom };
}
