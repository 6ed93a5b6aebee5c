/**
 * An operator this library does not know, kept as it was read: it is written back unchanged but for
 * the names of its values and the ONNX version, and has no shape rule and no adjoint.
 */
import type { GraphNode } from "../graph/node.js";
import type { OperatorDefinition, TensorType } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";
import type { NodeProto } from "./onnx_pb.js";
import { mapSubgraphs, renamed, subgraphsOf, withAttributes } from "./subgraph.js";

/** What stands for ONNX's own operators among the domains of a model. */
export const ONNX_DOMAIN = "";

export function domainOf({ domain }: NodeProto): string {
  return domain === "ai.onnx" ? ONNX_DOMAIN : domain;
}

export class OpaqueOperator implements OperatorDefinition {
  readonly type: string;
  readonly arity = [0, Number.MAX_SAFE_INTEGER] as const;
  /** Versions, in the model it came from, of the domains that the node and its subgraphs use. */
  readonly domains: ReadonlyMap<string, number>;

  /**
   * @param captured Names of outer values that the node's subgraphs (If, Loop, Scan) read; they
   *   follow the node's own inputs in the graph.
   * @param versionOf Version of a domain in the model it came from.
   * @param reason Why it is not differentiable, for the error that says so.
   */
  constructor(
    private readonly source: NodeProto,
    private readonly captured: readonly string[],
    versionOf: (domain: string) => number,
    private readonly reason: string,
  ) {
    const domain = domainOf(source);
    this.type = domain === ONNX_DOMAIN ? source.opType : `${domain}.${source.opType}`;
    this.domains = new Map([...domainsOf(source)].map((name) => [name, versionOf(name)]));
  }

  /** Never called: the importer states the types it knows. */
  infer(): TensorType[] {
    return [];
  }

  /** Always throws: nobody knows the derivative. */
  readonly adjoint = (node: GraphNode): Tensor[] =>
    node.fail(`cannot be differentiated: ${this.reason}`);

  /** The node under new names; `inputs` has the captured values last. */
  encode(name: string, inputs: readonly string[], output: readonly string[]): NodeProto {
    const own = this.source.input.length;
    const outer = new Map(this.captured.map((captured, i) => [captured, inputs[own + i]!]));
    let prefix = name;
    // An inner value must not take the name of a captured one.
    while (inputs.some((input) => input.startsWith(`${prefix}/`))) prefix += "_";
    const attributes = mapSubgraphs(this.source.attribute, (graph) =>
      renamed(graph, (captured) => outer.get(captured) ?? captured, prefix),
    );
    const changes = { name, input: inputs.slice(0, own), output: [...output] };
    return withAttributes(this.source, attributes, changes);
  }
}

function domainsOf(node: NodeProto, into = new Set<string>()): Set<string> {
  into.add(domainOf(node));
  for (const graph of subgraphsOf(node)) for (const inner of graph.node) domainsOf(inner, into);
  return into;
}
