// How a fit came out, measured in the same way whatever it was made with: what the energy's own terms cannot
// say of a fit that was made without them.

import { GanfitError } from "../errors.js";
import { flatten } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { invertSimilarity } from "../image/similarity.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { type TexturedHead, withoutExpression } from "../models/textured-head.js";
import type { FaceNetworks } from "../networks/faces.js";
import { findFace } from "../networks/find-face.js";
import { type Recognition, similarityOf } from "../networks/recognition.js";
import { portraitCamera } from "../portrait/portrait-camera.js";
import { renderHead } from "../portrait/render-head.js";
import { cameraInPicture } from "../render/camera.js";
import { STUDIO } from "../render/lighting.js";
import { fitFrame } from "./fit-frame.js";
import type { FitResult } from "./fit-result.js";

export interface FitMeasures {
  /** Mean distance of landmarks, in parts of the distance between the pupils. */
  readonly landmarkError: number;
  /** Mean absolute difference of gamma-coded colours in [0, 1] over the unoccluded face, in the photo's view. */
  readonly pixelError: number;
  /**
   * Cosine of a recognition network's features of the photo and of the head from the front, in a soft light and
   * without expression; null where no face is found in that picture any more.
   */
  readonly identityCosine: number | null;
  /** Root mean square of the identity coefficients, standard deviations: 1 for people at large. */
  readonly identityNorm: number;
  /** Root mean square of the expression coefficients. */
  readonly expressionNorm: number;
  /** Root mean square of the texture's latent. */
  readonly latentNorm: number;
}

/** What a fit is measured with. */
export interface MeasureNetworks {
  readonly faces: FaceNetworks;
  readonly recognition: Recognition;
}

/** Side of the square in which colours are compared, pixels. */
const FRAME = 256;
/** Side of the picture that the recognition network sees a face in, pixels. */
const PORTRAIT = 400;
/** Width of the smallest face that is looked for in it, pixels. */
const LEAST_FACE = 100;

/** @param photo that was fitted */
export async function measureFit(
  photo: Image,
  result: FitResult,
  networks: MeasureNetworks,
): Promise<FitMeasures> {
  const { head, landmarkError, latent } = result;
  return {
    landmarkError: landmarkError.final,
    pixelError: pixelError(photo, result),
    identityCosine: await identityCosine(photo, result, networks),
    identityNorm: rootMeanSquare(head.identity),
    expressionNorm: rootMeanSquare(head.expression),
    latentNorm: rootMeanSquare(latent),
  };
}

/**
 * The mean absolute difference of a photo and a head under the fit's camera and light, each pixel counting as surely as
 * it shows the face, and as far as the head's skin covers it; 1 where it covers none.
 */
export function pixelError(
  photo: Image,
  { head, face, segmentation, camera, lighting }: FitResult,
): number {
  const frame = fitFrame(flatten(photo), face.landmarks, segmentation, FRAME);
  const { image, skin } = renderHead(head, {
    camera: cameraInPicture(camera, invertSimilarity(frame.toPhoto)),
    lighting,
    width: FRAME,
    height: FRAME,
  });
  let [sum, total] = [0, 0];
  frame.pixels.forEach((pixel, i) => {
    const weight = frame.weights[i]! * skin.data[pixel]!;
    for (let c = 0; c < 3; c++) {
      const difference = image.data[3 * pixel + c]! / 255 - frame.colours[3 * i + c]!;
      sum += (weight * Math.abs(difference)) / 3;
    }
    total += weight;
  });
  return total > 0 ? sum / total : 1;
}

/** A head from the front without expression, in studio light before white: identity and texture alone. */
export function neutralPortrait(head: TexturedHead, size: number = PORTRAIT): Image {
  const { model, identity, expression } = withoutExpression(head);
  const vertices = evaluateModel(model, identity, expression);
  return renderHead(
    { ...head, expression, exposure: 1 },
    {
      camera: portraitCamera(vertices, { width: size, height: size }),
      lighting: STUDIO,
      background: [255, 255, 255],
      width: size,
      height: size,
    },
  ).image;
}

async function identityCosine(
  photo: Image,
  { head, face }: FitResult,
  { faces, recognition }: MeasureNetworks,
): Promise<number | null> {
  const portrait = neutralPortrait(head);
  try {
    // Looked for by the networks as in the photo, so that both are cut out alike.
    const found = await findFace(portrait, faces, { minimumSize: LEAST_FACE });
    const [a, b] = [
      await recognition.embed(flatten(photo), face.landmarks),
      await recognition.embed(portrait, found.landmarks),
    ];
    return similarityOf(a, b);
  } catch (error) {
    if (error instanceof GanfitError && error.code === "no-face") return null;
    throw error;
  }
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}
