/**
 * A model's bytes. Protobuf writes a message before it knows its length, so a general writer copies the
 * content of every message once for each message around it: for weights of hundreds of megabytes that takes
 * seconds, mostly for touching fresh memory. Here the lengths of the weights' messages are computed first and
 * their bytes copied once.
 */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "./onnx_pb.js";

/** A constant tensor of the file. */
export interface Initializer {
  readonly name: string;
  /** ONNX's number of the element type. */
  readonly dataType: number;
  readonly dims: readonly number[];
  /** Little-endian values. */
  readonly bytes: Uint8Array;
  /** The values lie outside the file, under this name. Default: in it. */
  readonly location?: string;
}

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_RAW_DATA = 9;

/** What a file is made of, as in onnx.proto. */
export interface ModelParts {
  readonly irVersion: bigint;
  readonly producerName: string;
  readonly opsetImport: ModelProto["opsetImport"];
  readonly graph: Pick<GraphProto, "name" | "node" | "input" | "output">;
  readonly initializers: readonly Initializer[];
}

/**
 * The same bytes as a general writer's, fields in the order of their numbers.
 *
 * @throws RangeError where the result exceeds protobuf's 2 GiB
 */
export function serialise(parts: ModelParts): Uint8Array {
  const { irVersion, producerName, opsetImport, graph, initializers } = parts;
  const { name, node, input, output } = graph;
  const model = (init: MessageInitShape<typeof ModelProtoSchema>) =>
    toBinary(ModelProtoSchema, create(ModelProtoSchema, init));
  const ofGraph = (init: MessageInitShape<typeof GraphProtoSchema>) =>
    toBinary(GraphProtoSchema, create(GraphProtoSchema, init));
  const inGraph: Uint8Array[] = [ofGraph({ node, name })];
  for (const { name, dataType, dims, bytes, location } of initializers) {
    const header = create(TensorProtoSchema, { name, dataType, dims: dims.map(BigInt) });
    if (location !== undefined) {
      const entries = { location, offset: "0", length: String(bytes.length) };
      header.externalData = Object.entries(entries).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      );
      header.dataLocation = TensorProto_DataLocation.EXTERNAL;
      const message = toBinary(TensorProtoSchema, header);
      inGraph.push(lengthDelimited(GRAPH_INITIALIZER, message.length), message);
      continue;
    }
    const message = toBinary(TensorProtoSchema, header);
    const beforeData = lengthDelimited(TENSOR_RAW_DATA, bytes.length);
    const size = message.length + beforeData.length + bytes.length;
    inGraph.push(lengthDelimited(GRAPH_INITIALIZER, size), message, beforeData, bytes);
  }
  inGraph.push(ofGraph({ input, output }));
  const chunks = [
    model({ irVersion, producerName }),
    lengthDelimited(MODEL_GRAPH, lengthOf(inGraph)),
    ...inGraph,
    model({ opsetImport }),
  ];
  const bytes = new Uint8Array(lengthOf(chunks));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

/** What comes before `size` bytes of a message or bytes field. */
function lengthDelimited(field: number, size: number): Uint8Array {
  if (size > 0x7fffffff)
    throw new RangeError(`a message of ${size} bytes exceeds protobuf's 2 GiB`);
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(size).finish();
}
