/** Reading the package's own files in Node. */
import { readFile } from "node:fs/promises";
import { GanfitError } from "../errors.js";

/** @throws GanfitError `network` when the file cannot be read. */
export async function readAsset(url: URL): Promise<Uint8Array> {
  try {
    return await readFile(url);
  } catch (error) {
    throw new GanfitError(
      "network",
      `The file ${url.pathname} of ganfit cannot be read: install the package again.`,
      { cause: error },
    );
  }
}
