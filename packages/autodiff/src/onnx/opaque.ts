/**
 * An operator this library does not know, kept as it was read: it is written back unchanged but for
 * the names of its values, and has no shape rule and no adjoint.
 */
import { clone } from "@bufbuild/protobuf";
import type { OperatorDefinition, TensorType } from "../graph/operator.js";
import { type GraphProto, type NodeProto, NodeProtoSchema } from "./onnx_pb.js";

export class OpaqueOperator implements OperatorDefinition {
  readonly type: string;
  readonly domain: string;
  readonly arity = [0, Number.MAX_SAFE_INTEGER] as const;

  /**
   * @param captured Names of outer values that the node's subgraphs (If, Loop, Scan) read; they
   *   follow the node's own inputs in the graph.
   * @param opset Version of the node's domain in the model it came from.
   */
  constructor(
    private readonly source: NodeProto,
    private readonly captured: readonly string[],
    readonly opset: number,
  ) {
    this.type = source.opType;
    this.domain = source.domain === "ai.onnx" ? "" : source.domain;
  }

  /** Never called: the importer states the types it knows. */
  infer(): TensorType[] {
    return [];
  }

  /** The node under new names; `inputs` has the captured values last. */
  encode(name: string, inputs: readonly string[], outputs: readonly string[]): NodeProto {
    const node = clone(NodeProtoSchema, this.source);
    const own = this.source.input.length;
    node.name = name;
    node.input = inputs.slice(0, own);
    node.output = [...outputs];
    const renamed = new Map(this.captured.map((outer, i) => [outer, inputs[own + i]!]));
    for (const graph of subgraphsOf(node)) renameCaptured(graph, renamed);
    return node;
  }
}

export function subgraphsOf(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g, graphs }) => (g ? [g, ...graphs] : graphs));
}

/** Names a subgraph reads but does not define: values captured from the graphs around it. */
export function capturedNames(graph: GraphProto): Set<string> {
  const defined = definedIn(graph);
  const captured = new Set<string>();
  for (const node of graph.node) {
    for (const name of node.input) if (name !== "" && !defined.has(name)) captured.add(name);
    for (const inner of subgraphsOf(node)) {
      for (const name of capturedNames(inner)) if (!defined.has(name)) captured.add(name);
    }
  }
  for (const { name } of graph.output) if (!defined.has(name)) captured.add(name);
  return captured;
}

function definedIn(graph: GraphProto): Set<string> {
  return new Set([
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
}

function renameCaptured(graph: GraphProto, renamed: ReadonlyMap<string, string>): void {
  const defined = definedIn(graph);
  const visible = new Map([...renamed].filter(([name]) => !defined.has(name)));
  for (const node of graph.node) {
    node.input = node.input.map((name) => visible.get(name) ?? name);
    for (const inner of subgraphsOf(node)) renameCaptured(inner, visible);
  }
  for (const output of graph.output) output.name = visible.get(output.name) ?? output.name;
}
