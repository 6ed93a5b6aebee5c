import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cannotWrite, writeWhole } from "@ganfit/core";

/**
 * Writes a picture of a report: whole or not at all.
 *
 * @param out the report's folder
 * @param file relative to it, such as `pictures/somebody.jpg`
 * @throws GanfitError `output`
 */
export async function writePicture(out: string, file: string, bytes: Uint8Array): Promise<void> {
  const path = join(out, file);
  await mkdir(dirname(path), { recursive: true }).catch((error) => {
    throw cannotWrite(dirname(path), error);
  });
  await writeWhole(path, bytes);
}
