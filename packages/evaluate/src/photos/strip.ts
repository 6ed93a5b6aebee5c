/** The pictures by which a photo's fit is looked at, side by side. */
import { contactSheet, type Image } from "@ganfit/core";
import type { PhotoLikeness } from "./photo-likeness.js";

export interface StripPictures {
  readonly own: PhotoLikeness;
  /** The same head on another photo of the person, with identity and texture as they were. */
  readonly other: PhotoLikeness | null;
  readonly judged: Image;
  readonly clay: Image;
  readonly skin: Image;
}

/**
 * In one row: photo, fitted, from the front as the judge sees it, clay, texture, and the other photo, fitted.
 *
 * @param side of each picture, pixels
 */
export function strip({ own, other, judged, clay, skin }: StripPictures, side: number): Image {
  const decibels = ({ psnr }: PhotoLikeness) => `fitted, ${psnr.toFixed(1)} dB`;
  const cells: [Image, string][] = [
    [own.photo, "photo"],
    [own.painted, decibels(own)],
    [judged, "front"],
    [clay, "clay"],
    [skin, "texture"],
  ];
  if (other) cells.push([other.photo, "other photo"], [other.painted, decibels(other)]);
  return contactSheet(
    cells.map(([image]) => image),
    {
      columns: cells.length,
      cell: { width: side, height: side },
      labels: cells.map(([, label]) => label),
    },
  );
}
