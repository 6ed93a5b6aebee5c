/** The one face of a picture that is meant. */
import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { type Face, type FaceNetworks, type FindFacesOptions, findFaces } from "./faces.js";
import { LANDMARK_GROUPS } from "./ibug68.js";

export interface SelectFaceOptions {
  /** Which: 0 the largest, 1 the next, ... Where absent, the largest if it stands out. */
  readonly index?: number | undefined;
  /** What error messages call the picture; default "the picture". */
  readonly name?: string;
}

/** A face this much smaller than the largest is in the background. */
const BACKGROUND = 0.6;
/** Most of a face's landmarks that may lie outside of the picture. */
const MOST_CUT = 0.15;

/**
 * Picks a face out of those that {@link findFaces} gave.
 *
 * @throws GanfitError `no-face` when there is none, or not so many as the index asks for;
 *   `several-faces` when none stands out and no index was given; `face-cut` when the border of the
 *   picture cuts away too much of it
 */
export function selectFace(
  faces: readonly Face[],
  image: Image,
  { index, name = "the picture" }: SelectFaceOptions = {},
): Face {
  const face = faces[index ?? 0];
  const where = `${name} (${image.width} x ${image.height} pixels)`;
  if (!face) {
    throw new GanfitError(
      "no-face",
      faces.length === 0
        ? `No face was found in ${where}: use a photo of one that is at least 40 pixels wide, lit and not covered.`
        : `Face ${index} was asked for, but ${where} shows ${faces.length}, counted from 0.`,
    );
  }
  const rivals = faces.filter(({ region }) => region.size > BACKGROUND * face.region.size);
  if (index === undefined && rivals.length > 1) {
    throw new GanfitError(
      "several-faces",
      `${rivals.length} faces of about the same size are in ${where}: say which is meant by its index (--face on the command line), 0 being the largest, or crop the photo.`,
    );
  }
  const cut = cutShare(face, image);
  if (cut > MOST_CUT) {
    throw new GanfitError(
      "face-cut",
      `The face is cut off by the border of ${where}: ${Math.round(100 * cut)} % of its landmarks lie outside; use a photo that shows all of it.`,
    );
  }
  return face;
}

/**
 * Finds the face of a picture; see {@link findFaces} and {@link selectFace}.
 *
 * @throws GanfitError as `selectFace`
 */
export async function findFace(
  image: Image,
  networks: FaceNetworks,
  options: FindFacesOptions & SelectFaceOptions = {},
): Promise<Face> {
  return selectFace(await findFaces(image, networks, options), image, options);
}

/** Part of the landmarks that lie outside of the picture; 1 where an eye, the nose or the mouth does. */
function cutShare({ landmarks }: Face, { width, height }: Image): number {
  const outside = (i: number) => {
    const x = landmarks[3 * i]!;
    const y = landmarks[3 * i + 1]!;
    return x < 0 || y < 0 || x > width || y > height;
  };
  const count = landmarks.length / 3;
  const indices = Array.from({ length: count }, (_, i) => i);
  const { leftEye, rightEye, noseBridge, lipsOuter } = LANDMARK_GROUPS;
  const features = [leftEye, rightEye, noseBridge, lipsOuter];
  if (features.some((group) => group.every(outside))) return 1;
  return indices.filter(outside).length / count;
}
