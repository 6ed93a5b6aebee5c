/** What lies in folders. */
import { readdir, stat } from "node:fs/promises";
import { GanfitError } from "@ganfit/core";

/**
 * @param what the folder should hold, for messages
 * @returns names in the folder, by code unit so that the order is the same everywhere
 * @throws GanfitError `data` where there is no such folder or it cannot be listed
 */
export async function namesIn(folder: string, what: string): Promise<string[]> {
  const names = await namesIfAny(folder);
  if (names) return names;
  throw new GanfitError("data", `There is no folder ${folder}, where ${what} should be.`);
}

/**
 * The same of a folder that need not be there.
 *
 * @returns null where there is no such folder
 * @throws GanfitError `data` where it cannot be listed
 */
export async function namesIfAny(folder: string): Promise<string[] | null> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new GanfitError("data", `The folder ${folder} cannot be read (${code}).`, { cause });
  }
}

/** @throws GanfitError `data` where there is no such folder */
export async function needFolder(folder: string, what: string): Promise<void> {
  if (await isFolder(folder)) return;
  throw new GanfitError("data", `There is no folder ${folder}, where ${what} should be.`);
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

/** The first of the paths at which there is a file. */
export async function firstFile(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (await isFile(path)) return path;
  return null;
}
