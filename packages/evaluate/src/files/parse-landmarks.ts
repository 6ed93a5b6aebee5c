import { GanfitError } from "@ganfit/core";
import { endingOf } from "./ending.js";
import { parseJsonPoints, parseLjson } from "./landmark-json.js";
import { parseNpyPoints } from "./landmark-npy.js";
import { parsePp } from "./landmark-pp.js";
import { parsePointRows, parsePts } from "./landmark-rows.js";

type Parse = (bytes: Uint8Array, name: string) => Float64Array;

const PARSERS: Readonly<Record<string, Parse>> = {
  ".ljson": parseLjson,
  ".pts": parsePts,
  ".txt": parsePointRows,
  ".json": parseJsonPoints,
  ".pp": parsePp,
  ".npy": parseNpyPoints,
};

/** Endings of the files that are read as landmarks, in small letters. */
export const LANDMARK_ENDINGS: readonly string[] = Object.keys(PARSERS);

/**
 * Reads landmarks, in the format that the name's ending says.
 *
 * @param name of the file, in letters of either case; also for messages
 * @param count of points that it must have
 * @returns `count x 3`, in the file's unit and order
 * @throws GanfitError `data` for a file that is malformed, cut off, or has another number of points
 */
export function parseLandmarks(bytes: Uint8Array, name: string, count: number): Float64Array {
  const ending = endingOf(name);
  if (!Object.hasOwn(PARSERS, ending)) {
    throw new GanfitError(
      "data",
      `${name} has no landmarks that can be read: its ending is none of ${LANDMARK_ENDINGS.join(", ")}.`,
    );
  }
  const points = PARSERS[ending]!(bytes, name);
  if (points.length !== 3 * count) {
    throw new GanfitError(
      "data",
      `${name} has ${points.length / 3} points where ${count} are needed.`,
    );
  }
  return points;
}
