/**
 * Where a recognition network wants the face: five points (eyes, tip of the nose, corners of the
 * mouth) are brought by a similarity onto those of a template, as ArcFace (Deng et al. 2019), SFace
 * and OpenCV's `FaceRecognizerSF::alignCrop` do it.
 */
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { estimateSimilarity, invertSimilarity, type Similarity } from "../image/similarity.js";
import { warpSimilarity } from "../image/warp.js";

/**
 * Five points of an aligned picture, x0 y0 ... x4 y4 in its pixels: the eye on the left of the
 * picture (the person's right), the other eye, the tip of the nose, the left and the right corner of
 * the mouth. As in the tables of InsightFace and OpenCV, (0, 0) is the centre of the first pixel.
 */
export type FivePointTemplate = readonly number[];

/** ArcFace's template for 112 x 112 pixels, which SFace and OpenCV use too. */
export const ARCFACE_TEMPLATE: FivePointTemplate = [
  38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041,
];

/** The template for square pictures of another size. */
export function scaledTemplate(template: FivePointTemplate, factor: number): FivePointTemplate {
  return template.map((value) => (value + 0.5) * factor - 0.5);
}

const LANDMARKS = 478;

/** Corners and lids of each eye; their mean does not follow the gaze, as the iris would. */
const RIGHT_EYE = [33, 133, 159, 145];
const LEFT_EYE = [263, 362, 386, 374];
const NOSE_TIP = 4;
const MOUTH_RIGHT = 61;
const MOUTH_LEFT = 291;

/**
 * The five points of a face in the order of a template.
 *
 * @param landmarks `478 x 3` or `478 x 2`, MediaPipe's, in pixels of the picture (its corner is the
 *   origin); a third coordinate is ignored.
 * @returns `5 x 2`, pixels
 * @throws GanfitError `usage` when there are not 478 finite landmarks.
 */
export function fivePoints(landmarks: ArrayLike<number>): Float64Array {
  const stride = landmarks.length / LANDMARKS;
  if (stride !== 2 && stride !== 3) {
    throw new GanfitError(
      "usage",
      `A face is aligned by 478 landmarks of two or three coordinates, but ${landmarks.length} numbers were given.`,
    );
  }
  const points = [RIGHT_EYE, LEFT_EYE, [NOSE_TIP], [MOUTH_RIGHT], [MOUTH_LEFT]];
  const result = new Float64Array(10);
  points.forEach((indices, i) => {
    for (const index of indices) {
      result[2 * i]! += landmarks[index * stride]! / indices.length;
      result[2 * i + 1]! += landmarks[index * stride + 1]! / indices.length;
    }
  });
  if (!result.every(Number.isFinite)) {
    throw new GanfitError("usage", "A face is aligned by landmarks whose coordinates are finite.");
  }
  return result;
}

/**
 * From the pixels of the aligned picture to those of the photograph: the inverse of the least-squares
 * similarity (Umeyama 1991) that brings the five points onto the template.
 *
 * @param landmarks `478 x 3` or `478 x 2`
 * @throws GanfitError `usage` when the landmarks are not a face's.
 */
export function alignment(
  landmarks: ArrayLike<number>,
  template: FivePointTemplate = ARCFACE_TEMPLATE,
): Similarity {
  const target = template.map((value) => value + 0.5);
  return invertSimilarity(estimateSimilarity(fivePoints(landmarks), target));
}

/** The aligned picture, `width` x `height` pixels; black where the photograph ends. */
export function alignFace(
  image: Image,
  landmarks: ArrayLike<number>,
  width = 112,
  height = 112,
  template: FivePointTemplate = ARCFACE_TEMPLATE,
): Image {
  return warpSimilarity(image, alignment(landmarks, template), width, height);
}
