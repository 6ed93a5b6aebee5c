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
import { capturedNames, subgraphsOf } from "./opaque.js";
import type { ExternalData } from "./tensor-proto.js";

/** A declared value; a dimension is a number, or the name of one left open (`"batch"`, `"?"`). */
export interface ValueDeclaration {
  readonly name: string;
  readonly dtype: DType | undefined;
  /** Undefined when even the rank is open. */
  readonly shape: readonly (number | string)[] | undefined;
}

export interface OnnxModel {
  /** Inputs to bind: weights listed among the graph's inputs are not here. */
  readonly inputs: readonly ValueDeclaration[];
  readonly outputs: readonly ValueDeclaration[];
  /** Names of all values, initialisers included; any can be asked for as an output. */
  readonly values: ReadonlySet<string>;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  /** Versions of other domains. */
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
  let opset = 1;
  const domains = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) {
    if (domain === "" || domain === "ai.onnx") opset = Number(version);
    else domains.set(domain, Number(version));
  }
  if (graph.sparseInitializer.length > 0) {
    throw new GraphError("readModel", graph.name, "sparse initialisers are not supported");
  }
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const nodes = sorted(inlineFunctions(graph.node, model.functions), graph, initializers);
  return {
    inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(declaration),
    outputs: graph.output.map(declaration),
    values: definedValues(graph, nodes, initializers),
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
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    // RangeError: nested deeper than the stack, which no real model is.
    throw new GraphError(
      "readModel",
      undefined,
      `not an ONNX model, or cut short: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
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

function definedValues(
  graph: GraphProto,
  nodes: readonly NodeProto[],
  initializers: ReadonlyMap<string, TensorProto>,
): Set<string> {
  const values = new Set(initializers.keys());
  for (const { name } of graph.input) values.add(name);
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

/** What a node reads: its inputs and what its subgraphs capture. */
export function namesRead(node: NodeProto): string[] {
  const captured = subgraphsOf(node).flatMap((graph) => [...capturedNames(graph)]);
  return [...node.input.filter((name) => name !== ""), ...captured];
}

/** Topological order (Kahn 1962), stable with respect to the file's. */
function sorted(
  nodes: readonly NodeProto[],
  graph: GraphProto,
  initializers: ReadonlyMap<string, TensorProto>,
): NodeProto[] {
  const known = new Set([...initializers.keys(), ...graph.input.map(({ name }) => name)]);
  const producers = new Set(nodes.flatMap(({ output }) => output));
  const waiting = new Map<string, number[]>();
  const missing = nodes.map((node, i) => {
    const names = new Set(namesRead(node).filter((name) => !known.has(name)));
    for (const name of names) {
      if (!producers.has(name)) {
        throw new GraphError(node.opType, node.name, `reads "${name}", which nothing defines`);
      }
      waiting.set(name, [...(waiting.get(name) ?? []), i]);
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
