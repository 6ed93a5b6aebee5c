import { GanfitError } from "@ganfit/core";
import { pointsOf } from "./landmark-points.js";

/** The content of a JSON file, or a GanfitError `data`. */
export function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new GanfitError("data", `${name} is not JSON, or cut off.`, { cause });
  }
}

/**
 * Points of a JSON file: a list of `[x, y, z]`, or such a list as `points` or `landmarks`.
 *
 * @returns `n x 3`
 * @throws GanfitError `data`
 */
export function parseJsonPoints(bytes: Uint8Array, name: string): Float64Array {
  const content = parseJson(bytes, name);
  if (Array.isArray(content)) return pointsOf(content, name);
  return pointsOf(entryOf(content, "points") ?? entryOf(content, "landmarks"), name);
}

/**
 * Points of menpo's landmark files (`.ljson`), versions 2 and 3. Of several groups the one named `LJSON` counts.
 *
 * @returns `n x 3`
 * @throws GanfitError `data`
 */
export function parseLjson(bytes: Uint8Array, name: string): Float64Array {
  const content = parseJson(bytes, name);
  const version = entryOf(content, "version");
  if (version !== 2 && version !== 3) {
    throw new GanfitError(
      "data",
      `${name} is of version ${JSON.stringify(version) ?? "unknown"} of menpo's landmark files, but versions 2 and 3 are read.`,
    );
  }
  const group = version === 2 ? content : onlyGroup(entryOf(content, "groups"), name);
  return pointsOf(entryOf(entryOf(group, "landmarks"), "points"), name);
}

function onlyGroup(groups: unknown, name: string): unknown {
  const named = entryOf(groups, "LJSON");
  if (named !== undefined) return named;
  const all = typeof groups === "object" && groups !== null ? Object.values(groups) : [];
  if (all.length === 1) return all[0];
  throw new GanfitError(
    "data",
    `${name} has ${all.length} groups of landmarks and none is named "LJSON", so that it is not clear which is meant.`,
  );
}

function entryOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
