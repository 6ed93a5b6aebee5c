/** A judge's features of one photo of Labeled Faces in the Wild, and of the head that was fitted to it. */
import { contactSheet, type Image } from "@ganfit/core";
import { z } from "zod";
import type { HeadFitter, ReadPhoto } from "../photos/head-fitter.js";
import type { Judge } from "../photos/judge.js";
import { numbersText, textOfNumbers } from "../photos/numbers-text.js";
import { isAboutPicture } from "../photos/picture-problems.js";
import type { Texture } from "../photos/textures.js";

/**
 * - `photo`: the photo as it is
 * - `frontal`: the head from the front, without expression, in a soft light, before white
 * - `own`: the head under the photo's camera and light, on the photo
 */
export const LFW_PICTURES = ["photo", "frontal", "own"] as const;
export type LfwPicture = (typeof LFW_PICTURES)[number];

/** As `keptFeatures` writes them. */
export const LFW_FEATURES_SCHEMA = z.object({
  photo: numbersText.nullable(),
  frontal: numbersText.nullable(),
  own: numbersText.nullable(),
  /** Sentences on the pictures that have none. */
  problems: z.array(z.string()),
  /** Of the fit; null where the photo could not be fitted. */
  seconds: z.number().nullable(),
});

/** Features of length 1 of each picture; null where it shows no face that could be judged. */
export type LfwFeatures = z.output<typeof LFW_FEATURES_SCHEMA>;

/** For JSON, of which `LFW_FEATURES_SCHEMA` makes features again. */
export function keptFeatures(features: LfwFeatures): object {
  const text = LFW_PICTURES.map((name) => {
    const numbers = features[name];
    return [name, numbers && textOfNumbers(numbers)];
  });
  return { ...features, ...Object.fromEntries(text) };
}

export interface LfwMeasuring {
  readonly fitter: HeadFitter;
  readonly judge: Judge;
  readonly texture: Texture;
  /** Side of each picture of the strip, pixels. */
  readonly pictureSize: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fits a head to the face in the middle of the photo, and has all three pictures judged.
 *
 * @returns with one small picture of all three, for as many as there are
 * @throws GanfitError `network` and the like, but not for photos without a face; the signal's reason
 */
export async function measureLfwPhoto(
  photo: ReadPhoto,
  { fitter, judge, texture, pictureSize, signal }: LfwMeasuring,
): Promise<{ readonly features: LfwFeatures; readonly strip: Image }> {
  const problems: string[] = [];
  const unlessFaceless = async <T>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted || !isAboutPicture(error)) throw error;
      problems.push(error.message);
      return null;
    }
  };
  const { name, image } = photo;
  const own = await unlessFaceless(() => judge.embed(image, { name, which: "central" }));
  const head = await unlessFaceless(() => fitter.fit(photo, { which: "central", signal }));
  const pictures = head?.pictures(texture);
  const judged = async (picture: Image | undefined, what: string) =>
    picture ? unlessFaceless(() => judge.embed(picture, { name: `${what} of ${name}` })) : null;
  return {
    features: {
      photo: own,
      frontal: await judged(pictures?.judged, "the picture from the front"),
      own: await judged(pictures?.own.painted, "the head on the photo"),
      // A photo without a face is found to be one by the judge and by the fit.
      problems: [...new Set(problems)],
      seconds: head?.seconds ?? null,
    },
    strip: stripOf(
      pictures ? [pictures.own.photo, pictures.own.painted, pictures.judged] : [image],
      pictureSize,
    ),
  };
}

function stripOf(pictures: readonly Image[], side: number): Image {
  return contactSheet(pictures, {
    columns: pictures.length,
    cell: { width: side, height: side },
    labels: ["photo", "own camera", "front"].slice(0, pictures.length),
    padding: 4,
  });
}
