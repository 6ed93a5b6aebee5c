/** The photos and the list of pairs of Labeled Faces in the Wild, as its archives unpack. */
import { join } from "node:path";
import { GanfitError } from "@ganfit/core";
import { isFile, isFolder } from "../files/folders.node.js";
import { readText } from "../files/read-text.node.js";
import { type LfwPair, type LfwPairs, parsePairs, photoName } from "./pairs.js";

/** Folders that may lie between the one that is given and those of the people. */
const BETWEEN = [
  "",
  "lfw",
  "lfw-deepfunneled",
  "lfw_funneled",
  "lfw-funneled",
  "lfw/lfw",
  "lfw-deepfunneled/lfw-deepfunneled",
  "lfw_funneled/lfw_funneled",
];

/** @throws GanfitError `data` where the file cannot be read or is no list of pairs */
export async function readPairs(path: string): Promise<LfwPairs> {
  return parsePairs(await readText(path), path);
}

export interface LfwPhotos {
  /** Paths by name such as `Aaron_Peirsol_0001`. */
  readonly paths: ReadonlyMap<string, string>;
  /** Names and sentences. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * Finds the photos that occur in pairs: `<Name>/<Name>_0001.jpg` in the folder, or in one of those that the archives
 * have (`lfw`, `lfw-deepfunneled`, `lfw_funneled`).
 *
 * @returns photos in the order in which pairs name them
 * @throws GanfitError `data` where none of them is there
 */
export async function findPhotos(data: string, pairs: readonly LfwPair[]): Promise<LfwPhotos> {
  const wanted = new Map(
    pairs.flatMap(({ first, second }) => [first, second]).map((each) => [photoName(each), each]),
  );
  for (const between of BETWEEN) {
    const folder = join(data, between);
    if (!(await isFolder(folder))) continue;
    const paths = new Map<string, string>();
    const missing = new Map<string, string>();
    const people = new Map<string, boolean>();
    for (const [photo, { name }] of wanted) {
      const person = people.get(name) ?? (await isFolder(join(folder, name)));
      people.set(name, person);
      const path = join(folder, name, `${photo}.jpg`);
      if (person && (await isFile(path))) paths.set(photo, path);
      else {
        const what = person ? `photo ${photo}.jpg` : `person ${name}`;
        missing.set(photo, `The list of pairs names a ${what}, which ${folder} does not have.`);
      }
    }
    if (paths.size > 0) return { paths, missing };
  }
  throw new GanfitError(
    "data",
    `${data} holds none of the photos that the list of pairs names: it should hold Labeled Faces in the Wild, ` +
      "a folder for each person with photos such as Aaron_Peirsol/Aaron_Peirsol_0001.jpg.",
  );
}
