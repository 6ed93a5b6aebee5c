/**
 * Parts of the face in the texture's layout, as soft masks: they hold for every head, because all have their
 * landmarks in the same place.
 */

import type { UvFrame } from "../models/uv/uv-frame.js";
import { LANDMARK_GROUPS } from "../networks/ibug68.js";
import { type Polygon, polygonOf, signedDistance } from "../networks/mask-geometry.js";
import { smoothStep } from "../smooth-step.js";

/** `size x size` each, in [0, 1]. */
export interface FaceRegions {
  readonly size: number;
  /** Within the outline of the landmarks, from the hairline to the chin. */
  readonly face: Float32Array;
  /** Both lips and what lies between. */
  readonly lips: Float32Array;
  readonly brows: Float32Array;
  /** The openings of the eyes and the lids around them, lashes and folds included. */
  readonly eyes: Float32Array;
  /** Of `eyes`, the lids' rim and what open lids fold away: what shows when they close. */
  readonly lids: Float32Array;
  /** The nostrils and the rim around them. */
  readonly nostrils: Float32Array;
  /** Of `face`, what none of the others covers: bare skin, or beard. */
  readonly skin: Float32Array;
}

/** How far a region reaches beyond its landmarks and over what distance it ends, parts of the side. */
const LIPS = { grow: 0.008, softness: 0.012 } as const;
const BROWS = { grow: 0.012, softness: 0.016 } as const;
const EYES = { grow: 0.016, softness: 0.02 } as const;
const LIDS = { grow: 0.01, softness: 0.012 } as const;
const NOSTRILS = { grow: 0.006, softness: 0.012 } as const;
const FACE = { grow: -0.01, softness: 0.03 } as const;

/** Around each nostril, closed. */
const RIGHT_NOSTRIL = [98, 97, 141, 242, 238, 79, 218, 166, 64];
const LEFT_NOSTRIL = [327, 326, 370, 462, 458, 309, 438, 392, 294];

const known = new WeakMap<UvFrame, Map<number, FaceRegions>>();

/** The masks are kept as long as the frame is. */
export function faceRegions(frame: UvFrame, size: number): FaceRegions {
  const bySize = known.get(frame) ?? new Map<number, FaceRegions>();
  known.set(frame, bySize);
  const found = bySize.get(size) ?? drawRegions(frame, size);
  bySize.set(size, found);
  return found;
}

function drawRegions(frame: UvFrame, size: number): FaceRegions {
  const points = frame.points.uv.map((value) => value * size);
  interface Edge {
    readonly grow: number;
    readonly softness: number;
  }
  const drawn = (groups: readonly (readonly number[])[], { grow, softness }: Edge) => {
    const mask = new Float32Array(size * size);
    const reach = Math.ceil(Math.max(0, grow + softness / 2) * size) + 1;
    for (const group of groups) {
      const polygon = polygonOf(points, group);
      const [left, right] = rangeOf(polygon, 0, reach, size);
      const [top, bottom] = rangeOf(polygon, 1, reach, size);
      const local = polygon.map((value, i) => value - (i % 2 === 0 ? left : top));
      const distances = signedDistance(local, right - left, bottom - top);
      distances.forEach((distance, n) => {
        const at = (top + Math.floor(n / (right - left))) * size + left + (n % (right - left));
        const beyond = distance / size - grow;
        mask[at] = Math.max(mask[at]!, 1 - smoothStep(-softness / 2, softness / 2, beyond));
      });
    }
    return mask;
  };
  const { faceOval, lipsOuter, rightEye, leftEye, rightEyebrow, leftEyebrow } = LANDMARK_GROUPS;
  const face = drawn([faceOval], FACE);
  const lips = drawn([lipsOuter], LIPS);
  const brows = drawn([rightEyebrow, leftEyebrow], BROWS);
  const eyes = drawn([rightEye, leftEye], EYES);
  const lids = drawn([rightEye, leftEye], LIDS);
  const nostrils = drawn([RIGHT_NOSTRIL, LEFT_NOSTRIL], NOSTRILS);
  const skin = face.map(
    (value, i) => value * (1 - lips[i]!) * (1 - brows[i]!) * (1 - eyes[i]!) * (1 - nostrils[i]!),
  );
  return { size, face, lips, brows, eyes, lids, nostrils, skin };
}

/** First texel of a polygon with a margin along one axis, and the one after the last. */
function rangeOf(
  polygon: Polygon,
  axis: 0 | 1,
  margin: number,
  size: number,
): readonly [number, number] {
  const values = polygon.filter((_, i) => i % 2 === axis);
  return [
    Math.max(0, Math.floor(Math.min(...values)) - margin),
    Math.min(size, Math.ceil(Math.max(...values)) + margin),
  ];
}
