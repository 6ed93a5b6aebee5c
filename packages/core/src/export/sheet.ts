// One picture that tells how a fit went: photo, face on the photo, the head from three sides, its texture.

import type { Image, Mask } from "../image/image.js";
import { contactSheet } from "../image/montage.js";
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

export interface HeadSheetInput {
  readonly photo: Image;
  readonly head: TexturedHead;
  /** Of the photo, in its pixels. */
  readonly camera: Camera;
  /** Of the photo. */
  readonly lighting: Lighting;
  /** Where the face is seen in the photo, of its size. */
  readonly mask?: Mask;
  /** Pixels along a side of each picture; default 384. */
  readonly size?: number;
}

const YAWS = [-35, 0, 35];
const BACKDROP = [236, 238, 241] as const;
/** Side of the crop over the larger side of the face's box. */
const CROP = 1.7;

/** Nine pictures: photo, overlay, texture; textured from three sides; clay from the same sides. */
export function headSheet(input: HeadSheetInput): Image {
  const { photo, head, camera, lighting, mask, size = 384 } = input;
  const vertices = evaluateModel(head.model, head.identity, head.expression);
  const toPhoto = cropAround(head, vertices, camera, size);
  const cropped = (image: Image) =>
    warpSimilarity(image, toPhoto, size, size, { border: BACKDROP, linear: true });
  const turned = (clay: boolean) =>
    YAWS.map((yaw) => {
      const view = portraitCamera(vertices, { yaw, width: size, height: size });
      const options = { width: size, height: size, background: BACKDROP, clay };
      return renderHead(head, { ...options, camera: view, lighting: STUDIO }).image;
    });
  const images = [
    cropped(photo),
    cropped(overlayOnPhoto(photo, head, camera, lighting, mask)),
    head.skin,
    ...turned(false),
    ...turned(true),
  ];
  const views = ["textured", "shape"].flatMap((what) =>
    YAWS.map((yaw) => `${what}, ${yaw} degrees`),
  );
  const labels = ["photo", "face on the photo", "texture", ...views];
  return contactSheet(images, { columns: 3, cell: { width: size, height: size }, labels });
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
