/** A picture of all maps of a dataset, to look for odd ones. */
import {
  contactSheet,
  type Image,
  imageOfTexture,
  shrinkTexture,
  type TextureMap,
} from "@ganfit/core";

/** Pixels of a map on the sheet. */
const CELL = 128;
/** Of more maps a sheet shows so many, evenly chosen. */
const MOST = 400;

/** Takes maps as they come, so that they need not all be in memory. */
export class DatasetSheet {
  private readonly pictures: Image[] = [];
  private readonly labels: string[] = [];
  private readonly step: number;
  private count = 0;

  constructor(
    total: number,
    private readonly size: number,
  ) {
    this.step = Math.ceil(total / MOST);
  }

  add({ photo }: { readonly photo: string }, texture: TextureMap): void {
    const number = this.count++;
    if (number % this.step !== 0) return;
    const factor = Math.max(1, this.size / CELL);
    this.pictures.push(imageOfTexture(shrinkTexture(texture, factor)));
    // A label has room for ten letters: the number in the manifest and the file's name.
    this.labels.push(`${number} ${photo.replace(/^.*\//, "").replace(/\.[^.]*$/, "")}`);
  }

  image(): Image {
    const cell = { width: CELL, height: CELL };
    return contactSheet(this.pictures, { cell, labels: this.labels });
  }
}
