import { GanfitError } from "@ganfit/core";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { decimalOf } from "./decimal.js";
import { pointsOf } from "./landmark-points.js";

/** The depth of MeshLab's files is 3. */
const MAX_DEPTH = 16;

/**
 * Points that were picked in MeshLab (`.pp`, XML), in the file's order.
 *
 * @returns `n x 3`
 * @throws GanfitError `data`; also where a point of the list was never picked, which has no place
 */
export function parsePp(bytes: Uint8Array, name: string): Float64Array {
  const root = rootOf(new TextDecoder().decode(bytes), name);
  const points = asList(root.point);
  return pointsOf(
    points.map((point, i) => {
      const { x, y, z, active } = attributesOf(point);
      if (active === "0") {
        throw new GanfitError("data", `Point ${i + 1} of ${name} was not picked (active="0").`);
      }
      return [x, y, z].map((text) => decimalOf(String(text).trim()) ?? Number.NaN);
    }),
    name,
  );
}

function rootOf(text: string, name: string): Record<string, unknown> {
  let content: unknown;
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw new Error(valid.err.msg);
    content = new XMLParser({
      // Entities could make a large text of a small file, and MeshLab writes none that matter here.
      processEntities: false,
      ignoreAttributes: false,
      attributeNamePrefix: "",
      parseTagValue: false,
      parseAttributeValue: false,
      maxNestedTags: MAX_DEPTH,
    }).parse(text);
  } catch (cause) {
    throw new GanfitError("data", `${name} is not XML, or cut off.`, { cause });
  }
  const root = attributesOf(content).PickedPoints;
  if (root === undefined) {
    throw new GanfitError("data", `${name} is not a file of MeshLab's picked points.`);
  }
  return attributesOf(root);
}

const attributesOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** An element that comes once is not in a list. */
const asList = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
