// Options of the likeness benchmark that hold lists.

import { GanfitError } from "@ganfit/core";

/**
 * Words out of a list such as `own,shape`.
 *
 * @throws GanfitError `usage` naming the option where a word is not among the known ones
 */
export function parseList<T extends string>(
  option: string,
  text: string,
  known: readonly T[],
): Set<T> {
  const words = text.split(",").filter(Boolean);
  for (const word of words) {
    if (!(known as readonly string[]).includes(word)) throw unknown(option, word, known);
  }
  if (words.length === 0) throw unknown(option, text, known);
  return new Set(words as T[]);
}

/**
 * Weights out of a text such as `identity=2,content=0`.
 *
 * @param defaults those that can be set
 * @throws GanfitError `usage` where a name is not among them or a value is no number of at least 0
 */
export function parseWeights<T extends object>(
  text: string,
  defaults: T,
): Partial<Record<keyof T, number>> {
  const known = Object.keys(defaults) as (keyof T & string)[];
  const out: Partial<Record<keyof T, number>> = {};
  for (const item of text.split(",").filter(Boolean)) {
    const [name = "", value = ""] = item.split("=");
    const key = known.find((each) => each === name);
    if (key === undefined) throw unknown("weights", name, known);
    const weight = value === "" ? Number.NaN : Number(value);
    if (!(weight >= 0 && weight < Infinity)) {
      throw new GanfitError("usage", `--weights: ${name} needs a number of at least 0: ${item}.`);
    }
    out[key] = weight;
  }
  return out;
}

function unknown(option: string, word: string, known: readonly string[]): GanfitError {
  return new GanfitError(
    "usage",
    `--${option} does not know "${word}"; there are: ${known.join(", ")}.`,
  );
}
