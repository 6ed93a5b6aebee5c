// The reconstructed face laid over the photo it came from, for people to see how well it fits.

import { GanfitError } from "../errors.js";
import type { Rectangle } from "../image/crop.js";
import type { Image, Mask } from "../image/image.js";
import { clampedByte } from "../image/tensor.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { surfacePositions } from "../models/surface-points.js";
import type { TexturedHead } from "../models/textured-head.js";
import { FACE_OVAL, polygonOf, signedDistance } from "../networks/mask-geometry.js";
import { renderHead } from "../portrait/render-head.js";
import { type Camera, cameraInPicture, project } from "../render/camera.js";
import type { Lighting } from "../render/lighting.js";

/** Side of the mask that says which skin is the face's, pixels. */
const REGION_SIZE = 256;
/** Width of the soft border, in shares of the texture's width; it lies inside the face's outline. */
const FEATHER = 0.035;
/** Half the width of a mask's soft border, in shares of the picture's shorter side. */
const MASK_FEATHER = 0.006;
/** Pictures of the head with more pixels than this are not antialiased: they are scaled down to be seen. */
const LARGE = 2_000_000;

/**
 * Lays the face, as the camera and the light show it, over a photo. Its border is soft: that of the face's
 * outline in the texture layout (of all the skin where the model has no landmarks there), and that of `mask`.
 *
 * @param camera of the photo, in its pixels
 * @param mask of the photo's size: 1 where the face is seen, 0 where hair or a hand is before it
 * @throws GanfitError `usage` where the mask is of another size
 */
export function overlayOnPhoto(
  photo: Image,
  head: TexturedHead,
  camera: Camera,
  lighting: Lighting,
  mask?: Mask,
): Image {
  if (mask && (mask.width !== photo.width || mask.height !== photo.height)) {
    throw new GanfitError(
      "usage",
      `A mask of ${mask.width} x ${mask.height} pixels does not fit a photo of ${photo.width} x ${photo.height}.`,
    );
  }
  const window = windowOf(head, camera, photo);
  if (!window) return photo;
  const { left, top, width, height } = window;
  const opacity = faceRegion(head.model);
  const { image } = renderHead(head, {
    camera: cameraInPicture(camera, { scale: 1, rotation: 0, tx: -left, ty: -top }),
    lighting,
    width,
    height,
    supersampling: width * height > LARGE ? 1 : 2,
    ...(opacity && { opacity }),
  });
  const seen = mask && feathered(mask, MASK_FEATHER * Math.min(photo.width, photo.height));
  const data = photo.data.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * width + x;
      const to = (top + y) * photo.width + left + x;
      const share = (image.alpha![from]! / 255) * (seen ? seen[to]! : 1);
      for (let c = 0; c < 3; c++) {
        const behind = data[3 * to + c]!;
        data[3 * to + c] = clampedByte(behind + share * (image.data[3 * from + c]! - behind));
      }
    }
  }
  return { ...photo, data };
}

/** Where in the photo the head is, in whole pixels; null where it is nowhere. */
function windowOf(head: TexturedHead, camera: Camera, photo: Image): Rectangle | null {
  const screen = project(evaluateModel(head.model, head.identity, head.expression), camera);
  let [left, top, right, bottom] = [photo.width, photo.height, 0, 0];
  for (let v = 0; v < screen.length; v += 3) {
    const [x, y] = [screen[v]!, screen[v + 1]!];
    // NaN, behind the camera, is smaller and greater than nothing.
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  left = Math.max(0, Math.floor(left));
  top = Math.max(0, Math.floor(top));
  const width = Math.min(photo.width, Math.ceil(right)) - left;
  const height = Math.min(photo.height, Math.ceil(bottom)) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : null;
}

/**
 * Which of the skin is the face's, in the texture's layout: 1 inside the oval of MediaPipe's landmarks, 0
 * outside, soft in between; null where the model has no such landmarks or coordinates.
 */
export function faceRegion({ uv, landmarks }: MorphableModel, size = REGION_SIZE): Mask | null {
  const points = landmarks?.mediapipe478;
  if (!uv || !points) return null;
  const flat = new Float32Array((uv.coordinates.length / 2) * 3);
  for (let i = 0; i < uv.coordinates.length / 2; i++) {
    flat.set([uv.coordinates[2 * i]! * size, uv.coordinates[2 * i + 1]! * size], 3 * i);
  }
  const places = surfacePositions(flat, uv.triangles, points).filter((_, i) => i % 3 < 2);
  const distance = signedDistance(polygonOf(places, FACE_OVAL), size, size);
  const data = distance.map((value) => Math.min(1, Math.max(0, -value / (FEATHER * size))));
  return { width: size, height: size, data };
}

/** A mask that rises from 0 at its border to 1 inside: means over squares, twice, their upper half. */
function feathered({ width, height, data }: Mask, radius: number): Float32Array {
  const reach = Math.max(1, Math.round(radius));
  let from = data;
  for (const [count, length, step, stride] of [
    [height, width, 1, width],
    [width, height, width, 1],
  ] as const) {
    for (let pass = 0; pass < 2; pass++) {
      const to = new Float32Array(data.length);
      for (let line = 0; line < count; line++) {
        meanAlong(from, to, line * stride, step, length, reach);
      }
      from = to;
    }
  }
  return from.map((value) => Math.min(1, Math.max(0, 2 * value - 1)));
}

function meanAlong(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  reach: number,
): void {
  let sum = 0;
  const at = (i: number) => from[start + step * Math.min(length - 1, Math.max(0, i))]!;
  for (let i = -reach; i <= reach; i++) sum += at(i);
  for (let i = 0; i < length; i++) {
    to[start + step * i] = sum / (2 * reach + 1);
    sum += at(i + reach + 1) - at(i - reach);
  }
}
