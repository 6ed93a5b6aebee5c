/** Which files are photos, by their names. */
import { endingOf } from "./ending.js";

/** Endings of pictures that core's `decodeImage` reads, in small letters. */
export const PHOTO_ENDINGS: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".webp",
  ".avif",
  ".tif",
  ".tiff",
  ".gif",
];

/** Hidden files, such as the `._name.jpg` that macOS leaves on other disks, are none. */
export function isPhotoName(name: string): boolean {
  return !name.startsWith(".") && PHOTO_ENDINGS.includes(endingOf(name));
}
