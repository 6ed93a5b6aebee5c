// A photo as a fit sees it: what is found in it once, and what of it is compared with at a resolution.

import type { Colour } from "../image/composite.js";
import { flatten } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { applySimilarity, invertSimilarity } from "../image/similarity.js";
import type { Face } from "../networks/faces.js";
import { findFace } from "../networks/find-face.js";
import { interocularDistance } from "../networks/ibug68.js";
import { type FaceSegmentation, segmentFace } from "../networks/segmentation.js";
import { cameraInPicture } from "../render/camera.js";
import { exposureOf } from "./exposure.js";
import { fitFrame } from "./fit-frame.js";
import type { FitTarget } from "./fit-graph.js";
import type { FitModels } from "./fit-models.js";
import { irisColourOf } from "./iris-colour.js";
import type { LandmarkFit } from "./landmark-fit.js";

export interface PersonPhoto {
  readonly image: Image;
  /** What error messages call the photo. */
  readonly name?: string | undefined;
  /** Which face, where there are several: 0 the largest. */
  readonly face?: number | undefined;
  /** The face, where it was looked for before. */
  readonly found?: Face | undefined;
  /** Pixels of the photo. */
  readonly focalLength?: number | undefined;
}

export interface SeenPhoto {
  readonly opaque: Image;
  readonly face: Face;
  readonly segmentation: FaceSegmentation;
  /** Pixels; undefined where it is not known. */
  readonly focalLength: number | undefined;
  readonly irisColour: Colour;
  readonly exposure: number;
}

/** @throws GanfitError `no-face`, `several-faces`, `face-cut` as `selectFace` does */
export async function seePhoto(
  { image, name, face: index, found, focalLength }: PersonPhoto,
  { faces }: Pick<FitModels, "faces">,
): Promise<SeenPhoto> {
  const opaque = flatten(image);
  const options = { index, ...(name === undefined ? {} : { name }) };
  const face = found ?? (await findFace(opaque, faces, options));
  return {
    opaque,
    face,
    segmentation: segmentFace(opaque, face.landmarks),
    focalLength,
    irisColour: irisColourOf(opaque, face.landmarks),
    exposure: exposureOf(opaque, face.landmarks),
  };
}

/**
 * @param first of the photo
 * @param side of the square in which photo and rendering are compared, pixels
 * @throws GanfitError `no-face` where nothing of the face is to be seen
 */
export function targetOf(
  { opaque, face, segmentation }: SeenPhoto,
  { camera, observed }: Pick<LandmarkFit, "camera" | "observed">,
  side: number,
): FitTarget {
  const frame = fitFrame(opaque, face.landmarks, segmentation, side);
  const toFrame = invertSimilarity(frame.toPhoto);
  return {
    frame,
    camera: cameraInPicture(camera, toFrame),
    interocular: interocularDistance(face.landmarks) * toFrame.scale,
    landmarks: Float32Array.from(applySimilarity(toFrame, observed)),
  };
}
