// The people of ../shared whose likeness is measured, and their photos.

import { type Photo, photosOf } from "../../core/test/photos.node.js";
import type { Person } from "../src/photos/people.js";

export interface BenchPerson extends Person {
  /** Whether nothing was trained or tuned on them. */
  readonly heldOut: boolean;
}

/** The people of the London set: the neutral photo, then the smiling one. */
export function londonPeople(): BenchPerson[] {
  const smiling = new Map(photosOf("london-smiling").map((photo) => [fileOf(photo), photo]));
  return photosOf("london-neutral").map((neutral) => {
    const other = smiling.get(fileOf(neutral));
    const photos = other ? [neutral, other] : [neutral];
    return { name: fileOf(neutral), heldOut: neutral.heldOut, photos };
  });
}

/** Canada's, who have one photo each. */
export function canadaPeople(): BenchPerson[] {
  return photosOf("canada").map((photo) => ({
    name: `canada/${fileOf(photo)}`,
    heldOut: photo.heldOut,
    photos: [photo],
  }));
}

function fileOf({ name }: Photo): string {
  return name.replace(/^.*\//, "").replace(/\.jpg$/, "");
}
