// The photographs that textures are learnt from, and those that they are measured on.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseHoldout } from "../head/photo-landmarks.js";

/** Portraits under CC BY 4.0; two of the folders show the same people. */
const FOLDERS = [
  { folder: "london-neutral", prefix: "" },
  { folder: "london-smiling", prefix: "" },
  { folder: "canada", prefix: "canada/" },
] as const;

export interface TexturePhotos {
  /** Paths relative to the folder of photos, sorted. */
  readonly training: readonly string[];
  /** Neutral portraits of the people that nothing is learnt from. */
  readonly heldOut: readonly string[];
}

/** @param photos the folder with `holdout.txt` */
export async function texturePhotos(photos: string): Promise<TexturePhotos> {
  const people = parseHoldout(await readFile(join(photos, "holdout.txt"), "utf8"));
  const training: string[] = [];
  const heldOut: string[] = [];
  for (const { folder, prefix } of FOLDERS) {
    for (const file of (await readdir(join(photos, folder))).sort()) {
      if (!file.endsWith(".jpg")) continue;
      const path = `${folder}/${file}`;
      if (!people.has(prefix + file.slice(0, -4))) training.push(path);
      else if (folder !== "london-smiling") heldOut.push(path);
    }
  }
  return { training, heldOut };
}

/** Numbers of the people of London whom `london.csv` calls white. */
export async function whitePeople(photos: string): Promise<ReadonlySet<string>> {
  const [, ...rows] = (await readFile(join(photos, "london.csv"), "utf8")).trim().split(/\r?\n/);
  const people = rows.map((row) => row.split(","));
  return new Set(people.filter(([, , , group]) => group === "white").map(([id]) => id!));
}
