/** One application of an operator. Immutable once the graph has made it. */
import { GraphError, UnsupportedError } from "./errors.js";
import type { Graph } from "./graph.js";
import type { Attributes, OperatorDefinition } from "./operator.js";
import type { Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

export class GraphNode<A extends Attributes = Attributes> {
  /** Filled by the graph right after shape inference. */
  outputs: readonly Tensor[] = [];

  constructor(
    readonly graph: Graph,
    readonly definition: OperatorDefinition<A>,
    readonly name: string,
    readonly inputs: readonly (Tensor | undefined)[],
    readonly attributes: A,
  ) {}

  /** Input `index`, which the operator's arity guarantees to be there. */
  input(index: number): Tensor {
    const tensor = this.inputs[index];
    if (!tensor) this.fail(`input ${index} is missing`);
    return tensor;
  }

  get output(): Tensor {
    return this.outputs[0]!;
  }

  /** Throws an {@link UnsupportedError}: valid ONNX, but not a form this library knows. */
  unsupported(problem: string): never {
    throw new UnsupportedError(this.definition.type, this.name, problem, this.inputShapes);
  }

  /** Throws a {@link GraphError} naming this node and its input shapes. */
  fail(problem: string): never {
    throw new GraphError(this.definition.type, this.name, problem, this.inputShapes);
  }

  private get inputShapes(): (Shape | null)[] {
    return this.inputs.map((tensor) => tensor?.knownShape ?? null);
  }
}

/** The node behind `tensor`, with its attributes typed, if `definition` made it. */
export function producedBy<A extends Attributes>(
  tensor: Tensor,
  definition: OperatorDefinition<A>,
): GraphNode<A> | undefined {
  const node = tensor.producer as GraphNode<A> | undefined;
  return node?.definition === definition ? node : undefined;
}

/** The scope in which `node` was made, "" where there was none. What is made on its behalf gets names there. */
export function scopeOf({ name }: { readonly name: string }): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}
