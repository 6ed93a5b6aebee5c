/**
 * Graphs inside nodes (If, Loop, Scan): what they capture from outside, and copies of them under
 * other names. Messages are shared between copies where nothing in them changes, because a subgraph
 * may hold weights.
 */
import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./onnx_pb.js";

export function subgraphsOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs));
}

/** Names a subgraph reads but does not define: values captured from the graphs around it. */
export function capturedNames(graph: GraphProto): Set<string> {
  const defined = new Set(definedNames(graph));
  const captured = new Set<string>();
  const read = (name: string) => {
    if (name !== "" && !defined.has(name)) captured.add(name);
  };
  for (const node of graph.node) namesRead(node).forEach(read);
  for (const { name } of graph.output) read(name);
  return captured;
}

/** What a node reads: its inputs and what its subgraphs capture. */
export function namesRead(node: NodeProto): string[] {
  const own = node.input.filter((name) => name !== "");
  const graphs = subgraphsOf(node);
  return graphs.length === 0 ? own : [...own, ...graphs.flatMap((g) => [...capturedNames(g)])];
}

function definedNames(graph: GraphProto): string[] {
  return [
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ];
}

/** The node with other attributes, and any other changes. */
export function withAttributes(
  node: NodeProto,
  attribute: AttributeProto[],
  changes: Partial<Pick<NodeProto, "opType" | "name" | "input" | "output">> = {},
): NodeProto {
  const { input, output, name, opType, domain, overload } = node;
  const own = { input, output, name, opType, domain, overload };
  return create(NodeProtoSchema, { ...own, ...changes, attribute });
}

/** The node's attributes with every subgraph replaced. */
export function mapSubgraphs(
  attributes: readonly AttributeProto[],
  replace: (graph: GraphProto) => GraphProto,
): AttributeProto[] {
  return attributes.map((attribute) => {
    const { name, type, g, graphs } = attribute;
    if (!g && graphs.length === 0) return attribute;
    const copy = create(AttributeProtoSchema, { name, type, graphs: graphs.map(replace) });
    if (g) copy.g = replace(g);
    return copy;
  });
}

/** The graph with every node of its own replaced by others. */
export function mapNodes(
  graph: GraphProto,
  replace: (node: NodeProto) => readonly NodeProto[],
): GraphProto {
  const { name, input, output, initializer, valueInfo } = graph;
  const node = graph.node.flatMap((each) => replace(each));
  return create(GraphProtoSchema, { name, input, output, initializer, valueInfo, node });
}

/**
 * The graph under other names: what it captures as `outer` says, what it defines with `prefix`
 * before it, so that neither is taken for the other.
 */
export function renamed(
  graph: GraphProto,
  outer: (name: string) => string,
  prefix: string,
): GraphProto {
  const defined = new Set(definedNames(graph));
  const rename = (name: string): string => {
    if (name === "") return "";
    return defined.has(name) ? `${prefix}/${name}` : outer(name);
  };
  const info = ({ name, type }: GraphProto["input"][number]) => {
    const copy = create(ValueInfoProtoSchema, { name: rename(name) });
    if (type) copy.type = type;
    return copy;
  };
  return create(GraphProtoSchema, {
    name: graph.name,
    input: graph.input.map(info),
    output: graph.output.map(info),
    initializer: graph.initializer.map((tensor) =>
      Object.assign(create(TensorProtoSchema), tensor, { name: rename(tensor.name) }),
    ),
    node: graph.node.map((node) =>
      withAttributes(
        node,
        mapSubgraphs(node.attribute, (g) => renamed(g, rename, prefix)),
        { input: node.input.map(rename), output: node.output.map(rename) },
      ),
    ),
  });
}
