import { GanfitError } from "@ganfit/core";
import { SCALAR_BYTES, type ScalarType } from "./byte-scanner.js";
import { failAt } from "./place.js";
import { TextScanner } from "./text-scanner.js";

export interface PlyProperty {
  readonly name: string;
  readonly type: ScalarType;
  /** How the number of items is written, where the property is a list; null for a single number. */
  readonly countType: ScalarType | null;
}

/** Rows that all have the same properties. */
export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyProperty[];
}

export interface PlyHeader {
  readonly format: "ascii" | "binary_little_endian" | "binary_big_endian";
  /** In the file's order. */
  readonly elements: readonly PlyElement[];
  /** Offset of the first byte behind it. */
  readonly end: number;
  /** The line that starts there. */
  readonly line: number;
}

/** By both sets of names that are in use. */
const TYPES: Readonly<Record<string, ScalarType>> = {
  ...Object.fromEntries((Object.keys(SCALAR_BYTES) as ScalarType[]).map((type) => [type, type])),
  char: "int8",
  uchar: "uint8",
  short: "int16",
  ushort: "uint16",
  int: "int32",
  uint: "uint32",
  float: "float32",
  double: "float64",
};

/** Longer than any header; binary data that no `end_header` comes before is not searched for one. */
const MAX_LINES = 1000;

/** @throws GanfitError `data`, naming the line */
export function parsePlyHeader(bytes: Uint8Array, name: string): PlyHeader {
  const scanner = new TextScanner(bytes, name);
  if (scanner.restOfLine() !== "ply") {
    throw new GanfitError(
      "data",
      `${name} is not in the PLY format: it does not begin with "ply".`,
    );
  }
  let format: PlyHeader["format"] | null = null;
  const elements: { name: string; count: number; properties: PlyProperty[] }[] = [];
  while (scanner.where < MAX_LINES && scanner.moreInFile()) {
    const place = { name, unit: "line", where: scanner.where };
    const bad = (): never => failAt(place, "has a line that no PLY header has");
    const [keyword, ...words] = scanner.restOfLine().split(/[ \t]+/);
    switch (keyword) {
      case "comment":
      case "obj_info":
        break;
      case "format":
        format = formatOf(words) ?? bad();
        break;
      case "element":
        elements.push(elementOf(words) ?? bad());
        break;
      case "property":
        (elements.at(-1) ?? bad()).properties.push(propertyOf(words) ?? bad());
        break;
      case "end_header":
        if (format === null) return failAt(place, "ends its header without naming a format");
        return { format, elements, end: scanner.at, line: scanner.where };
      default:
        bad();
    }
  }
  throw new GanfitError("data", `${name} is cut off: its header has no end.`);
}

function formatOf([format, version]: readonly string[]): PlyHeader["format"] | null {
  if (version !== "1.0") return null;
  return format === "ascii" || format === "binary_little_endian" || format === "binary_big_endian"
    ? format
    : null;
}

function elementOf([name, count = ""]: readonly string[]) {
  if (name === undefined || !/^\d{1,15}$/.test(count)) return null;
  return { name, count: Number(count), properties: [] };
}

function propertyOf(words: readonly string[]): PlyProperty | null {
  const [kind = "", countName = "", itemName = "", listName] = words;
  if (kind !== "list") {
    const type = typeOf(kind);
    return type && countName !== "" ? { name: countName, type, countType: null } : null;
  }
  const countType = typeOf(countName);
  const type = typeOf(itemName);
  if (!type || !countType || countType.startsWith("float") || listName === undefined) return null;
  return { name: listName, type, countType };
}

const typeOf = (name: string): ScalarType | null =>
  Object.hasOwn(TYPES, name) ? TYPES[name]! : null;
