import { randomUUID } from "node:crypto";
import { access, constants, mkdir, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { GanfitError } from "../errors.js";
import { cannotWrite } from "./encode.node.js";

/**
 * Checks that a folder is there and can be written into, or can be made: for those who want to know
 * before a long computation.
 *
 * @throws GanfitError `output`
 */
export async function requireFolder(folder: string): Promise<void> {
  for (let place = resolve(folder); ; place = dirname(place)) {
    const found = await stat(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" && dirname(place) !== place) return null;
      throw cannotWrite(folder, error);
    });
    if (!found) continue;
    if (!found.isDirectory()) {
      throw new GanfitError("output", `${folder} cannot be a folder: ${place} is a file.`);
    }
    return access(place, constants.W_OK).catch((error) => {
      throw cannotWrite(folder, error);
    });
  }
}

/**
 * Writes files that belong together into a folder, which is made if it is absent: all under temporary
 * names first, and when the last byte is on the disk they get their own. Files of the same names are replaced.
 *
 * @param files by name
 * @param signal looked at until the files get their names
 * @throws GanfitError `output`, or the signal's reason; then nothing new is left behind
 */
export async function writeFolder(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const made = await mkdir(folder, { recursive: true }).catch((error) => {
    throw cannotWrite(folder, error);
  });
  const moves: { temporary: string; path: string }[] = [];
  let writing = folder;
  try {
    for (const [name, bytes] of files) {
      signal?.throwIfAborted();
      const move = { temporary: join(folder, `.ganfit-${randomUUID()}`), path: join(folder, name) };
      writing = move.path;
      moves.push(move);
      if ((await stat(move.path).catch(() => null))?.isDirectory()) {
        throw new GanfitError("output", `${move.path} cannot be written: it is a folder.`);
      }
      await writeFile(move.temporary, bytes, { flag: "wx" });
    }
    signal?.throwIfAborted();
    for (const { temporary, path } of moves) {
      writing = path;
      await rename(temporary, path);
    }
  } catch (error) {
    for (const { temporary } of moves) await rm(temporary, { force: true }).catch(() => {});
    if (made !== undefined) await removeEmpty(resolve(folder), resolve(made));
    if (error instanceof GanfitError || error === signal?.reason) throw error;
    throw cannotWrite(writing, error);
  }
}

/** Removes a folder and those above it up to `highest`, as far as they are empty. */
async function removeEmpty(folder: string, highest: string): Promise<void> {
  for (let place = folder; place.length >= highest.length; place = dirname(place)) {
    const gone = await rmdir(place).then(
      () => true,
      () => false,
    );
    if (!gone || place === highest) return;
  }
}
