import { GanfitError } from "@ganfit/core";

const ABOUT_PICTURES: ReadonlySet<GanfitError["code"]> = new Set([
  "image",
  "no-face",
  "several-faces",
  "face-cut",
]);

/** Whether an error says that a picture cannot be used, so that others may. */
export function isAboutPicture(error: unknown): error is GanfitError {
  return error instanceof GanfitError && ABOUT_PICTURES.has(error.code);
}
