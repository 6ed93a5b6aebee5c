// How well a frame of a video shows a face: what tells a good frame from its neighbours.

import { luminance } from "../image/colour.js";
import type { Image } from "../image/image.js";
import { warpSimilarity } from "../image/warp.js";
import type { Face } from "../networks/faces.js";
import { interocularDistance } from "../networks/ibug68.js";
import { cropOf } from "../networks/region.js";

export interface FrameQuality {
  /** In [0, 1]: whether this is a face. */
  readonly confidence: number;
  /** Variance of the Laplacian over the face, in squares of grey values 0-255: larger is sharper. */
  readonly sharpness: number;
  /** Degrees to the person's left. */
  readonly yaw: number;
  /** Degrees up. */
  readonly pitch: number;
  /** Height over width of the eye that is less open: about 0.3 open, 0.1 closed. */
  readonly eyesOpen: number;
  /** Distance between the pupils, pixels. */
  readonly interocular: number;
}

/** Side of the square around the face in which sharpness is measured, pixels: less than most faces have. */
const SIDE = 96;
/** Of the square's width, the middle in which only the face lies. */
const MIDDLE = 0.5;

/** Corners and the middles of the lids of both eyes, of the 478 landmarks. */
const EYES = [
  { corners: [33, 133], lids: [159, 145] },
  { corners: [362, 263], lids: [386, 374] },
] as const;

/** @param image the frame, opaque */
export function frameQuality(image: Image, face: Face): FrameQuality {
  return {
    confidence: face.confidence,
    sharpness: sharpnessOf(image, face),
    yaw: (face.yaw * 180) / Math.PI,
    pitch: (face.pitch * 180) / Math.PI,
    eyesOpen: Math.min(...EYES.map((eye) => opennessOf(face.landmarks, eye))),
    interocular: interocularDistance(face.landmarks),
  };
}

/**
 * The variance of the Laplacian (Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy") over the
 * face, brought to one size first: frames of a face that comes nearer can be compared. Enlarged faces are blurred, so
 * that small ones count as unsharp, which they are.
 */
function sharpnessOf(image: Image, { region }: Face): number {
  const { data } = warpSimilarity(image, cropOf(region, SIDE), SIDE, SIDE, { border: "replicate" });
  const grey = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    luminance(data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!),
  );
  const from = Math.round(((1 - MIDDLE) / 2) * SIDE);
  let [sum, squares, count] = [0, 0, 0];
  for (let y = from; y < SIDE - from; y++) {
    for (let x = from; x < SIDE - from; x++) {
      const i = y * SIDE + x;
      const value = grey[i - 1]! + grey[i + 1]! + grey[i - SIDE]! + grey[i + SIDE]! - 4 * grey[i]!;
      sum += value;
      squares += value ** 2;
      count++;
    }
  }
  return squares / count - (sum / count) ** 2;
}

function opennessOf(landmarks: Float32Array, { corners, lids }: (typeof EYES)[number]): number {
  const apart = ([a, b]: readonly [number, number]) =>
    Math.hypot(...[0, 1, 2].map((k) => landmarks[3 * a + k]! - landmarks[3 * b + k]!));
  return apart(lids) / apart(corners);
}
