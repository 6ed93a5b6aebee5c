import { GanfitError } from "../../errors.js";
import { looksLikeHdf5, withHdf5 } from "./hdf5.js";
import { looksLikeMat5, readMat5, variablesOfMat5 } from "./mat5.js";
import type { NdArray } from "./ndarray.js";

/**
 * Reads the wanted variables of a MATLAB file: level 5 (`mat5.ts`), or 7.3, which is HDF5 with every array's
 * dimensions reversed. A field of a struct is wanted as `struct/field`; what is not there is left out.
 *
 * @param what names the file in messages
 * @throws GanfitError `model` for other files, and damaged ones
 */
export async function readMat(
  bytes: Uint8Array,
  wanted: readonly string[],
  what: string,
): Promise<Map<string, NdArray>> {
  if (looksLikeMat5(bytes)) return readMat5(bytes, wanted, what);
  if (!looksLikeHdf5(bytes)) {
    throw new GanfitError(
      "model",
      `${what} is not a MATLAB file of level 5 or 7.3: save it again in MATLAB, or get it again.`,
    );
  }
  return withHdf5(bytes, what, (file) => {
    const result = new Map<string, NdArray>();
    for (const name of wanted) {
      if (!file.has(name)) continue;
      const { shape, data } = file.read(name);
      result.set(name, { shape: [...shape].reverse(), data, order: "F" });
    }
    return result;
  });
}

/** Whether a level 5 MAT-file holds all of these variables; damaged files do not. */
export function mat5Holds(bytes: Uint8Array, names: readonly string[]): boolean {
  if (!looksLikeMat5(bytes)) return false;
  try {
    const present = new Set(variablesOfMat5(bytes));
    return names.every((name) => present.has(name));
  } catch {
    return false;
  }
}
