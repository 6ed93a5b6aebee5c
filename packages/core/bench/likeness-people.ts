// The people whose likeness is measured, and their photos.

import { type Photo, photosOf } from "../test/photos.node.js";

export interface Person {
  /** As the photos' files are called; Canada's with `canada/` before it. */
  readonly name: string;
  readonly heldOut: boolean;
  readonly neutral: Photo;
  /** Null for Canada's people, who have one photo each. */
  readonly smiling: Photo | null;
}

/** The people of the London set, with both photos. */
export function londonPeople(): Person[] {
  const smiling = new Map(photosOf("london-smiling").map((photo) => [fileOf(photo), photo]));
  return photosOf("london-neutral").map((neutral) => ({
    name: fileOf(neutral),
    heldOut: neutral.heldOut,
    neutral,
    smiling: smiling.get(fileOf(neutral)) ?? null,
  }));
}

export function canadaPeople(): Person[] {
  return photosOf("canada").map((neutral) => ({
    name: `canada/${fileOf(neutral)}`,
    heldOut: neutral.heldOut,
    neutral,
    smiling: null,
  }));
}

function fileOf({ name }: Photo): string {
  return name.replace(/^.*\//, "").replace(/\.jpg$/, "");
}
