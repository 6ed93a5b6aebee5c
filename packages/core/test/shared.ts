/** The data beside the repository that some tests measure on; absent on most machines. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../../../shared/data/", import.meta.url);

/** Path of a file or folder of `../shared/data`, or null where it is absent. */
export function shared(path: string): string | null {
  const file = fileURLToPath(new URL(path, ROOT));
  return existsSync(file) ? file : null;
}

/** A test's name with the reason added when `../shared/data` lacks what it needs. */
export function needs(path: string, name: string): string {
  return shared(path) ? name : `${name} (skipped: ../shared/data/${path} is absent)`;
}

/** People on whom nothing is ever trained: London numbers as `033`, and `canada/053f`. */
export function holdout(photos: string): Set<string> {
  return new Set(readFileSync(`${photos}/holdout.txt`, "utf8").split(/\s+/).filter(Boolean));
}
