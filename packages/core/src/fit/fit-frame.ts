// The picture that a fit compares with: an upright square of the photo around the face, in which a pixel of
// the recognition network's aligned picture has a fixed place. Whatever the photo's size, the work is the same.

import { GanfitError } from "../errors.js";
import { flatten } from "../image/composite.js";
import type { Image, Mask } from "../image/image.js";
import {
  applySimilarity,
  composeSimilarity,
  estimateSimilarity,
  invertSimilarity,
  type Similarity,
} from "../image/similarity.js";
import { warpMask, warpToTensor } from "../image/warp.js";
import { ARCFACE_TEMPLATE, alignment, type FivePointTemplate } from "../networks/alignment.js";
import { type RecognitionDescription, templateOf } from "../networks/recognition.js";
import type { FaceSegmentation } from "../networks/segmentation.js";

/** Side of the frame in pixels of ArcFace's template, which has 112: room for the chin and the forehead. */
const SPAN = 148;
/** Where the frame begins in the template. */
const LEFT = -18;
const TOP = -20;

/** Pixels of the photo's face that count less than this are left out. */
const LEAST_WEIGHT = 0.02;

export interface FitFrame {
  /** Side of the square, pixels. */
  readonly side: number;
  /** From the frame's pixels to the photo's. */
  readonly toPhoto: Similarity;
  /** `3 x side x side`, R G B, gamma-coded in [0, 1]. */
  readonly photo: Float32Array;
  /** `P`: pixels of the frame that show the face, rows from the top. */
  readonly pixels: Uint32Array;
  /** `P`: how surely each of them does, in [0, 1]. */
  readonly weights: Float32Array;
  /** `P x 2`: their centres in pixels of the frame. */
  readonly centres: Float32Array;
  /** `P x 3`, R G B: what they show. */
  readonly colours: Float32Array;
}

/**
 * @param photo any size
 * @param landmarks `478 x 3`, pixels of the photo
 * @param segmentation of the same face
 * @param side of the frame, pixels
 * @throws GanfitError `no-face` where nothing of the face is to be seen
 */
export function fitFrame(
  photo: Image,
  landmarks: ArrayLike<number>,
  segmentation: FaceSegmentation,
  side: number,
): FitFrame {
  const scale = SPAN / side;
  const toTemplate = { scale, rotation: 0, tx: LEFT, ty: TOP };
  const toPhoto = composeSimilarity(alignment(landmarks), toTemplate);
  const tensor = warpToTensor(flatten(photo), toPhoto, side, side, {
    scale: 1 / 255,
    border: "replicate",
  });
  const face = maskInFrame(segmentation.face, segmentation, toPhoto, side);
  const mouth = maskInFrame(segmentation.mouth, segmentation, toPhoto, side);
  const pixels: number[] = [];
  const weights: number[] = [];
  face.data.forEach((seen, i) => {
    // What shows between the lips is no skin.
    const weight = seen * (1 - mouth.data[i]!);
    const inside = isInside(
      photo,
      applySimilarity(toPhoto, [(i % side) + 0.5, Math.floor(i / side) + 0.5]),
    );
    if (weight < LEAST_WEIGHT || !inside) return;
    pixels.push(i);
    weights.push(weight);
  });
  if (pixels.length < side) {
    throw new GanfitError(
      "no-face",
      "Nothing of the face is to be seen: use a photo that does not cover it.",
    );
  }
  const count = side * side;
  return {
    side,
    toPhoto,
    photo: tensor,
    pixels: Uint32Array.from(pixels),
    weights: Float32Array.from(weights),
    centres: Float32Array.from(
      pixels.flatMap((i) => [(i % side) + 0.5, Math.floor(i / side) + 0.5]),
    ),
    colours: Float32Array.from(pixels.flatMap((i) => [0, 1, 2].map((c) => tensor[c * count + i]!))),
  };
}

function maskInFrame(
  mask: Mask,
  { toImage }: FaceSegmentation,
  toPhoto: Similarity,
  side: number,
): Mask {
  return warpMask(mask, composeSimilarity(invertSimilarity(toImage), toPhoto), side, side);
}

function isInside({ width, height }: Image, [x, y]: Float64Array): boolean {
  return x! >= 0 && y! >= 0 && x! <= width && y! <= height;
}

/**
 * The matrices that resample the frame to a recognition network's aligned picture, by a triangle as wide as
 * the larger of both pixels: `aligned = rows frame columns^T` for each channel. Rows sum to 1.
 *
 * The network's template is taken for a scaled and shifted copy of ArcFace's, as those in use are.
 *
 * @returns `height x side` and `width x side`
 */
export function recognitionResampling(
  description: RecognitionDescription,
  side: number,
): { rows: Float32Array; columns: Float32Array } {
  const centred = (template: FivePointTemplate) => template.map((value) => value + 0.5);
  const { scale, tx, ty } = estimateSimilarity(
    centred(templateOf(description)),
    centred(ARCFACE_TEMPLATE),
  );
  const axis = (size: number, shift: number, begin: number) => {
    const out = new Float32Array(size * side);
    const perPixel = side / SPAN;
    const radius = Math.max(1, scale * perPixel);
    for (let i = 0; i < size; i++) {
      const centre = (scale * (i + 0.5) + shift - begin) * perPixel;
      let sum = 0;
      for (let j = 0; j < side; j++) {
        const weight = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / radius);
        out[i * side + j] = weight;
        sum += weight;
      }
      // Beyond the frame there is nothing: the network's picture is darker there in photo and rendering.
      for (let j = 0; j < side && sum > 0; j++) out[i * side + j]! /= sum;
    }
    return out;
  };
  const { width, height } = description.input;
  return { rows: axis(height, ty, TOP), columns: axis(width, tx, LEFT) };
}
