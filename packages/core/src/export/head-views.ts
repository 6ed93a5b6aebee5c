// Views of a fitted head that sheets are put together from.

import type { Image, Mask } from "../image/image.js";
import type { Similarity } from "../image/similarity.js";
import { warpSimilarity } from "../image/warp.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { surfacePositions } from "../models/surface-points.js";
import type { TexturedHead } from "../models/textured-head.js";
import { portraitCamera } from "../portrait/portrait-camera.js";
import { renderHead } from "../portrait/render-head.js";
import { type Camera, project } from "../render/camera.js";
import { type Lighting, STUDIO } from "../render/lighting.js";
import { overlayOnPhoto } from "./overlay.js";

/** A head as fitted to a photo. */
export interface HeadOnPhoto {
  readonly photo: Image;
  readonly head: TexturedHead;
  /** Of the photo, in its pixels. */
  readonly camera: Camera;
  /** Of the photo. */
  readonly lighting: Lighting;
  /** Where the face is seen in the photo, of its size. */
  readonly mask?: Mask;
}

/** From which a sheet shows a head, degrees to its left. */
export const YAWS: readonly number[] = [-35, 0, 35];
const BACKDROP = [236, 238, 241] as const;
/** Side of the crop over the larger side of the face's box. */
const CROP = 1.7;

/**
 * The part of the photo around the face, and the same with the face over it.
 *
 * @param size along each side, pixels
 */
export function viewsOnPhoto(
  { photo, head, camera, lighting, mask }: HeadOnPhoto,
  size: number,
): [photo: Image, overlay: Image] {
  const vertices = evaluateModel(head.model, head.identity, head.expression);
  const toPhoto = cropAround(head, vertices, camera, size);
  const cropped = (image: Image) =>
    warpSimilarity(image, toPhoto, size, size, { border: BACKDROP, linear: true });
  return [cropped(photo), cropped(overlayOnPhoto(photo, head, camera, lighting, mask))];
}

/**
 * A portrait in studio light.
 *
 * @param size along each side, pixels
 * @param yaw degrees by which the head turns to its left
 * @param clay shape alone
 */
export function portraitView(head: TexturedHead, size: number, yaw: number, clay: boolean): Image {
  const vertices = evaluateModel(head.model, head.identity, head.expression);
  const camera = portraitCamera(vertices, { yaw, width: size, height: size });
  const options = { width: size, height: size, background: BACKDROP, clay };
  return renderHead(head, { ...options, camera, lighting: STUDIO }).image;
}

/** What keeps a place free. */
export function emptyView(size: number): Image {
  return { width: size, height: size, data: new Uint8Array(3 * size * size).fill(255) };
}

/** From a square picture around the face to the photo. */
function cropAround(
  { model }: TexturedHead,
  vertices: Float32Array,
  camera: Camera,
  size: number,
): Similarity {
  const points = model.landmarks?.mediapipe478;
  const face = points ? surfacePositions(vertices, model.triangles, points) : vertices;
  const screen = project(face, camera);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < screen.length; i += 3) {
    left = Math.min(left, screen[i]!);
    right = Math.max(right, screen[i]!);
    top = Math.min(top, screen[i + 1]!);
    bottom = Math.max(bottom, screen[i + 1]!);
  }
  const side = CROP * Math.max(right - left, bottom - top);
  return {
    scale: side / size,
    rotation: 0,
    tx: (left + right - side) / 2,
    ty: (top + bottom - side) / 2,
  };
}
