/** Looking into folders that stand-ins are written to. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** All files below a folder by path with slashes, ascending. */
export function filesIn(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

/** Hash of each file. */
export function hashesOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesIn(folder).map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(folder, path)))
        .digest("hex"),
    ]),
  );
}

export function readTruth(folder: string) {
  return JSON.parse(readFileSync(join(folder, "truth.json"), "utf8"));
}
