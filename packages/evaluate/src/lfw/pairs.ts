/**
 * The list of pairs of Labeled Faces in the Wild (`pairs.txt`): a line with the number of folds and of pairs of each
 * kind in a fold, then for every fold so many lines `name i j`, two photos of one person, and so many
 * `name1 i name2 j`, photos of two. Entries are separated by tabs; spaces are taken as well. Lists with one number in
 * the first line (`pairsDevTrain.txt`) have one fold.
 */
import { GanfitError } from "@ganfit/core";

export interface LfwPhoto {
  readonly name: string;
  /** From 1. */
  readonly number: number;
}

export interface LfwPair {
  /** From 0. */
  readonly fold: number;
  /** From 0 among the pairs of this kind in the fold. */
  readonly place: number;
  readonly same: boolean;
  readonly first: LfwPhoto;
  readonly second: LfwPhoto;
}

export interface LfwPairs {
  readonly folds: number;
  /** Pairs of one person, and of two, in each fold. */
  readonly pairsPerFold: number;
  /** In the list's order. */
  readonly pairs: readonly LfwPair[];
  /** Sentences on lines that are no pair. */
  readonly problems: readonly string[];
}

/** In all folds together; the standard list has 6,000. */
const MOST_PAIRS = 200_000;
/** A list with more lines that are no pairs is another file. */
const MOST_PROBLEMS = 100;
const MOST_FOLDS = 1000;
/** File names have four digits. */
const MOST_PHOTOS = 9999;

/**
 * @param file what errors call the list
 * @throws GanfitError `data` where the first line does not say how many pairs there are, or nearly nothing is a pair
 */
export function parsePairs(text: string, file: string): LfwPairs {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  while (lines.at(-1)?.trim() === "") lines.pop();
  const { folds, pairsPerFold } = countsOf(lines[0] ?? "", file);
  const pairs: LfwPair[] = [];
  const problems: string[] = [];
  const wrong = (problem: string) => {
    if (problems.length === MOST_PROBLEMS) {
      throw new GanfitError(
        "data",
        `${file} is no list of pairs: more than ${MOST_PROBLEMS} lines are wrong, the first: ${problems[0]}`,
      );
    }
    problems.push(problem);
  };
  const wanted = folds * 2 * pairsPerFold;
  const there = lines.length - 1;
  if (there !== wanted) {
    wrong(`${file} should have ${wanted} pairs by its first line, but has ${there} more lines.`);
  }
  for (let i = 0; i < Math.min(wanted, there); i++) {
    const inFold = i % (2 * pairsPerFold);
    const same = inFold < pairsPerFold;
    const parsed = pairOf(lines[i + 1]!, same);
    if (typeof parsed === "string") {
      wrong(`Line ${i + 2} of ${file} ${parsed}: ${lines[i + 1]!.slice(0, 80)}`);
      continue;
    }
    const fold = Math.floor(i / (2 * pairsPerFold));
    const place = same ? inFold : inFold - pairsPerFold;
    pairs.push({ fold, place, same, first: parsed[0], second: parsed[1] });
  }
  return { folds, pairsPerFold, pairs, problems };
}

/** `Aaron_Peirsol_0001`. */
export function photoName({ name, number }: LfwPhoto): string {
  return `${name}_${String(number).padStart(4, "0")}`;
}

function countsOf(line: string, file: string): { folds: number; pairsPerFold: number } {
  const entries = line.trim().split(/\s+/);
  const [first, second] = entries.map((entry) => wholeNumber(entry, MOST_PAIRS));
  const [folds, pairsPerFold] = entries.length === 1 ? [1, first] : [first, second];
  if (entries.length > 2 || !folds || !pairsPerFold || folds > MOST_FOLDS) {
    throw new GanfitError(
      "data",
      `${file} is no list of pairs: its first line should hold the number of folds and of pairs of each kind in a fold, ` +
        `such as 10 and 300, but is ${JSON.stringify(line.slice(0, 80))}.`,
    );
  }
  if (2 * folds * pairsPerFold > MOST_PAIRS) {
    throw new GanfitError(
      "data",
      `${file} promises ${2 * folds * pairsPerFold} pairs, but at most ${MOST_PAIRS} can be compared.`,
    );
  }
  return { folds, pairsPerFold };
}

/** What is wrong with the line, where it is no pair. */
function pairOf(line: string, same: boolean): readonly [LfwPhoto, LfwPhoto] | string {
  const entries = line.trim().split(/\s+/);
  if (entries.length !== (same ? 3 : 4)) {
    return same ? "should be a name and two numbers" : "should be two names with a number each";
  }
  const [name = "", i = "", third = "", last = ""] = entries;
  const first = photoOf(name, i);
  const second = same ? photoOf(name, third) : photoOf(third, last);
  if (!first || !second) return "names no photo";
  if (same && first.number === second.number) return "names the same photo twice";
  if (!same && first.name === second.name) return "names one person where it should name two";
  return [first, second];
}

function photoOf(name: string, number: string): LfwPhoto | null {
  const value = wholeNumber(number, MOST_PHOTOS);
  // A name becomes a folder's and a file's.
  const isName = /^[^/\\\p{C}]{1,100}$/u.test(name) && !/^\.+$/.test(name) && !name.includes(":");
  return value && isName ? { name, number: value } : null;
}

/** Positive; null for anything else. */
function wholeNumber(text: string, most: number): number | null {
  if (!/^\d{1,9}$/.test(text)) return null;
  const value = Number(text);
  return value >= 1 && value <= most ? value : null;
}
