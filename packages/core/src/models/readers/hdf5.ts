import type { Dataset, File as H5File } from "h5wasm";
import { GanfitError } from "../../errors.js";
import { checkExpansion } from "./inflate.js";
import { columnsOf, countOf, type NdArray, type NumberArray } from "./ndarray.js";

/*
 * HDF5 through h5wasm, the HDF Group's own library compiled to WebAssembly: foreign files are parsed within its
 * sandbox, and the bytes are lent to it, not copied. It is 4 MB, hence loaded at the first HDF5 file. (jsfive,
 * 0.2 MB of plain JavaScript, gives datasets as arrays of boxed numbers, and the 32 million of a Basel model as a
 * sparse array.)
 */

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether the bytes hold HDF5's signature, at the start or after a user block (as MATLAB 7.3 writes). */
export function looksLikeHdf5(bytes: Uint8Array): boolean {
  for (let at = 0; at + 8 <= bytes.length && at <= 1 << 20; at = at === 0 ? 512 : 2 * at) {
    if (SIGNATURE.every((byte, i) => bytes[at + i] === byte)) return true;
  }
  return false;
}

/** Datasets of an open file, by path. Only numbers are read. */
export interface Hdf5Reader {
  has(path: string): boolean;
  /** @throws GanfitError `model` where there is no such dataset, or it holds no numbers */
  shape(path: string): readonly number[];
  /** A whole dataset. */
  read(path: string): NdArray;
  /** The columns of an `m x n` dataset one after another (`columnsOf`), holding few of its rows at a time. */
  columns(path: string, scales: ArrayLike<number>): Float32Array;
}

/**
 * Opens a file for the time of `use`.
 *
 * @param what names the file in messages
 * @throws GanfitError `model` for a file that is damaged or cut off; what `use` throws
 */
export async function withHdf5<T>(
  bytes: Uint8Array,
  what: string,
  use: (reader: Hdf5Reader) => T,
): Promise<T> {
  if (!looksLikeHdf5(bytes)) throw new GanfitError("model", `${what} is not an HDF5 file.`);
  const h5 = await import("h5wasm");
  const { FS } = await h5.ready;
  const name = `ganfit-${counter++}.h5`;
  const openAndUse = (complaints: Complaints): T => {
    FS.createDataFile("/", name, bytes, true, false, true);
    let file: H5File | undefined;
    try {
      file = new h5.File(`/${name}`, "r");
      return use(readerOf(file, h5.Dataset, bytes.length, what, complaints));
    } finally {
      file?.close();
      FS.unlink(`/${name}`);
    }
  };
  try {
    return listening(FS, openAndUse);
  } catch (cause) {
    if (cause instanceof GanfitError) throw cause;
    throw new GanfitError("model", `${what} is an HDF5 file that is damaged or cut off.`, {
      cause,
    });
  }
}

let counter = 0;

/** Emscripten's open files, as far as `listening` needs them. */
interface Streams {
  getStream(fd: number): {
    stream_ops: { write: (stream: unknown, data: unknown, at: number, length: number) => number };
  };
}

/**
 * Runs `use` while what the library prints goes to `complaints` instead of the console. It prints a page for every
 * error; and of a failed read of data that is all it does (the numbers are then whatever was in memory), so that
 * every complaint counts as a damaged file.
 */
function listening<T>(fileSystem: unknown, use: (complaints: Complaints) => T): T {
  const stderr = (fileSystem as Streams).getStream(2);
  const operations = stderr.stream_ops;
  const complaints: Complaints = { text: "" };
  stderr.stream_ops = {
    ...operations,
    write: (_stream, data, at, length) => {
      const bytes = Uint8Array.from((data as Uint8Array | Int8Array).subarray(at, at + length));
      if (complaints.text.length < 10_000) complaints.text += new TextDecoder().decode(bytes);
      return length;
    },
  };
  try {
    return use(complaints);
  } finally {
    stderr.stream_ops = operations;
  }
}

/** What HDF5 printed so far; empty while all is well. */
interface Complaints {
  text: string;
}

function readerOf(
  file: H5File,
  DatasetClass: typeof Dataset,
  fileLength: number,
  what: string,
  complaints: Complaints,
): Hdf5Reader {
  const heed = <T>(value: T): T => {
    if (complaints.text !== "") throw new Error(complaints.text);
    return value;
  };
  const find = (path: string): Dataset | null => {
    const entity = heed(file.get(path));
    return entity instanceof DatasetClass ? entity : null;
  };
  const open = (path: string): { dataset: Dataset; shape: number[] } => {
    const dataset = find(path);
    if (dataset === null) throw new GanfitError("model", `${what} has no dataset "${path}".`);
    const { shape, type, size } = heed(dataset.metadata);
    // H5T_INTEGER and H5T_FLOAT
    if (shape === null || (type !== 0 && type !== 1)) {
      throw new GanfitError("model", `${what} has something other than numbers in "${path}".`);
    }
    const count = countOf(shape);
    if (Number.isNaN(count)) throw new GanfitError("model", `${what} has no sizes in "${path}".`);
    checkExpansion(fileLength, count * size, `${what}, dataset "${path}",`);
    return { dataset, shape };
  };
  const slice = (dataset: Dataset, shape: readonly number[], from: number, to: number) => {
    const ranges = shape.map((n, d): [number, number] => (d === 0 ? [from, to] : [0, n]));
    const raw = heed(dataset.slice(ranges));
    if (raw instanceof BigInt64Array || raw instanceof BigUint64Array) {
      return Float64Array.from(raw as ArrayLike<bigint>, Number);
    }
    if (!ArrayBuffer.isView(raw) || raw instanceof DataView) {
      throw new GanfitError("model", `${what} has something other than numbers in a dataset.`);
    }
    return raw as NumberArray;
  };
  return {
    has: (path) => find(path) !== null,
    shape: (path) => open(path).shape,
    read(path) {
      const { dataset, shape } = open(path);
      const scalar = shape.length === 0;
      const data = scalar ? heed(scalarOf(dataset)) : slice(dataset, shape, 0, shape[0]!);
      return { shape, data, order: "C" };
    },
    columns(path, scales) {
      const { dataset, shape } = open(path);
      const [rows = 0, columns = 0] = shape;
      if (shape.length !== 2) throw new GanfitError("model", `${what} has no matrix in "${path}".`);
      const out = new Float32Array(rows * columns);
      const step = Math.max(1, Math.floor(ROWS_AT_ONCE / Math.max(1, columns)));
      for (let from = 0; from < rows; from += step) {
        const to = Math.min(rows, from + step);
        const data = slice(dataset, shape, from, to);
        const part = columnsOf({ shape: [to - from, columns], data, order: "C" }, scales);
        for (let k = 0; k < columns; k++) {
          out.set(part.subarray(k * (to - from), (k + 1) * (to - from)), k * rows + from);
        }
      }
      return out;
    },
  };
}

/** Numbers held at once while a matrix is turned: 4 MB of doubles. */
const ROWS_AT_ONCE = 1 << 19;

function scalarOf(dataset: Dataset): NumberArray {
  const value = dataset.value;
  return Float64Array.of(
    typeof value === "number" || typeof value === "bigint" ? Number(value) : Number.NaN,
  );
}
