import { z } from "zod";
import type { Judge } from "./judge.js";
import type { KeptWork } from "./kept-work.node.js";
import { numbersText, textOfNumbers } from "./numbers-text.js";
import type { PersonPhotoFile } from "./people.js";
import { isAboutPicture } from "./picture-problems.js";
import { decodePhoto, readPhotoBytes } from "./read-photo.node.js";

const FEATURES = z.object({ features: numbersText });

/** The judge's of a photo; a sentence where it finds no face in it. Kept from run to run. */
export async function photoFeatures(
  { name, path }: PersonPhotoFile,
  { work, judge }: { readonly work: KeptWork; readonly judge: Judge },
): Promise<Float32Array | string> {
  try {
    const photo = await readPhotoBytes(path, name);
    const key = await work.key({ what: "features", photo: photo.sha256, judge: judge.sha256 });
    const kept = await work.read(key, FEATURES);
    if (kept) return kept.features;
    const { image } = await decodePhoto(photo);
    const features = await judge.embed(image, { name });
    await work.keep(key, { features: textOfNumbers(features) }, new Map());
    return features;
  } catch (error) {
    if (!isAboutPicture(error)) throw error;
    return error.message;
  }
}
