/**
 * Element types: their ONNX codes (`TensorProto.DataType`), the typed array that holds them, and
 * conversion to and from float64, in which the reference evaluator computes.
 *
 * int64 and uint64 live in BigInt arrays and float16 and bfloat16 as raw 16-bit words, because that
 * is what ONNX Runtime takes and returns.
 */
import { getFloat16, setFloat16 } from "@petamoriken/float16";

export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface DTypeInfo {
  /** `TensorProto.DataType`. */
  readonly code: number;
  readonly array: new (length: number) => TypedArray;
  readonly bytes: number;
  readonly kind: "float" | "integer" | "bool";
}

const DTYPES = {
  float32: { code: 1, array: Float32Array, bytes: 4, kind: "float" },
  uint8: { code: 2, array: Uint8Array, bytes: 1, kind: "integer" },
  int8: { code: 3, array: Int8Array, bytes: 1, kind: "integer" },
  uint16: { code: 4, array: Uint16Array, bytes: 2, kind: "integer" },
  int16: { code: 5, array: Int16Array, bytes: 2, kind: "integer" },
  int32: { code: 6, array: Int32Array, bytes: 4, kind: "integer" },
  int64: { code: 7, array: BigInt64Array, bytes: 8, kind: "integer" },
  bool: { code: 9, array: Uint8Array, bytes: 1, kind: "bool" },
  float16: { code: 10, array: Uint16Array, bytes: 2, kind: "float" },
  float64: { code: 11, array: Float64Array, bytes: 8, kind: "float" },
  uint32: { code: 12, array: Uint32Array, bytes: 4, kind: "integer" },
  uint64: { code: 13, array: BigUint64Array, bytes: 8, kind: "integer" },
  bfloat16: { code: 16, array: Uint16Array, bytes: 2, kind: "float" },
} as const satisfies Record<string, DTypeInfo>;

export type DType = keyof typeof DTYPES;

export function dtypeInfo(dtype: DType): DTypeInfo {
  return DTYPES[dtype];
}

export function isFloat(dtype: DType): boolean {
  return DTYPES[dtype].kind === "float";
}

/** The dtype of an ONNX `TensorProto.DataType` code, or undefined (strings, complex, 4-bit ...). */
export function dtypeFromCode(code: number): DType | undefined {
  return (Object.keys(DTYPES) as DType[]).find((name) => DTYPES[name].code === code);
}

/** The memory under a typed array. ONNX is little-endian, as every platform that runs JavaScript. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function allocate(dtype: DType, length: number): TypedArray {
  return new DTYPES[dtype].array(length);
}

/** Whether `data` is the kind of typed array that holds `dtype`. */
export function holds(dtype: DType, data: unknown): data is TypedArray {
  return data instanceof DTYPES[dtype].array;
}

const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

const word = new DataView(new ArrayBuffer(4));

function bfloat16ToNumber(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}

function numberToBfloat16(value: number): number {
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  if (Number.isNaN(value)) return 0x7fc0;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16; // round to nearest even
}

function float16ToNumber(bits: number): number {
  word.setUint16(0, bits);
  return getFloat16(word, 0);
}

function numberToFloat16(value: number): number {
  setFloat16(word, 0, value);
  return word.getUint16(0);
}

let float16Values: Float32Array | undefined;

/** The value of each of float16's 65,536 words: a look-up is 30 times as fast as decoding. */
function float16Table(): Float32Array {
  float16Values ??= Float32Array.from({ length: 65_536 }, (_, bits) => float16ToNumber(bits));
  return float16Values;
}

/** Words of float16 as float32, which holds them exactly. */
export function widenFloat16(words: Uint16Array): Float32Array {
  const table = float16Table();
  const result = new Float32Array(words.length);
  for (let i = 0; i < words.length; i++) result[i] = table[words[i]!]!;
  return result;
}

/** Elements as float64. Integers beyond 2^53 (ONNX uses INT64_MAX for "to the end") lose low bits. */
export function toFloat64(dtype: DType, data: TypedArray): Float64Array {
  if (dtype === "float16") return new Float64Array(widenFloat16(data as Uint16Array));
  if (dtype === "bfloat16") return Float64Array.from(data as Uint16Array, bfloat16ToNumber);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const result = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) result[i] = Number(data[i]);
    return result;
  }
  return new Float64Array(data);
}

/**
 * Whether {@link toFloat64} loses nothing. The largest and smallest int64 count as exact: they
 * stand for "to the end" in ONNX, and come back as they were.
 */
export function exactInFloat64(data: TypedArray): boolean {
  if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return true;
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return data.every(
    (v: bigint) => (v <= most && v >= -most) || v === INT64_MAX || v === -INT64_MAX - 1n,
  );
}

/** The inverse of {@link toFloat64}; integers truncate toward zero, int64 saturates. */
export function fromFloat64(dtype: DType, values: ArrayLike<number>): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(values);
    case "float64":
      return new Float64Array(values);
    case "float16":
      return Uint16Array.from(values, numberToFloat16);
    case "bfloat16":
      return Uint16Array.from(values, numberToBfloat16);
    case "bool":
      return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
    case "int64": {
      const result = new BigInt64Array(values.length);
      for (let i = 0; i < values.length; i++) {
        result[i] = saturate(values[i]!, -INT64_MAX - 1n, INT64_MAX);
      }
      return result;
    }
    case "uint64": {
      const result = new BigUint64Array(values.length);
      for (let i = 0; i < values.length; i++) result[i] = saturate(values[i]!, 0n, UINT64_MAX);
      return result;
    }
    default: {
      const result = allocate(dtype, values.length) as Int32Array;
      for (let i = 0; i < values.length; i++) result[i] = values[i]!;
      return result;
    }
  }
}

function saturate(value: number, low: bigint, high: bigint): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= Number(high)) return high;
  if (value <= Number(low)) return low;
  return BigInt(Math.trunc(value));
}
