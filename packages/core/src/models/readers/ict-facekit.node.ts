import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError } from "../../errors.js";
import type { MorphableModel } from "../morphable-model.js";
import { type Folder, ICT_NEUTRAL, readIctFaceKit } from "./ict-facekit.js";

/** Largest file read into memory; those of ICT-FaceKit have 3 MB. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/** The folder with the meshes: the one given or its `FaceXModel`; null where neither has them. */
export async function findIctFaceKit(directory: string): Promise<string | null> {
  for (const candidate of [directory, join(directory, "FaceXModel")]) {
    const found = await stat(join(candidate, ICT_NEUTRAL)).catch(() => null);
    if (found?.isFile()) return candidate;
  }
  return null;
}

/**
 * Reads ICT-FaceKit Light from the repository's folder or its `FaceXModel`.
 *
 * @throws GanfitError `model` as {@link readIctFaceKit}, and where the folder does not have it
 */
export async function openIctFaceKit(directory: string): Promise<MorphableModel> {
  const folder = await findIctFaceKit(directory);
  if (folder === null) {
    throw new GanfitError("model", `${directory} does not contain ICT-FaceKit's ${ICT_NEUTRAL}.`);
  }
  return readIctFaceKit(nodeFolder(folder));
}

/** A folder of the file system. */
export function nodeFolder(path: string): Folder {
  return {
    name: path,
    async list() {
      const entries = await readdir(path, { withFileTypes: true });
      return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
    },
    async read(file) {
      const full = join(path, file);
      try {
        const stats = await stat(full);
        if (!stats.isFile() || stats.size > MAX_FILE_BYTES) {
          throw new GanfitError("model", `${full} is no file of at most ${MAX_FILE_BYTES} bytes.`);
        }
        return await readFile(full);
      } catch (cause) {
        if (cause instanceof GanfitError) throw cause;
        throw new GanfitError("model", `${full} cannot be read: ${(cause as Error).message}.`, {
          cause,
        });
      }
    },
  };
}
