// How much each vertex counts when the modes of the head are put in order.

import type { SurfacePoints } from "../../packages/core/src/models/morphable-model.js";
import { surfacePositions } from "../../packages/core/src/models/surface-points.js";
import type { BaseHead } from "./base-head.js";
import { skinAreas } from "./prior.js";

/** Millimetres beyond the landmarks over which the weight falls. */
const MARGIN = 12;
/** Weight per area of the skin away from the face, against 1 in it. */
const ELSEWHERE = 0.05;
const FACE_POINTS = 468;

/**
 * `V`: the skin's area around each vertex, in full where MediaPipe's landmarks lie and around them, and
 * a small part of it elsewhere; 0 for parts other than skin.
 */
export function faceWeights(head: BaseHead, landmarks: SurfacePoints): Float64Array {
  const points = surfacePositions(head.mean, head.triangles, landmarks).subarray(
    0,
    3 * FACE_POINTS,
  );
  return skinAreas(head).map((area, v) => {
    if (area === 0) return 0;
    let nearest = Infinity;
    for (let i = 0; i < points.length; i += 3) {
      let square = 0;
      for (let k = 0; k < 3; k++) square += (head.mean[3 * v + k]! - points[i + k]!) ** 2;
      nearest = Math.min(nearest, square);
    }
    return area * (ELSEWHERE + (1 - ELSEWHERE) * Math.exp(-nearest / (2 * MARGIN ** 2)));
  });
}
