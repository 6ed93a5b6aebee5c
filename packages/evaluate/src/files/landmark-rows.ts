import { GanfitError } from "@ganfit/core";
import { decimalOf } from "./decimal.js";
import { failAt, type Place } from "./place.js";

/** A line of a text file that is neither empty nor a comment (`#`). */
interface Line {
  readonly text: string;
  readonly place: Place;
}

/**
 * Points of a text with one on each line, its three numbers apart by blanks, tabs or commas.
 *
 * @returns `n x 3`
 * @throws GanfitError `data`, naming the line
 */
export function parsePointRows(bytes: Uint8Array, name: string): Float64Array {
  return pointsOfLines(linesOf(bytes, name));
}

/**
 * Points of a `.pts` file: lines of three numbers, alone, behind a line with their number, or as iBUG writes them,
 * between braces behind `version: 1` and `n_points: N`.
 *
 * @returns `n x 3`
 * @throws GanfitError `data`, naming the line
 */
export function parsePts(bytes: Uint8Array, name: string): Float64Array {
  const lines = linesOf(bytes, name);
  const open = lines.findIndex(({ text }) => text === "{");
  if (open >= 0)
    return checked(between(lines, open, name), headerCount(lines.slice(0, open)), name);
  const [first, ...others] = lines;
  if (first && /^\d+$/.test(first.text)) {
    return checked(pointsOfLines(others), Number(first.text), name);
  }
  return pointsOfLines(lines);
}

/** Numbers of a text, apart by blanks, commas or line ends. */
export function parseNumbers(bytes: Uint8Array, name: string): number[] {
  return linesOf(bytes, name).flatMap((line) => numbersOf(line));
}

function between(lines: readonly Line[], open: number, name: string): Float64Array {
  if (lines.at(-1)?.text !== "}") {
    throw new GanfitError("data", `${name} is cut off: it does not end with a closing brace.`);
  }
  return pointsOfLines(lines.slice(open + 1, -1));
}

/** What `n_points` says; null where nothing does. */
function headerCount(header: readonly Line[]): number | null {
  let count: number | null = null;
  for (const { text, place } of header) {
    const [, key, value] =
      /^(version|n_points)\s*:\s*(\d+)$/.exec(text) ??
      failAt(place, "has a header that no .pts file has");
    if (key === "n_points") count = Number(value);
  }
  return count;
}

function checked(points: Float64Array, count: number | null, name: string): Float64Array {
  if (count !== null && points.length !== 3 * count) {
    throw new GanfitError(
      "data",
      `${name} says that it has ${count} points, but has ${points.length / 3}.`,
    );
  }
  return points;
}

function pointsOfLines(lines: readonly Line[]): Float64Array {
  const points = new Float64Array(3 * lines.length);
  for (const [i, line] of lines.entries()) {
    const numbers = numbersOf(line);
    if (numbers.length !== 3) {
      failAt(line.place, `has ${numbers.length} coordinates where 3 are needed`);
    }
    points.set(numbers, 3 * i);
  }
  return points;
}

function numbersOf({ text, place }: Line): number[] {
  return text
    .split(/\s*,\s*|\s+/)
    .map(
      (word) =>
        decimalOf(word) ??
        failAt(place, `has ${JSON.stringify(word.slice(0, 80))} where a number belongs`),
    );
}

function linesOf(bytes: Uint8Array, name: string): Line[] {
  return new TextDecoder()
    .decode(bytes)
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ text: line.trim(), place: { name, unit: "line", where: i + 1 } }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"));
}
