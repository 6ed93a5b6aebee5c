/** Finding the photographs that a dataset is made of. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { GanfitError } from "@ganfit/core";
import {
  type PhotoProvenance,
  type PhotoSource,
  provenanceOf,
  withoutExtension,
} from "./photo-sources.js";

export interface DatasetPhoto extends PhotoProvenance {
  /** Unique; names its files and tensors. */
  readonly id: string;
  /** The folder that it lies in and its file's name. */
  readonly photo: string;
  /** Where it can be read. */
  readonly path: string;
}

export interface PhotoListOptions {
  readonly sources?: readonly PhotoSource[] | undefined;
  /** Names of photos or people that may not be used, see {@link parseNames}. */
  readonly exclude?: ReadonlySet<string> | undefined;
  /** No others may be used. */
  readonly only?: ReadonlySet<string> | undefined;
  /** The first so many in their order. */
  readonly limit?: number | undefined;
  /** A folder whose pictures are no photos: where the dataset goes. */
  readonly except?: string | undefined;
}

const PICTURES = new Set([".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".gif"]);

/**
 * Names of photos or people, one a line; empty lines and those that begin with # say nothing. A photo is named by
 * its folder and file (`london/005.jpg`), by its file alone (`005.jpg`), both also without the extension, or by
 * the person that it shows.
 */
export function parseNames(text: string): ReadonlySet<string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return new Set(lines.filter((line) => line !== "" && !line.startsWith("#")));
}

/**
 * @param places files, and folders whose pictures are taken, with those in folders within
 * @returns sorted by folder and file within each place
 * @throws GanfitError `image` where a place does not exist; `usage` where two photos have the same name
 */
export async function listPhotos(
  places: readonly string[],
  { sources = [], exclude, only, limit, except }: PhotoListOptions = {},
): Promise<DatasetPhoto[]> {
  const paths = new Set<string>();
  for (const place of places) for (const path of await picturesIn(place)) paths.add(path);
  const photos: DatasetPhoto[] = [];
  const ids = new Map<string, string>();
  for (const path of paths) {
    if (except !== undefined && !relative(resolve(except), path).startsWith("..")) continue;
    const photo = `${basename(dirname(path))}/${basename(path)}`;
    const provenance = provenanceOf(photo, sources);
    const names = [photo, basename(photo)].flatMap((name) => [name, withoutExtension(name)]);
    names.push(provenance.person);
    if (exclude && names.some((name) => exclude.has(name))) continue;
    if (only && !names.some((name) => only.has(name))) continue;
    const id = withoutExtension(photo).replace(/[^\w-]/g, (c) => (c === "/" ? "-" : "_"));
    const other = ids.get(id);
    if (other !== undefined) {
      throw new GanfitError(
        "usage",
        `${other} and ${path} would both be called ${id}: rename one, or the folder that it lies in.`,
      );
    }
    ids.set(id, path);
    photos.push({ ...provenance, id, photo, path });
  }
  return limit === undefined ? photos : photos.slice(0, limit);
}

async function picturesIn(place: string): Promise<string[]> {
  const path = resolve(place);
  const found = await stat(path).catch((error) => {
    throw new GanfitError("image", `${place} cannot be read: there is no such file or folder.`, {
      cause: error,
    });
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => PICTURES.has(extname(file).toLowerCase()))
    .sort();
}
