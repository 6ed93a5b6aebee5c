import type { Image } from "../image/image.js";
import type { FitModels } from "./fit-models.js";
import { fitPerson } from "./fit-person.js";
import type { FitResult, FitRunOptions } from "./fit-result.js";

/**
 * Fits a head to the face in a photo.
 *
 * @throws GanfitError `no-face`, `several-faces`, `face-cut` as `selectFace` does; `model` where the model
 *   lacks landmarks or wears no texture of the generator's layout; `network` where a network fails;
 *   `usage` where an option makes no sense; the signal's reason
 */
export async function fit(
  photo: Image,
  models: FitModels,
  options: FitRunOptions = {},
): Promise<FitResult> {
  const { face, name, focalLength } = options;
  const { fits } = await fitPerson([{ image: photo, face, name, focalLength }], models, options);
  return fits[0]!;
}
