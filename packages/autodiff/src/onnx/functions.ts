/**
 * Model-local functions (ONNX FunctionProto) put in place of the nodes that call them, so that the
 * importer meets only operators.
 */
import { create } from "@bufbuild/protobuf";
import { GraphError } from "../graph/errors.js";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
} from "./onnx_pb.js";
import { mapNodes, mapSubgraphs, renamed, subgraphsOf, withAttributes } from "./subgraph.js";

/** Functions may call functions; a chain longer than this is a recursion. */
const DEEPEST_CALL = 32;
/** Nested calls multiply. A file that makes more nodes of its functions than this is an attack. */
const MOST_NODES = 1 << 16;
/** Names grow with every level of calls; the same for their characters. */
const MOST_CHARACTERS = 1 << 24;

/**
 * The graph's nodes with calls replaced by what they stand for, in subgraphs too.
 *
 * @throws GraphError when functions call themselves or expand beyond all bounds.
 */
export function inlineFunctions(
  graph: GraphProto,
  functions: readonly FunctionProto[],
): readonly NodeProto[] {
  if (functions.length === 0) return graph.node;
  return new Inliner(graph, functions).nodes;
}

function identity({ domain, overload }: NodeProto | FunctionProto, name: string): string {
  return `${domain === "ai.onnx" ? "" : domain}:${name}:${overload}`;
}

class Inliner {
  readonly nodes: readonly NodeProto[];
  private readonly functions: ReadonlyMap<string, FunctionProto>;
  private readonly taken: Set<string>;
  /** The number last appended to a name that was taken. */
  private readonly suffixes = new Map<string, number>();
  private expanded = 0;
  private characters = 0;

  constructor(graph: GraphProto, functions: readonly FunctionProto[]) {
    this.functions = new Map(functions.map((f) => [identity(f, f.name), f]));
    this.taken = new Set([
      ...graph.input.map(({ name }) => name),
      ...graph.initializer.map(({ name }) => name),
      ...graph.node.flatMap(({ output }) => output),
    ]);
    this.nodes = graph.node.flatMap((node) => this.visit(node, 0));
  }

  private visit(node: NodeProto, depth: number): NodeProto[] {
    const body = this.functions.get(identity(node, node.opType));
    if (!body) {
      if (!node.attribute.some(({ g, graphs }) => g || graphs.length > 0)) return [node];
      const inner = (graph: GraphProto) => mapNodes(graph, (each) => this.visit(each, depth));
      return [withAttributes(node, mapSubgraphs(node.attribute, inner))];
    }
    if (depth >= DEEPEST_CALL) {
      throw new GraphError(node.opType, node.name, "this function calls itself");
    }
    return this.expandCall(node, body).flatMap((inner) => this.visit(inner, depth + 1));
  }

  /** The function's nodes with its formal names replaced by the call's, and its own made unique. */
  private expandCall(call: NodeProto, body: FunctionProto): NodeProto[] {
    const prefix = call.name || call.output.find((name) => name !== "") || call.opType;
    const names = new Map<string, string>([["", ""]]);
    body.input.forEach((name, i) => {
      names.set(name, call.input[i] ?? "");
    });
    const copies: NodeProto[] = [];
    body.output.forEach((name, i) => {
      const target = call.output[i];
      const source = names.get(name);
      if (!target) return;
      // An input, or a value given out twice: it has a name outside already.
      if (source !== undefined) copies.push(copyNode(source, target));
      else names.set(name, target);
    });
    const rename = (name: string) => {
      const known = names.get(name);
      if (known !== undefined) return known;
      const fresh = this.fresh(`${prefix}/${name}`, call);
      names.set(name, fresh);
      return fresh;
    };
    const given = new Map(
      [...body.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]),
    );
    const nodes = body.node.map((node) => {
      const name = `${prefix}/${node.name || node.opType}`;
      this.count(call, countNodes(node), name.length);
      const attribute = mapSubgraphs(bind(node.attribute, given), (graph) =>
        renamed(graph, rename, prefix),
      );
      const changes = { name, input: node.input.map(rename), output: node.output.map(rename) };
      return withAttributes(node, attribute, changes);
    });
    return [...nodes, ...copies];
  }

  private fresh(base: string, call: NodeProto): string {
    let name = base;
    for (let n = this.suffixes.get(base) ?? 0; this.taken.has(name); n++) {
      name = `${base}_${n + 1}`;
      this.suffixes.set(base, n + 1);
    }
    this.taken.add(name);
    this.count(call, 0, name.length);
    return name;
  }

  private count({ opType, name }: NodeProto, nodes: number, characters: number): void {
    this.expanded += nodes;
    this.characters += characters;
    if (this.expanded > MOST_NODES || this.characters > MOST_CHARACTERS) {
      throw new GraphError(opType, name, `functions expand to over ${MOST_NODES} nodes`);
    }
  }
}

function copyNode(source: string, target: string): NodeProto {
  return create(NodeProtoSchema, { opType: "Identity", input: [source], output: [target] });
}

/** The node and those in its subgraphs. */
function countNodes(node: NodeProto): number {
  return subgraphsOf(node).reduce(
    (count, graph) => graph.node.reduce((sum, inner) => sum + countNodes(inner), count),
    1,
  );
}

/** Attributes with references to the function's replaced by what the call gives. */
function bind(
  attributes: readonly AttributeProto[],
  given: ReadonlyMap<string, AttributeProto>,
): AttributeProto[] {
  const bound = attributes.flatMap((attribute) => {
    if (attribute.refAttrName === "") return [attribute];
    const value = given.get(attribute.refAttrName);
    if (!value) return [];
    return [Object.assign(create(AttributeProtoSchema), value, { name: attribute.name })];
  });
  return mapSubgraphs(bound, (graph) =>
    mapNodes(graph, (node) => [withAttributes(node, bind(node.attribute, given))]),
  );
}
