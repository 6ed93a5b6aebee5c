/**
 * Reads an `.onnx` file: decodes the protobuf, checks that it is a graph (every value defined once,
 * before or after its use, and no cycles), and lists what it takes and gives.
 *
 * Nothing is allocated on the strength of a claim in the file: tensors are decoded when used, and
 * then against the bytes that are there.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type DType, dtypeFromCode } from "../graph/dtype.js";
import { GraphError } from "../graph/errors.js";
import { inlineFunctions } from "./functions.js";
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./onnx_pb.js";
import { ONNX_DOMAIN } from "./opaque.js";
import { namesRead, subgraphsOf } from "./subgraph.js";
import type { ExternalData } from "./tensor-proto.js";

/** No domain is near this; larger numbers are damage. */
const NEWEST_VERSION = 1_000_000n;

/** A declared value; a dimension is a number, or the name of one left open (`"batch"`, `"?"`). */
export interface ValueDeclaration {
  readonly name: string;
  readonly dtype: DType | undefined;
  /** Undefined when even the rank is open. */
  readonly shape: readonly (number | string)[] | undefined;
}

export interface OnnxModel {
  /** The file as it was read. */
  readonly file: Uint8Array;
  /** Inputs to bind: weights listed among the graph's inputs are not here. */
  readonly inputs: readonly ValueDeclaration[];
  readonly outputs: readonly ValueDeclaration[];
  /** Names of all values, initialisers included; any can be asked for as an output. */
  readonly values: ReadonlySet<string>;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  /** Versions of all domains; ONNX's own is "". */
  readonly domains: ReadonlyMap<string, number>;
  /** Nodes, each after those it needs. */
  readonly nodes: readonly NodeProto[];
  readonly initializers: ReadonlyMap<string, TensorProto>;
  /** Types that the file declares for inner values. */
  readonly declared: ReadonlyMap<string, ValueDeclaration>;
  readonly external: ExternalData | undefined;
}

export interface ReadOptions {
  /** Where weights stored outside the file are found, by the name the model gives them. */
  readonly externalData?: ExternalData;
}

/**
 * @param bytes The file. It is not copied and must not change while the model is in use.
 * @throws GraphError when the bytes are not an ONNX model, or the graph in it is malformed.
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): OnnxModel {
  const model = decode(bytes);
  const { graph } = model;
  if (!graph) throw new GraphError("readModel", undefined, "the file holds no graph");
  const domains = versionsOf(model);
  const opset = domains.get(ONNX_DOMAIN) ?? 1;
  refuseSparse(graph);
  const initializers = byName(graph.initializer, "initialiser");
  const inputs = byName(graph.input, "input");
  const nodes = sorted(inlineFunctions(graph, model.functions), inputs, initializers);
  return {
    file: bytes,
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(declaration),
    outputs: graph.output.map(declaration),
    values: definedValues(graph, nodes),
    opset,
    domains,
    nodes,
    initializers,
    declared: new Map(
      [...graph.valueInfo, ...graph.output].map((value) => [value.name, declaration(value)]),
    ),
    external: options.externalData,
  };
}

function decode(bytes: Uint8Array): ModelProto {
  if (bytes.length === 0) throw new GraphError("readModel", undefined, "the file is empty");
  try {
    // Each field that is not known would become an object; a file of nothing else, gigabytes.
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new GraphError(
      "readModel",
      undefined,
      `not an ONNX model, or cut short: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Versions of the operator domains that the model uses. */
function versionsOf(model: ModelProto): Map<string, number> {
  const versions = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) {
    if (version < 1n || version > NEWEST_VERSION) {
      const name = domain || "ai.onnx";
      throw new GraphError("readModel", name, `there is no version ${version} of this domain`);
    }
    versions.set(domain === "ai.onnx" ? ONNX_DOMAIN : domain, Number(version));
  }
  return versions;
}

function refuseSparse(graph: GraphProto): void {
  if (graph.sparseInitializer.length > 0) {
    throw new GraphError("readModel", graph.name, "sparse initialisers are not supported");
  }
  for (const node of graph.node) subgraphsOf(node).forEach(refuseSparse);
}

function byName<T extends { readonly name: string }>(
  values: readonly T[],
  what: string,
): Map<string, T> {
  const named = new Map<string, T>();
  for (const value of values) {
    const { name } = value;
    if (name === "") throw new GraphError("readModel", undefined, `an ${what} has no name`);
    if (named.has(name)) throw new GraphError("readModel", name, `this ${what} is defined twice`);
    named.set(name, value);
  }
  return named;
}

function declaration({ name, type }: ValueInfoProto): ValueDeclaration {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const shape = tensor?.shape?.dim.map(({ value }) => {
    if (value.case === "dimParam") return value.value;
    const size = value.case === "dimValue" ? Number(value.value) : -1;
    return size >= 0 ? size : "?"; // exporters write -1 or nothing for an open dimension
  });
  return { name, dtype: tensor && dtypeFromCode(tensor.elemType), shape };
}

function definedValues(graph: GraphProto, nodes: readonly NodeProto[]): Set<string> {
  const values = new Set([...graph.initializer, ...graph.input].map(({ name }) => name));
  for (const node of nodes) {
    for (const name of node.output) {
      if (name === "") continue;
      if (values.has(name)) {
        throw new GraphError(node.opType, node.name, `defines "${name}", which is already defined`);
      }
      values.add(name);
    }
  }
  for (const { name } of graph.output) {
    if (!values.has(name)) {
      throw new GraphError("readModel", graph.name, `no node computes the output "${name}"`);
    }
  }
  return values;
}

/** Topological order (Kahn 1962). */
function sorted(
  nodes: readonly NodeProto[],
  inputs: ReadonlyMap<string, ValueInfoProto>,
  initializers: ReadonlyMap<string, TensorProto>,
): NodeProto[] {
  const known = new Set([...initializers.keys(), ...inputs.keys()]);
  const producers = new Set(nodes.flatMap(({ output }) => output));
  const waiting = new Map<string, number[]>();
  const missing = nodes.map((node, i) => {
    const names = new Set(namesRead(node).filter((name) => !known.has(name)));
    for (const name of names) {
      if (!producers.has(name)) {
        throw new GraphError(node.opType, node.name, `reads "${name}", which nothing defines`);
      }
      const readers = waiting.get(name);
      if (readers) readers.push(i);
      else waiting.set(name, [i]);
    }
    return names.size;
  });
  const ready = nodes.map((_, i) => i).filter((i) => missing[i] === 0);
  const order: NodeProto[] = [];
  for (let next = 0; next < ready.length; next++) {
    const node = nodes[ready[next]!]!;
    order.push(node);
    for (const name of new Set(node.output)) {
      for (const i of waiting.get(name) ?? []) if (--missing[i]! === 0) ready.push(i);
      waiting.delete(name);
    }
  }
  const stuck = missing.findIndex((count) => count > 0);
  if (stuck >= 0) {
    const { opType, name } = nodes[stuck]!;
    throw new GraphError(opType, name, "the graph has a cycle through this node");
  }
  return order;
}
