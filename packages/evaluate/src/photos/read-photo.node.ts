/** Photos from files, as `ganfit fit` reads them. */
import {
  believableFocalLength,
  decodeImage,
  flatten,
  MOST_PHOTO_PIXELS,
  readFocalLength,
  readImageBytes,
  sha256,
} from "@ganfit/core";
import type { ReadPhoto } from "./head-fitter.js";

/** A photo whose bytes are there and whose pixels are not yet. */
export interface PhotoBytes {
  /** What errors call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of the bytes. */
  readonly sha256: string;
}

/** @throws GanfitError `image` where there is no file that may be read */
export async function readPhotoBytes(path: string, name: string): Promise<PhotoBytes> {
  const bytes = await readImageBytes(path);
  return { name, bytes, sha256: await sha256(bytes) };
}

/** @throws GanfitError `image` where they are no picture */
export async function decodePhoto({
  name,
  bytes,
}: Pick<PhotoBytes, "name" | "bytes">): Promise<ReadPhoto> {
  const image = flatten(await decodeImage(bytes, { name, maxPixels: MOST_PHOTO_PIXELS }));
  const { width, height } = image;
  const focalLength = believableFocalLength(await readFocalLength(bytes), width, height);
  return { name, image, focalLength: focalLength ?? undefined };
}
