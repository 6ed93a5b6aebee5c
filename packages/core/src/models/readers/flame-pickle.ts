import { GanfitError } from "../../errors.js";
import type { MorphableModel } from "../morphable-model.js";
import { FLAME_NAMES, type FlameOptions, flameModel } from "./flame.js";
import { mentions } from "./mentions.js";
import { countOf, type NdArray } from "./ndarray.js";
import {
  looksLikePickle,
  PickleArray,
  PickleObject,
  type PickleValue,
  readPickle,
  textOf,
} from "./pickle.js";

const WHAT = "The FLAME model (.pkl)";

/** Whether the bytes are a pickle that mentions FLAME's arrays. */
export const looksLikeFlamePickle = (bytes: Uint8Array): boolean =>
  looksLikePickle(bytes) && mentions(bytes, ["v_template", "shapedirs"]);

/**
 * Reads FLAME's pickled files (`generic_model.pkl` and its female and male siblings of 2017 to 2020,
 * `flame2023.pkl`, `flame2023_Open.pkl`), of Python 2 or 3, whose arrays may be wrapped by chumpy and scipy. The
 * pickle is read as data (`pickle.ts`); nothing in it is executed.
 *
 * @throws GanfitError `model`; among others where the pickle refers to anything but plain data
 */
export function readFlamePickle(bytes: Uint8Array, options: FlameOptions = {}): MorphableModel {
  const root = readPickle(bytes, WHAT);
  if (!(root instanceof Map)) {
    throw new GanfitError("model", `${WHAT} holds no dictionary, so it is another pickle.`);
  }
  const found = new Map<string, NdArray>();
  for (const name of FLAME_NAMES) {
    const value = root.get(name);
    if (value !== undefined && value !== null) found.set(name, numbersOf(value, name, WHAT));
  }
  return flameModel(found, options, WHAT);
}

/** The numbers of an array, a chumpy wrapper around one, or a sparse matrix. */
export function numbersOf(value: PickleValue, name: string, what: string): NdArray {
  if (value instanceof PickleArray) {
    if (value.array !== null) return value.array;
    const only = value.items?.length === 1 ? value.items[0] : undefined;
    if (only !== undefined) return numbersOf(only, name, what);
  }
  if (value instanceof PickleObject && value.state instanceof Map) {
    if (value.className.startsWith("scipy."))
      return denseOf(value.className, value.state, name, what);
    // chumpy's plain array keeps it as x; everything else there is an expression still to be evaluated.
    const x = value.state.get("x");
    if (x instanceof PickleArray && x.array !== null) return x.array;
  }
  throw new GanfitError(
    "model",
    `${what} has something other than an array of numbers as "${name}".`,
  );
}

/** No matrix of a face model has more entries: 5 joints by 10,000 vertices are a thousandth of it. */
const LARGEST_DENSE = 1 << 26;

/** scipy's csc, csr and coo matrices written out. */
function denseOf(
  className: string,
  state: ReadonlyMap<PickleValue, PickleValue>,
  name: string,
  what: string,
): NdArray {
  const fail = (): never => {
    throw new GanfitError("model", `${what} has a damaged sparse matrix as "${name}".`);
  };
  const shape = state.get("_shape") ?? state.get("shape");
  const [rows, columns] = Array.isArray(shape) ? shape : [];
  if (typeof rows !== "number" || typeof columns !== "number") return fail();
  const total = countOf([rows, columns]);
  if (!(total <= LARGEST_DENSE)) return fail();
  const list = (key: string) => {
    const array = state.get(key);
    return array instanceof PickleArray && array.array !== null ? array.array.data : fail();
  };
  const format = /(csc|csr|coo)_/.exec(className)?.[1] ?? textOf(state.get("format"));
  const values = list("data");
  const data = new Float64Array(total);
  const put = (row: number, column: number, value: number): void => {
    if (!(Number.isInteger(row) && row >= 0 && row < rows)) fail();
    if (!(Number.isInteger(column) && column >= 0 && column < columns)) fail();
    data[row * columns + column]! += value;
  };
  if (format === "coo") {
    const [i, j] = [list("row"), list("col")];
    if (i.length !== values.length || j.length !== values.length) fail();
    for (let at = 0; at < values.length; at++) put(i[at]!, j[at]!, values[at]!);
  } else {
    const [indices, starts] = [list("indices"), list("indptr")];
    const lines = format === "csc" ? columns : rows;
    if (starts.length !== lines + 1 || indices.length < values.length) fail();
    for (let line = 0; line < lines; line++) {
      const [from, to] = [starts[line]!, starts[line + 1]!];
      if (!(from >= 0 && from <= to && to <= values.length)) fail();
      for (let at = from; at < to; at++) {
        if (format === "csc") put(indices[at]!, line, values[at]!);
        else put(line, indices[at]!, values[at]!);
      }
    }
  }
  return { shape: [rows, columns], data, order: "C" };
}
