import { readFile, stat } from "node:fs/promises";
import { GanfitError } from "@ganfit/core";

/**
 * The content of a file.
 *
 * @param most bytes that it may have
 * @throws GanfitError `data` where it is missing, no file, too large or not to be read
 */
export async function readBytes(path: string, most: number): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new GanfitError("data", `${path} is not a file.`);
    if (found.size > most) {
      throw new GanfitError(
        "data",
        `${path} has ${found.size} bytes, but files of its kind of at most ${most} are read.`,
      );
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof GanfitError) throw cause;
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    throw new GanfitError(
      "data",
      code === "ENOENT" ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
      { cause },
    );
  }
}
