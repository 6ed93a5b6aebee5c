/** Folders that appear whole or not at all. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { cannotWrite, GanfitError, requireFolder } from "@ganfit/core";

/** Writes a file of the new folder, by its path within, with slashes. */
export type WriteFile = (path: string, content: string | Uint8Array) => Promise<void>;

/**
 * Makes a folder. Its files are written into another beside it, which gets the name at the end.
 *
 * @param folder absent or empty
 * @param fill writes everything
 * @throws GanfitError `output` where it holds something or cannot be written; whatever `fill` throws, and the
 *   signal's reason, when nothing is left behind
 */
export async function makeFolder(
  folder: string,
  fill: (write: WriteFile) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const target = resolve(folder);
  await requireEmpty(target);
  const staging = join(dirname(target), `.ganfit-${randomUUID()}`);
  const write: WriteFile = async (path, content) => {
    signal?.throwIfAborted();
    const file = join(staging, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { flag: "wx" });
  };
  try {
    await mkdir(staging, { recursive: true });
    await fill(write);
    signal?.throwIfAborted();
    // Some systems put no folder in another's place, not even in an empty one's.
    await rmdir(target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rename(staging, target);
  } catch (error) {
    await rm(staging, { recursive: true, force: true }).catch(() => {});
    const isSystems = error instanceof Error && "syscall" in error;
    throw isSystems ? cannotWrite(folder, error) : error;
  }
}

async function requireEmpty(folder: string): Promise<void> {
  await requireFolder(folder);
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw cannotWrite(folder, error);
  });
  if (found.length > 0) {
    throw new GanfitError(
      "output",
      `${folder} is not empty: a stand-in gets a folder of its own, name another.`,
    );
  }
}
