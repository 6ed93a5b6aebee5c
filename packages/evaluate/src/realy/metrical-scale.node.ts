import { GanfitError } from "@ganfit/core";
import { decimalOf } from "../files/decimal.js";
import { readText } from "../files/read-text.node.js";

/**
 * REALY's `metrical_scale.txt`: a number for each subject, the first for subject 1.
 *
 * @returns millimetres in a unit of each subject's scan
 * @throws GanfitError `data`
 */
export async function readMetricalScale(path: string): Promise<Float64Array> {
  const text = await readText(path);
  const words = text.split(/\s+/).filter((word) => word !== "");
  const values = Float64Array.from(words, (word) => decimalOf(word) ?? 0);
  const wrong = values.findIndex((value) => !(value > 0));
  if (wrong >= 0 || values.length === 0) {
    throw new GanfitError(
      "data",
      wrong >= 0
        ? `${path}: number ${wrong + 1} is "${words[wrong]!.slice(0, 20)}", but a scale is a number above 0.`
        : `${path} holds no numbers.`,
    );
  }
  return values;
}
