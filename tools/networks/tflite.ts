/**
 * Reads a TFLite model: those fields of its FlatBuffers schema (tensorflow/lite/schema/schema.fbs)
 * that converting a convolutional network needs. Numbers in calls of `Fields` are the fields'
 * positions in the schema's tables.
 */
import { ByteBuffer } from "flatbuffers";

/** `TensorType` of the schema. */
const TYPES = ["float32", "float16", "int32", "uint8", "int64"] as const;
export type TfliteType = (typeof TYPES)[number];

/** Those of `BuiltinOperator` that can be converted, by code. */
const OPERATORS = {
  0: "ADD",
  2: "CONCATENATION",
  3: "CONV_2D",
  4: "DEPTHWISE_CONV_2D",
  6: "DEQUANTIZE",
  14: "LOGISTIC",
  17: "MAX_POOL_2D",
  19: "RELU",
  22: "RESHAPE",
  34: "PAD",
  54: "PRELU",
} as const;
export type TfliteOperator = (typeof OPERATORS)[keyof typeof OPERATORS];

export interface TfliteTensor {
  readonly name: string;
  readonly type: TfliteType;
  /** Channels last. */
  readonly shape: readonly number[];
  /** Little-endian elements of a constant; null for a value computed or fed. */
  readonly data: Uint8Array | null;
}

export interface TfliteNode {
  readonly type: TfliteOperator;
  /** Indices of tensors; -1 for an optional input left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Fields;
}

export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** In an order in which they can be run. */
  readonly nodes: readonly TfliteNode[];
}

/** One table of a FlatBuffer; an absent field, or any field of an absent table, has its default. */
export class Fields {
  constructor(
    private readonly buffer: ByteBuffer,
    /** Null for a table that is absent. */
    private readonly position: number | null,
  ) {}

  int8(field: number, missing = 0): number {
    const at = this.at(field);
    return at === null ? missing : this.buffer.readInt8(at);
  }

  uint8(field: number, missing = 0): number {
    const at = this.at(field);
    return at === null ? missing : this.buffer.readUint8(at);
  }

  int32(field: number, missing = 0): number {
    const at = this.at(field);
    return at === null ? missing : this.buffer.readInt32(at);
  }

  text(field: number): string {
    const at = this.at(field);
    return at === null ? "" : String(this.buffer.__string(at));
  }

  int32s(field: number): number[] {
    const { first, length } = this.vector(field);
    return Array.from({ length }, (_, i) => this.buffer.readInt32(first + 4 * i));
  }

  bytes(field: number): Uint8Array {
    const { first, length } = this.vector(field);
    return this.buffer.bytes().subarray(first, first + length);
  }

  tables(field: number): Fields[] {
    const { first, length } = this.vector(field);
    const { buffer } = this;
    return Array.from({ length }, (_, i) => new Fields(buffer, buffer.__indirect(first + 4 * i)));
  }

  table(field: number): Fields {
    const at = this.at(field);
    return new Fields(this.buffer, at === null ? null : this.buffer.__indirect(at));
  }

  private at(field: number): number | null {
    if (this.position === null) return null;
    const offset = this.buffer.__offset(this.position, 4 + 2 * field);
    return offset === 0 ? null : this.position + offset;
  }

  private vector(field: number): { first: number; length: number } {
    const at = this.at(field);
    if (at === null) return { first: 0, length: 0 };
    return { first: this.buffer.__vector(at), length: this.buffer.__vector_len(at) };
  }
}

/** @throws Error naming what a file has that cannot be converted. */
export function readTflite(bytes: Uint8Array): TfliteModel {
  const buffer = new ByteBuffer(bytes);
  if (buffer.getBufferIdentifier() !== "TFL3") throw new Error("not a TFLite file of version 3");
  const model = new Fields(buffer, buffer.readInt32(0));
  const types = model.tables(1).map(operatorOf);
  const [graph, ...others] = model.tables(2);
  if (!graph || others.length > 0) throw new Error(`${others.length + 1} subgraphs, not one`);
  const buffers = model.tables(4).map((fields) => fields.bytes(0));
  return {
    tensors: graph.tables(0).map((fields) => tensorOf(fields, buffers)),
    inputs: graph.int32s(1),
    outputs: graph.int32s(2),
    nodes: graph.tables(3).map((fields) => ({
      type: types[fields.int32(0)]!(),
      inputs: fields.int32s(1),
      outputs: fields.int32s(2),
      options: fields.table(4),
    })),
  };
}

/** Refuses an operator only where it is used. */
function operatorOf(fields: Fields): () => TfliteOperator {
  // Codes above 127 have a wider field of their own; the schema says to take the larger.
  const code = Math.max(fields.int8(0), fields.int32(3));
  const type = OPERATORS[code as keyof typeof OPERATORS];
  return () => {
    if (type === undefined) throw new Error(`operator ${code} ${fields.text(1)} is not known here`);
    return type;
  };
}

function tensorOf(fields: Fields, buffers: readonly Uint8Array[]): TfliteTensor {
  const name = fields.text(3);
  const type = TYPES[fields.int8(1)];
  if (type === undefined) throw new Error(`element type ${fields.int8(1)} of "${name}"`);
  const data = buffers[fields.int32(2)];
  return { name, type, shape: fields.int32s(0), data: data?.length ? data : null };
}
