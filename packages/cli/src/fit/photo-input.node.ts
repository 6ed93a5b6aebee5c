import { basename } from "node:path";
import {
  believableFocalLength,
  decodeImage,
  type Face,
  flatten,
  focalLengthInPixels,
  type Image,
  MOST_PHOTO_PIXELS,
  readFocalLength,
  readImageBytes,
} from "@ganfit/core";
import type { FitReporter } from "./progress.node.js";

/** A photo as it was read. */
export interface PhotoInput {
  /** What messages call it: its path. */
  readonly path: string;
  /** What fit.json calls it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Opaque. */
  readonly image: Image;
  /** Pixels of the image per pixel of the file. */
  readonly scale: number;
  /** The face, where it was looked for already. */
  readonly found?: Face;
  /** Where in a video it was taken, if it is a frame of one. */
  readonly seconds?: number;
}

export interface FocalLength {
  readonly from: "option" | "exif" | "prior";
  /** Undefined where nothing says how long it is. */
  readonly pixels: number | undefined;
}

/** @throws GanfitError `image` where it cannot be read */
export async function readPhoto(
  path: string,
  reporter: Pick<FitReporter, "stage">,
): Promise<PhotoInput> {
  const name = basename(path);
  reporter.stage(`${name}: reading`);
  const bytes = await readImageBytes(path);
  return { path, name, bytes, ...(await decodePhoto(bytes, path)) };
}

/** @param name what errors call it */
export async function decodePhoto(
  bytes: Uint8Array,
  name: string,
): Promise<Pick<PhotoInput, "image" | "scale">> {
  const decoded = await decodeImage(bytes, { name, maxPixels: MOST_PHOTO_PIXELS });
  return { image: flatten(decoded), scale: decoded.scale };
}

/** @param in35mm what the user says, millimetres on 35 mm film; else what the file says counts, if it is believable */
export async function focalLengthOf(
  { bytes, image: { width, height } }: PhotoInput,
  in35mm: number | undefined,
): Promise<FocalLength> {
  if (in35mm !== undefined) {
    return { from: "option", pixels: focalLengthInPixels(in35mm, width, height) };
  }
  const pixels = believableFocalLength(await readFocalLength(bytes), width, height);
  return pixels === null ? { from: "prior", pixels: undefined } : { from: "exif", pixels };
}
