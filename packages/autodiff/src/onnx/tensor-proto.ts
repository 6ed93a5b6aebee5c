/**
 * Tensors of an ONNX file as typed arrays. The file is not trusted: what it claims is checked
 * against the bytes that are there before anything is allocated.
 */
import { allocate, type DType, dtypeFromCode, dtypeInfo, type TypedArray } from "../graph/dtype.js";
import { GraphError } from "../graph/errors.js";
import { formatShape, sizeOf } from "../graph/shape.js";
import { type TensorProto, TensorProto_DataLocation } from "./onnx_pb.js";

/** The bytes of an external data file by the name in the model; undefined when there is none. */
export type ExternalData = (location: string) => Uint8Array | undefined;

export interface DecodedTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

const MOST_AXES = 64;

/** @throws GraphError naming the tensor when its claims do not fit its data. */
export function decodeTensor(tensor: TensorProto, external?: ExternalData): DecodedTensor {
  const fail = (problem: string): never => {
    throw new GraphError("tensor", tensor.name || "unnamed", problem);
  };
  const dtype =
    dtypeFromCode(tensor.dataType) ?? fail(`element type ${tensor.dataType} is not supported`);
  const axes = tensor.dims.length;
  if (axes > MOST_AXES) fail(`has ${axes} axes; at most ${MOST_AXES} are read`);
  const shape = tensor.dims.map(Number);
  if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
    fail(`${formatShape(shape)} is not a shape`);
  }
  const length = sizeOf(shape);
  const expected = length * dtypeInfo(dtype).bytes;
  if (!Number.isSafeInteger(expected)) {
    fail(`${formatShape(shape)} has more elements than can be addressed`);
  }
  if (tensor.segment) fail("is stored in segments, which is not supported");
  const bytes =
    tensor.dataLocation === TensorProto_DataLocation.EXTERNAL
      ? externalBytes(tensor, external, fail)
      : inlineBytes(tensor, dtype);
  if (bytes) {
    if (bytes.length !== expected) {
      fail(`${dtype}${formatShape(shape)} needs ${expected} bytes, the file holds ${bytes.length}`);
    }
    return { dtype, shape, data: viewOf(dtype, bytes, length) };
  }
  const list = listOf(tensor, dtype);
  if (list.length !== length) {
    fail(`${dtype}${formatShape(shape)} needs ${length} elements, the file holds ${list.length}`);
  }
  const data = allocate(dtype, length);
  for (let i = 0; i < length; i++) data[i] = list[i]!;
  return { dtype, shape, data };
}

/** Elements stored as bytes, little-endian; undefined when they are in a list. */
function inlineBytes(tensor: TensorProto, dtype: DType): Uint8Array | undefined {
  if (tensor.rawData.length > 0) return tensor.rawData;
  if (dtype !== "float32" && dtype !== "float64") return undefined;
  const runs = dtype === "float32" ? tensor.floatData : tensor.doubleData;
  if (runs.length < 2) return runs[0] ?? new Uint8Array(0);
  const joined = new Uint8Array(runs.reduce((length, run) => length + run.length, 0));
  let at = 0;
  for (const run of runs) {
    joined.set(run, at);
    at += run.length;
  }
  return joined;
}

/** Elements from the type's own repeated field; 16-bit floats are stored as their bits. */
function listOf(tensor: TensorProto, dtype: DType): ArrayLike<number | bigint> {
  switch (dtype) {
    case "int64":
      return tensor.int64Data;
    case "uint64":
      return tensor.uint64Data;
    case "uint32":
      return tensor.uint64Data.map(Number);
    default:
      return tensor.int32Data;
  }
}

/** A typed array over the bytes, copied only where they are not aligned. */
function viewOf(dtype: DType, bytes: Uint8Array, length: number): TypedArray {
  const { array, bytes: width } = dtypeInfo(dtype);
  const View = array as unknown as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => TypedArray;
  if (bytes.byteOffset % width === 0) return new View(bytes.buffer, bytes.byteOffset, length);
  return new View(new Uint8Array(bytes).buffer, 0, length); // slice() of a Buffer would not copy
}

function externalBytes(
  tensor: TensorProto,
  external: ExternalData | undefined,
  fail: (problem: string) => never,
): Uint8Array {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? fail("is external but names no file");
  // The file may lie beside the model or below it, nowhere else.
  const parts = location.split(/[\\/]/);
  if (/^([\\/]|[A-Za-z]:)/.test(location) || parts.includes("..") || location.includes("\0")) {
    fail(`external data "${location}" lies outside the model's folder`);
  }
  const file =
    external?.(location) ?? fail(`external data "${location}" was not found beside the model`);
  const count = (key: string, otherwise: number): number => {
    const value = entries.get(key);
    if (value === undefined) return otherwise;
    return /^\d{1,15}$/.test(value) ? Number(value) : fail(`${key} "${value}" is not a byte count`);
  };
  const offset = count("offset", 0);
  const length = count("length", Math.max(0, file.length - offset));
  if (offset + length > file.length) {
    fail(`external data "${location}" ends before byte ${offset + length}`);
  }
  return file.subarray(offset, offset + length);
}
