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
  const shape = tensor.dims.map(Number);
  if (shape.length > MOST_AXES) fail(`has ${shape.length} axes; at most ${MOST_AXES} are read`);
  if (shape.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
    fail(`${formatShape(shape)} is not a shape`);
  }
  const length = sizeOf(shape);
  if (!Number.isSafeInteger(length * dtypeInfo(dtype).bytes)) {
    fail(`${formatShape(shape)} has more elements than can be addressed`);
  }
  if (tensor.segment) fail("is stored in segments, which is not supported");
  const located = tensor.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const bytes = located ? externalBytes(tensor, external, fail) : tensor.rawData;
  if (located || bytes.length > 0) {
    const expected = length * dtypeInfo(dtype).bytes;
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

/** Elements from the type's own repeated field; 16-bit floats are stored as their bits. */
function listOf(tensor: TensorProto, dtype: DType): ArrayLike<number | bigint> {
  switch (dtype) {
    case "float32":
      return tensor.floatData;
    case "float64":
      return tensor.doubleData;
    case "int64":
      return tensor.int64Data;
    case "uint64":
    case "uint32":
      return dtype === "uint64" ? tensor.uint64Data : tensor.uint64Data.map(Number);
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
  return new View(bytes.slice().buffer, 0, length);
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
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? file.length - offset);
  const valid = [offset, length].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!valid || offset + length > file.length) {
    fail(`external data "${location}" ends before byte ${offset + length}`);
  }
  return file.subarray(offset, offset + length);
}
