/** Fits a head to one photo and measures it in every way that is asked for. */
import type { Image } from "@ganfit/core";
import type { FittedHead, HeadFitter, ReadPhoto } from "./head-fitter.js";
import type { Judge } from "./judge.js";
import { figuresOf, type PhotoFigures, type TextureFigures } from "./photo-figures.js";
import type { PhotoLikeness } from "./photo-likeness.js";
import { isAboutPicture } from "./picture-problems.js";
import { strip } from "./strip.js";
import type { Texture } from "./textures.js";

export interface PhotoMeasuring {
  readonly fitter: HeadFitter;
  /** Null where nobody is asked. */
  readonly judge: Judge | null;
  readonly textures: readonly Texture[];
  /** Side of each picture of the strips, pixels. */
  readonly pictureSize: number;
  readonly signal?: AbortSignal | undefined;
}

export interface MeasuredPhoto {
  readonly figures: PhotoFigures;
  /** A strip of pictures for each texture. */
  readonly strips: ReadonlyMap<Texture, Image>;
}

/**
 * @param other another photo of the person, over which the head is laid as well
 * @throws GanfitError where the photo itself cannot be fitted; the signal's reason
 */
export async function measurePhoto(
  photo: ReadPhoto,
  other: (() => Promise<ReadPhoto>) | null,
  { fitter, judge, textures, pictureSize, signal }: PhotoMeasuring,
): Promise<MeasuredPhoto> {
  const head = await fitter.fit(photo, { signal });
  const held = other && (await overOther(head, other, signal));
  const strips = new Map<Texture, Image>();
  const all: TextureFigures[] = [];
  for (const texture of textures) {
    const pictures = head.pictures(texture);
    const likeness = held?.likeness?.(texture) ?? null;
    const problems = held?.problem === undefined ? [] : [held.problem];
    const name = `the picture of the head of ${photo.name}`;
    let features: Float32Array | null = null;
    try {
      features = judge && (await judge.embed(pictures.judged, { name }));
    } catch (error) {
      if (!isAboutPicture(error)) throw error;
      problems.push(error.message);
    }
    strips.set(texture, strip({ ...pictures, other: likeness }, pictureSize));
    const { own } = pictures;
    const figures = { own: figuresOf(own), other: likeness && figuresOf(likeness) };
    all.push({ texture, ...figures, features, problems });
  }
  const { seconds, landmarkError, shape } = head;
  return { figures: { seconds, landmarkError, shape, textures: all }, strips };
}

interface Held {
  readonly likeness?: (texture: Texture) => PhotoLikeness;
  readonly problem?: string;
}

async function overOther(
  head: FittedHead,
  other: () => Promise<ReadPhoto>,
  signal: AbortSignal | undefined,
): Promise<Held> {
  try {
    return { likeness: await head.onto(await other(), signal) };
  } catch (error) {
    if (signal?.aborted || !isAboutPicture(error)) throw error;
    return { problem: `On the other photo: ${error.message}` };
  }
}
