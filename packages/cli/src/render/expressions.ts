import { expressionNames, GanfitError, type MorphableModel, modesOfExpression } from "@ganfit/core";
import { InvalidArgumentError } from "commander";
import { distance } from "fastest-levenshtein";
import { parseNumber } from "../numbers.js";

/** What `--expression` says: a strength, or null to take all away (`neutral`). */
export type ExpressionSetting = readonly [name: string, strength: number | null];

/** Names to suggest. */
const SUGGESTIONS = 5;
/** Largest coefficient of modes that are not blend shapes, standard deviations. */
const LIMIT = 5;

/** Parses one more `--expression`. */
export function parseExpression(
  text: string,
  previous: readonly ExpressionSetting[] = [],
): ExpressionSetting[] {
  if (text === "neutral") return [...previous, [text, null]];
  const at = text.lastIndexOf("=");
  const strength = at > 0 ? parseNumber(text.slice(at + 1)) : null;
  if (strength === null) {
    throw new InvalidArgumentError(
      "It must be a name and a strength such as smile=0.7, or neutral.",
    );
  }
  return [...previous, [text.slice(0, at), strength]];
}

/**
 * Applies settings one after the other.
 *
 * @param start one coefficient per expression mode
 * @returns the same, changed
 * @throws GanfitError `usage` for a name that the model does not know, with those most like it, and for a
 *   strength out of range
 */
export function withExpressions(
  model: MorphableModel,
  start: Float32Array,
  settings: readonly ExpressionSetting[],
): Float32Array {
  const expression = start.slice();
  const low = model.expression.prior === "unit-interval" ? 0 : -LIMIT;
  const high = model.expression.prior === "unit-interval" ? 1 : LIMIT;
  for (const [name, strength] of settings) {
    if (strength === null) {
      expression.fill(0);
      continue;
    }
    if (strength < low || strength > high) {
      throw new GanfitError(
        "usage",
        `The expression ${name} can have a strength from ${low} to ${high}, not ${strength}.`,
      );
    }
    const modes = modesOfExpression(model, name);
    if (!modes) {
      const near = nearest(name, expressionNames(model)).join(", ");
      throw new GanfitError(
        "usage",
        `${model.name} has no expression ${name}; the nearest are ${near}.`,
      );
    }
    for (const [mode, share] of modes) expression[mode] = share * strength;
  }
  return expression;
}

/** The names most like one: those that contain it, then those that differ in the fewest letters. */
function nearest(name: string, names: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  const rank = (known: string) => {
    const other = known.toLowerCase();
    return distance(wanted, other) - (other.includes(wanted) ? other.length : 0);
  };
  return names
    .map((known) => ({ known, rank: rank(known) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, SUGGESTIONS)
    .map(({ known }) => known);
}
