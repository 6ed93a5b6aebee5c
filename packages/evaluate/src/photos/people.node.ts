import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GanfitError } from "@ganfit/core";
import { isPhotoName, PHOTO_ENDINGS } from "../files/photo-names.js";
import { type Person, type PersonPhotoFile, peopleOf } from "./people.js";

/** A benchmark of more photos would take months. */
const MOST_PHOTOS = 100_000;
/** Folders in folders. */
const DEEPEST = 32;

/**
 * The people of a folder and all folders in it, see `peopleOf`. Files and folders whose names begin with a dot,
 * symbolic links and other files than pictures are left alone.
 *
 * @param without a folder that is not looked into, such as that of the results
 * @throws GanfitError `data` where the folder cannot be read, or holds no photos or too many
 */
export async function peopleIn(folder: string, without?: string): Promise<Person[]> {
  const files: PersonPhotoFile[] = [];
  const left = without === undefined ? null : resolve(without);
  const walk = async (place: string, prefix: string, depth: number): Promise<void> => {
    if (resolve(place) === left) return;
    for (const entry of await entriesOf(place)) {
      if (entry.name.startsWith(".")) continue;
      const path = join(place, entry.name);
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory() && depth < DEEPEST) await walk(path, `${name}/`, depth + 1);
      if (!entry.isFile() || !isPhotoName(name)) continue;
      if (files.length === MOST_PHOTOS) {
        throw new GanfitError("data", `${folder} holds more than ${MOST_PHOTOS} photos.`);
      }
      files.push({ name, path });
    }
  };
  await walk(folder, "", 0);
  if (files.length > 0) return peopleOf(files);
  throw new GanfitError(
    "data",
    `${folder} holds no photos: pictures are recognised by their endings, ${PHOTO_ENDINGS.join(" ")}.`,
  );
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "unknown error";
    throw new GanfitError("data", `${folder} cannot be read as a folder (${reason}).`);
  }
}
