/** Names for parts of the 478 landmarks, and the 68 points of iBUG 300-W among them. */

/**
 * For each of the 68 points of iBUG 300-W (Sagonas et al. 2013) the point of the 478 nearest to it, for
 * brows, nose, eyes and lips by the vertices that ICT-FaceKit and the Surrey Face Model publish:
 * 0-16 jaw from the person's right ear to the left, 17-21 and 22-26 eyebrows, 27-30 bridge of the
 * nose, 31-35 under the nose, 36-41 and 42-47 eyes, 48-59 outer and 60-67 inner lips.
 *
 * The jaw differs in kind: 300-W marks the outline that a picture shows, which slides over the skin
 * of a turned head, while these 17 points stay on the skin. On a frontal face they agree.
 */
export const IBUG68: readonly number[] = [
  // Jaw.
  127, 234, 132, 58, 172, 150, 149, 176, 152, 400, 378, 379, 397, 288, 361, 454, 356,
  // Eyebrows.
  70, 63, 105, 66, 107, 336, 296, 334, 293, 300,
  // Nose.
  168, 197, 5, 4, 240, 97, 2, 326, 460,
  // Eyes.
  33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,
  // Lips.
  61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 78, 81, 13, 311, 308, 402, 14, 178,
];

/** The other side's point for each of the 68, when the picture is mirrored. */
export const IBUG68_MIRROR: readonly number[] = [
  16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17,
  27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40, 54, 53, 52,
  51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,
];

/**
 * Indices into the 478 landmarks. Closed contours run around and end before their start; right and
 * left are the person's.
 */
export const LANDMARK_GROUPS = {
  /** Outline of the face from the hairline, clockwise in the picture. */
  faceOval: [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
  ],
  rightEye: [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246],
  leftEye: [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466],
  /** Upper edge from the temple to the nose, then the lower edge back. */
  rightEyebrow: [70, 63, 105, 66, 107, 55, 65, 52, 53, 46],
  leftEyebrow: [300, 293, 334, 296, 336, 285, 295, 282, 283, 276],
  /** Centre, then four points around it. */
  rightIris: [468, 469, 470, 471, 472],
  leftIris: [473, 474, 475, 476, 477],
  lipsOuter: [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
  ],
  lipsInner: [
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
  ],
  /** From between the eyes down to the tip. */
  noseBridge: [168, 6, 197, 195, 5, 4],
  /** Under the nose, from the right wing to the left. */
  noseBase: [64, 75, 97, 2, 326, 305, 294],
} as const satisfies Record<string, readonly number[]>;

const RIGHT_PUPIL = 468;
const LEFT_PUPIL = 473;
const RIGHT_MOUTH_CORNER = 61;
const LEFT_MOUTH_CORNER = 291;

/** A person's right and left. */
export interface Sides {
  readonly right: readonly [x: number, y: number];
  readonly left: readonly [x: number, y: number];
}

/** Centres of the irises. */
export function pupils(points: Float32Array): Sides {
  return { right: pointOf(points, RIGHT_PUPIL), left: pointOf(points, LEFT_PUPIL) };
}

export function mouthCorners(points: Float32Array): Sides {
  return { right: pointOf(points, RIGHT_MOUTH_CORNER), left: pointOf(points, LEFT_MOUTH_CORNER) };
}

/** Distance between the pupils in the picture, pixels. */
export function interocularDistance(points: Float32Array): number {
  const { right, left } = pupils(points);
  return Math.hypot(left[0] - right[0], left[1] - right[1]);
}

/**
 * The 68 points of iBUG 300-W.
 *
 * @param points `478 x 3`
 * @returns `68 x 3`
 */
export function ibug68(points: Float32Array): Float32Array {
  const view = new Float32Array(3 * IBUG68.length);
  IBUG68.forEach((index, i) => {
    view.set(points.subarray(3 * index, 3 * index + 3), 3 * i);
  });
  return view;
}

function pointOf(points: Float32Array, index: number): readonly [number, number] {
  return [points[3 * index]!, points[3 * index + 1]!];
}
