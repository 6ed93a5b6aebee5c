import type { MorphableModel } from "../morphable-model.js";
import { FLAME_NAMES, type FlameOptions, flameModel } from "./flame.js";
import { numbersOf } from "./flame-pickle.js";
import type { NdArray } from "./ndarray.js";
import { arraysOfNpz, looksLikeZip, readNpz } from "./npz.js";
import { readPickle } from "./pickle.js";

const WHAT = "The FLAME model (.npz)";

/** Whether the bytes are an .npz file with FLAME's arrays. */
export function looksLikeFlameNpz(bytes: Uint8Array): boolean {
  if (!looksLikeZip(bytes)) return false;
  const names = new Set(arraysOfNpz(bytes));
  return ["v_template", "shapedirs", "f"].every((name) => names.has(name));
}

/**
 * Reads FLAME as `.npz`: the dictionary of the pickled file saved by `numpy.savez`. scipy's sparse `J_regressor`
 * lands there as a pickled object within the archive, and is read by the reader that executes nothing.
 *
 * @throws GanfitError `model`
 */
export function readFlameNpz(bytes: Uint8Array, options: FlameOptions = {}): MorphableModel {
  const arrays = new Map<string, NdArray>();
  for (const [name, content] of readNpz(bytes, FLAME_NAMES, WHAT)) {
    const array =
      "pickle" in content ? numbersOf(readPickle(content.pickle, WHAT), name, WHAT) : content;
    arrays.set(name, array);
  }
  return flameModel(arrays, options, WHAT);
}
