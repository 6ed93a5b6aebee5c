/**
 * The safetensors format (https://github.com/huggingface/safetensors): the length of a JSON header as eight
 * little-endian bytes, the header, which gives every tensor's type, shape and place, and the tensors' bytes
 * one after the other. Written here because the npm packages for it only read. PyTorch, JAX and Hugging Face's tools
 * read what this writes.
 */
import { GanfitError } from "@ganfit/core";
import { z } from "zod";

/** float32, unsigned bytes, half precision as raw bits, 32-bit integers, 64-bit integers. */
export type SafetensorsData = Float32Array | Uint8Array | Uint16Array | Int32Array | BigInt64Array;

export interface SafeTensor {
  readonly data: SafetensorsData;
  readonly shape: readonly number[];
}

export interface SafetensorsFile {
  readonly tensors: Readonly<Record<string, SafeTensor>>;
  /** Free text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

const ARRAYS = {
  F32: Float32Array,
  U8: Uint8Array,
  F16: Uint16Array,
  I32: Int32Array,
  I64: BigInt64Array,
} as const;

type TypeName = keyof typeof ARRAYS;

/** The format's own limit. */
const LONGEST_HEADER = 100_000_000;
const METADATA = "__metadata__";

const NATURAL = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const METADATA_SCHEMA = z.record(z.string(), z.string());
const HEADER = z.record(
  z.string(),
  z.union([
    z.strictObject({
      dtype: z.string(),
      shape: z.array(NATURAL).max(16),
      data_offsets: z.tuple([NATURAL, NATURAL]),
    }),
    METADATA_SCHEMA,
  ]),
);

/** The bytes of a file; tensors lie in it as they are ordered, the header in the same order. */
export function encodeSafetensors({ tensors, metadata }: SafetensorsFile): Uint8Array {
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header[METADATA] = metadata;
  let end = 0;
  for (const [name, { data, shape }] of Object.entries(tensors)) {
    const size = shape.reduce((product, side) => product * side, 1);
    if (name === METADATA || name === "__proto__") {
      throw new GanfitError("usage", `A tensor cannot be called ${name}.`);
    }
    if (size !== data.length) {
      throw new GanfitError(
        "usage",
        `The tensor ${name} has ${data.length} elements, which is no [${shape}].`,
      );
    }
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: typeOf(data), shape, data_offsets: [start, end] };
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  // Padded with spaces, so that every type's elements are aligned.
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  let at = 8 + length;
  for (const { data } of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * @param bytes of a whole file
 * @param name what error messages call it
 * @throws GanfitError `usage` saying what is wrong with the file
 */
export function decodeSafetensors(bytes: Uint8Array, name = "The file"): SafetensorsFile {
  const wrong = (problem: string) =>
    new GanfitError("usage", `${name} is no safetensors file: ${problem}.`);
  if (bytes.length < 8) throw wrong(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.length) throw wrong("its header is cut off");
  const header = parseHeader(bytes.subarray(8, 8 + length), wrong);
  const space = bytes.length - 8 - length;
  const tensors: Record<string, SafeTensor> = {};
  let metadata: Record<string, string> = {};
  const places: { readonly tensor: string; readonly start: number; readonly end: number }[] = [];
  for (const [tensor, entry] of Object.entries(header)) {
    if (tensor === METADATA) {
      const texts = METADATA_SCHEMA.safeParse(entry);
      if (!texts.success) throw wrong("its metadata is no text");
      metadata = texts.data;
      continue;
    }
    if (!("data_offsets" in entry && Array.isArray(entry.data_offsets))) {
      throw wrong(`${tensor} has no place in it`);
    }
    const { dtype, shape, data_offsets } = entry as {
      dtype: string;
      shape: number[];
      data_offsets: [number, number];
    };
    const [start, end] = data_offsets;
    if (!Object.hasOwn(ARRAYS, dtype)) throw wrong(`${tensor} is of the unknown type ${dtype}`);
    const Type = ARRAYS[dtype as TypeName];
    const count = shape.reduce((product, side) => product * side, 1);
    if (end > space || end - start !== count * Type.BYTES_PER_ELEMENT) {
      throw wrong(`${tensor} of [${shape}] does not lie at ${start} to ${end}`);
    }
    places.push({ tensor, start, end });
    // Copied, so that it is aligned whatever precedes it; a Buffer's own slice would share its memory.
    const own = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end));
    tensors[tensor] = { data: new Type(own.buffer, 0, count), shape };
  }
  // The header need not be in their order.
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  let at = 0;
  for (const { tensor, start, end } of places) {
    if (start !== at) throw wrong(`${tensor} begins at ${start}, not at ${at}`);
    at = end;
  }
  if (at !== space) throw wrong(`its tensors take ${at} of ${space} bytes`);
  return { tensors, metadata };
}

function parseHeader(json: Uint8Array, wrong: (problem: string) => GanfitError) {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (error) {
    throw wrong(`its header is no JSON (${(error as Error).message})`);
  }
  const result = HEADER.safeParse(header);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw wrong(`its header is wrong at ${path.join(".")}: ${message}`);
}

function typeOf(data: SafetensorsData): TypeName {
  for (const [name, Type] of Object.entries(ARRAYS)) {
    if (data instanceof Type) return name as TypeName;
  }
  throw new GanfitError("usage", "A tensor is of a type that safetensors does not know.");
}
