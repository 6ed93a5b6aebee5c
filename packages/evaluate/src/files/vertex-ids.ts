import { GanfitError, PickleArray, readPickle } from "@ganfit/core";
import { asData } from "./as-data.js";
import { endingOf } from "./ending.js";
import { parseJson } from "./landmark-json.js";
import { parseNumbers } from "./landmark-rows.js";

type Parse = (bytes: Uint8Array, name: string) => unknown;

const PARSERS: Readonly<Record<string, Parse>> = {
  ".pkl": fromPickle,
  ".json": parseJson,
  ".txt": parseNumbers,
};

/**
 * Reads a list of vertex indices (from 0): a pickled list or numpy array (`.pkl`), a JSON list (`.json`), or numbers
 * in a text (`.txt`).
 *
 * @param name of the file, whose ending says its format; also for messages
 * @throws GanfitError `data` where it is none of these, empty, or has other numbers than indices
 */
export function parseVertexIds(bytes: Uint8Array, name: string): Uint32Array {
  const ending = endingOf(name);
  if (!Object.hasOwn(PARSERS, ending)) {
    throw new GanfitError(
      "data",
      `${name} is no list of indices that can be read: its ending is none of ${Object.keys(PARSERS).join(", ")}.`,
    );
  }
  const ids = PARSERS[ending]!(bytes, name);
  if (!Array.isArray(ids) || ids.length === 0) {
    throw new GanfitError("data", `${name} is not a list of vertex indices.`);
  }
  return Uint32Array.from(ids, (id: unknown, i) => {
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < 2 ** 32) return id;
    throw new GanfitError("data", `Entry ${i + 1} of ${name} is no vertex index.`);
  });
}

function fromPickle(bytes: Uint8Array, name: string): unknown {
  const content = asData(() => readPickle(bytes, name));
  if (!(content instanceof PickleArray)) return content;
  return content.array?.shape.length === 1 ? [...content.array.data] : null;
}
