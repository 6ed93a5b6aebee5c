/** What photos' heads are like in one texture: figures, and whom a judge takes them for. */
import { similarityOf } from "@ganfit/core";
import { type Comparison, compareWithGallery, type GalleryEntry } from "../identity/gallery.js";
import { mean } from "../statistics/statistics.js";
import { figuresIn, type PhotoFigures, type TextureFigures } from "./photo-figures.js";
import type { Texture } from "./textures.js";

/** A photo that was fitted, or could not be. */
export interface MeasuredFile {
  readonly person: string;
  /** Which of the person's photos, from 0. */
  readonly place: number;
  /** Its name, unique. */
  readonly photo: string;
  /** False where only its shape was wanted. */
  readonly probe: boolean;
  /** Whether an earlier run measured it. */
  readonly kept: boolean;
  /** Null where `problem` says why there is none. */
  readonly figures: PhotoFigures | null;
  readonly problem: string | null;
  /** Of the strip in each texture, relative to the report's folder. */
  readonly pictures: ReadonlyMap<Texture, string>;
}

/** A photo that heads are compared with. */
export interface KnownPhoto {
  readonly person: string;
  readonly photo: string;
  /** Whether others may be taken for this person by it; if not, it is compared with its own head alone. */
  readonly compared: boolean;
  /** The judge's, null where `problem` says why there are none. */
  readonly features: Float32Array | null;
  readonly problem: string | null;
}

/** One probe in one texture. */
export interface PhotoResult {
  readonly file: MeasuredFile;
  /** Null where the photo could not be fitted. */
  readonly figures: TextureFigures | null;
  /** The judge's cosine of the head from the front and the photo it was fitted to. */
  readonly likeness: number | null;
  /** Mean cosine of that photo and the person's others. */
  readonly real: number | null;
  /** The head among the photos of all others; null where it cannot be compared. */
  readonly comparison: Comparison | null;
  /** Whether there is another photo of the person, and one of somebody else, to compare it with. */
  readonly comparable: boolean;
}

/** In the order of the files, those that are no probes left out. */
export function resultsIn(
  texture: Texture,
  measured: readonly MeasuredFile[],
  known: readonly KnownPhoto[],
): PhotoResult[] {
  const features = new Map(known.map((each) => [each.photo, each.features]));
  const gallery = known.flatMap((each): GalleryEntry[] =>
    each.compared && each.features ? [{ ...each, features: each.features }] : [],
  );
  return measured
    .filter(({ probe }) => probe)
    .map((file) => {
      const figures = (file.figures && figuresIn(file.figures, texture)) ?? null;
      const { person, photo } = file;
      const own = features.get(photo) ?? null;
      const head = figures?.features ?? null;
      const others = gallery.filter((each) => each.photo !== photo);
      const theirs = others.filter((each) => each.person === person);
      const cosines = own ? theirs.map((each) => similarityOf(own, each.features)) : [];
      return {
        file,
        figures,
        likeness: head && own ? similarityOf(head, own) : null,
        real: cosines.length > 0 ? mean(cosines) : null,
        comparison: head && compareWithGallery({ person, photo, features: head }, gallery),
        comparable: theirs.length > 0 && others.length > theirs.length,
      };
    });
}
