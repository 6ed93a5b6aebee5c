import { GanfitError } from "@ganfit/core";

/**
 * A mask of a topology's vertices: 0 or 1 for each, parted by commas or white space, as
 * REALY's `--template_mask` has it.
 *
 * @param name of the file, for messages
 * @throws GanfitError `data` where there is anything else
 */
export function parseVertexMask(text: string, name: string): Uint8Array {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const wrong = words.findIndex((word) => word !== "0" && word !== "1");
  if (wrong >= 0 || words.length === 0) {
    throw new GanfitError(
      "data",
      wrong >= 0
        ? `${name} is no mask of vertices: number ${wrong + 1} is "${words[wrong]!.slice(0, 20)}", not 0 or 1.`
        : `${name} is no mask of vertices: it is empty.`,
    );
  }
  return Uint8Array.from(words, (word) => (word === "1" ? 1 : 0));
}
