// One picture that tells how a fit went: photo, face on the photo, the head from three sides, its texture.

import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { contactSheet } from "../image/montage.js";
import type { TexturedHead } from "../models/textured-head.js";
import { emptyView, type HeadOnPhoto, portraitView, viewsOnPhoto, YAWS } from "./head-views.js";

export interface HeadSheetInput extends HeadOnPhoto {
  /** Pixels along a side of each picture; default 384. */
  readonly size?: number;
}

export interface PersonSheetInput {
  /** As it is shown from three sides. */
  readonly head: TexturedHead;
  /** The same head as fitted to each photo. */
  readonly photos: readonly HeadOnPhoto[];
  /** Pixels along a side of each picture; default 384. */
  readonly size?: number;
}

const SIZE = 384;

/** Nine pictures: photo, overlay, texture; textured from three sides; clay from the same sides. */
export function headSheet({ size = SIZE, ...input }: HeadSheetInput): Image {
  const { head } = input;
  const images = [
    ...viewsOnPhoto(input, size),
    head.skin,
    ...YAWS.map((yaw) => portraitView(head, size, yaw, false)),
    ...YAWS.map((yaw) => portraitView(head, size, yaw, true)),
  ];
  const labels = ["photo", "face on the photo", "texture", ...TEXTURED, ...SHAPE];
  return contactSheet(images, { columns: 3, cell: { width: size, height: size }, labels });
}

/**
 * One head fitted to several photos, four pictures in a row: each photo and the face on it; texture and textured
 * from three sides; normal map, where there is one, and clay from the same sides.
 *
 * @throws GanfitError `usage` without photos
 */
export function personSheet({ head, photos, size = SIZE }: PersonSheetInput): Image {
  if (photos.length === 0) throw new GanfitError("usage", "A sheet needs at least one photo.");
  const pairs = photos.flatMap((photo) => viewsOnPhoto(photo, size));
  const named = photos.flatMap((_, i) => [`photo ${i + 1}`, `face on photo ${i + 1}`]);
  const odd = photos.length % 2 === 1;
  const images = [
    ...pairs,
    ...(odd ? [emptyView(size), emptyView(size)] : []),
    head.skin,
    ...YAWS.map((yaw) => portraitView(head, size, yaw, false)),
    head.normals ?? emptyView(size),
    ...YAWS.map((yaw) => portraitView(head, size, yaw, true)),
  ];
  const labels = [
    ...named,
    ...(odd ? ["", ""] : []),
    "texture",
    ...TEXTURED,
    head.normals ? "normal map" : "",
    ...SHAPE,
  ];
  return contactSheet(images, { columns: 4, cell: { width: size, height: size }, labels });
}

const TEXTURED = YAWS.map((yaw) => `textured, ${yaw} degrees`);
const SHAPE = YAWS.map((yaw) => `shape, ${yaw} degrees`);
