/** A value of a graph: an input, a constant, or one output of a node. */
import type { DType, TypedArray } from "./dtype.js";
import { GraphError } from "./errors.js";
import type { Graph } from "./graph.js";
import type { GraphNode } from "./node.js";
import { type Shape, sizeOf } from "./shape.js";

export class Tensor {
  constructor(
    readonly graph: Graph,
    /** Unique in the graph; grows in order of creation. */
    readonly id: number,
    /** Unique in the graph; the value's name in the ONNX file. */
    readonly name: string,
    private readonly knownDtype: DType | undefined,
    /** Undefined for what an unsupported operator of an imported model produced. */
    readonly knownShape: Shape | undefined,
    /** The node that computes it; undefined for inputs and constants. */
    readonly producer: GraphNode | undefined,
    /** Which of the producer's outputs it is. */
    readonly outputIndex: number,
    /** Elements of a constant, row-major. Shared, never written to. */
    readonly data: TypedArray | undefined,
  ) {}

  /** @throws GraphError when an unsupported operator of an imported model produced it. */
  get dtype(): DType {
    return this.knownDtype ?? this.unknown("element type");
  }

  /** @throws GraphError when an unsupported operator of an imported model produced it. */
  get shape(): Shape {
    return this.knownShape ?? this.unknown("shape");
  }

  /** Whether dtype and shape are known. */
  get typed(): boolean {
    return this.knownDtype !== undefined && this.knownShape !== undefined;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  private unknown(what: string): never {
    const operator = this.producer?.definition.type ?? "value";
    throw new GraphError(
      operator,
      this.producer?.name ?? this.name,
      `the ${what} of "${this.name}" is unknown, because the operator is not supported here and the model does not declare it`,
    );
  }
}
