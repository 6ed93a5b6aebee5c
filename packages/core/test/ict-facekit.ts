/** ICT-FaceKit Light for tests: 387 MB that are unpacked once into an ignored folder. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { shared } from "./shared.js";

const CACHE = fileURLToPath(new URL("../../../.cache/", import.meta.url));

/**
 * Its folder: `GANFIT_ICT`, else `.cache/ict-facekit` in the repository's root, unpacked from
 * `../shared/data`; null where there is neither, or `tar` cannot unpack it.
 */
export function ictFaceKit(): string | null {
  if (process.env.GANFIT_ICT) return process.env.GANFIT_ICT;
  const folder = `${CACHE}ict-facekit`;
  if (existsSync(folder)) return folder;
  const archive = shared("ict-facekit.tar.xz");
  if (archive === null) return null;
  mkdirSync(CACHE, { recursive: true });
  const temporary = mkdtempSync(`${CACHE}ict-facekit-`);
  try {
    execFileSync("tar", ["-xJf", archive, "-C", temporary], { stdio: "ignore" });
    // Another test may have been as fast; both are whole.
    if (!existsSync(folder)) renameSync(`${temporary}/ict-facekit`, folder);
    return folder;
  } catch {
    return existsSync(folder) ? folder : null;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A test's name with the reason added when ICT-FaceKit is absent. */
export function needsIct(folder: string | null, name: string): string {
  return folder === null ? `${name} (skipped: no ../shared/data/ict-facekit.tar.xz)` : name;
}
