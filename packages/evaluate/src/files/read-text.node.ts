import { MAX_LIST_BYTES } from "./limits.js";
import { readBytes } from "./read-bytes.node.js";

/**
 * A text file in UTF-8, as lists and tables of numbers are.
 *
 * @throws GanfitError `data`, as `readBytes` does
 */
export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, MAX_LIST_BYTES));
}
