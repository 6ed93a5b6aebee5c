import { GanfitError } from "../../errors.js";

/** Number arrays as the file formats of numpy, MATLAB and HDF5 hold them. 64-bit integers become doubles. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array;

export interface NdArray {
  readonly shape: readonly number[];
  /** Product of `shape` numbers. */
  readonly data: NumberArray;
  /** `C`: the last index runs fastest, as numpy has it; `F`: the first, as MATLAB has it. */
  readonly order: "C" | "F";
}

/** How one number is stored: `f` IEEE float, `i` signed, `u` unsigned (`b`, one byte of truth, is `u` 1). */
export interface NumberFormat {
  readonly kind: "f" | "i" | "u";
  readonly size: number;
  readonly littleEndian: boolean;
}

/** Product of a shape, or NaN if it is no shape: negative, fractional or beyond 2^53. */
export function countOf(shape: readonly number[]): number {
  let count = 1;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) return Number.NaN;
    count *= n;
  }
  return Number.isSafeInteger(count) ? count : Number.NaN;
}

/**
 * The numbers stored in `bytes`, all of it. Where the bytes already are what a typed array holds (little-endian,
 * aligned) they are viewed and not copied.
 *
 * @throws GanfitError `model` for a format that does not exist, or a length that is no multiple of its size
 */
export function decodeNumbers(bytes: Uint8Array, format: NumberFormat, what: string): NumberArray {
  const { kind, size, littleEndian } = format;
  const name = `${kind}${size}`;
  const View = VIEWS[name];
  const convert = CONVERSIONS[name];
  if (View === undefined && convert === undefined) {
    throw new GanfitError("model", `${what} holds numbers of an unknown kind (${name}).`);
  }
  const count = bytes.byteLength / size;
  if (!Number.isInteger(count)) {
    throw new GanfitError(
      "model",
      `${what} holds ${bytes.byteLength} bytes, which is no multiple of ${size}.`,
    );
  }
  if (convert !== undefined) return convert(bytes, count, littleEndian);
  if (size > 1 && !littleEndian) {
    const swapped = new Uint8Array(bytes);
    for (let at = 0; at < swapped.length; at += size) swapped.subarray(at, at + size).reverse();
    return new View!(swapped.buffer, 0, count);
  }
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new View!(aligned.buffer, aligned.byteOffset, count);
}

const VIEWS: Readonly<
  Record<string, new (b: ArrayBufferLike, at: number, n: number) => NumberArray>
> = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
};

type Conversion = (bytes: Uint8Array, count: number, little: boolean) => NumberArray;

const viewOf = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  f2: (bytes, count, little) => {
    const view = viewOf(bytes);
    return Float32Array.from({ length: count }, (_, i) =>
      halfToNumber(view.getUint16(2 * i, little)),
    );
  },
  i8: (bytes, count, little) => {
    const view = viewOf(bytes);
    return Float64Array.from({ length: count }, (_, i) => Number(view.getBigInt64(8 * i, little)));
  },
  u8: (bytes, count, little) => {
    const view = viewOf(bytes);
    return Float64Array.from({ length: count }, (_, i) => Number(view.getBigUint64(8 * i, little)));
  },
};

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The same array with its last index running fastest; itself where that is so already. */
export function toC(array: NdArray): NdArray {
  const rank = array.shape.filter((n) => n !== 1).length;
  if (array.order === "C" || rank < 2) return { ...array, order: "C" };
  const { shape, data } = array;
  const out = new (data.constructor as new (n: number) => NumberArray)(data.length);
  const index = new Array<number>(shape.length).fill(0);
  for (let at = 0; at < data.length; at++) {
    let to = 0;
    for (let d = 0; d < shape.length; d++) to = to * shape[d]! + index[d]!;
    out[to] = data[at]!;
    for (let d = 0; d < shape.length && ++index[d]! === shape[d]!; d++) index[d] = 0;
  }
  return { shape, data: out, order: "C" };
}

/**
 * The columns of an `m x n` matrix one after another, each times its scale: a file's matrix of components
 * (one per column) becomes displacements, one mode after another.
 *
 * @returns `n * m` numbers
 */
export function columnsOf(
  matrix: NdArray,
  scales: ArrayLike<number>,
  into: Float32Array = new Float32Array(matrix.data.length),
): Float32Array {
  const { data, order } = matrix;
  const [rows = 0, columns = 0] = matrix.shape;
  if (order === "F") {
    for (let k = 0, at = 0; k < columns; k++) {
      const scale = scales[k]!;
      for (let r = 0; r < rows; r++, at++) into[at] = data[at]! * scale;
    }
    return into;
  }
  // In bands of rows, so that the writes of one band stay in the processor's cache.
  for (let start = 0; start < rows; start += BAND) {
    const end = Math.min(rows, start + BAND);
    for (let k = 0; k < columns; k++) {
      const scale = scales[k]!;
      for (let r = start; r < end; r++) into[k * rows + r] = data[r * columns + k]! * scale;
    }
  }
  return into;
}

const BAND = 64;
