/** The error every graph operation throws: it names the operator, the node and what it was given. */
import { formatShape, type Shape } from "./shape.js";

export class GraphError extends Error {
  override readonly name: string = "GraphError";

  constructor(
    /** ONNX operator, or the function that failed (`compile`, `importModel`). */
    readonly operator: string,
    /** The node's name, when there is one. */
    readonly node: string | undefined,
    /** What is wrong, without the names and shapes that the message has around it. */
    readonly problem: string,
    /** Shapes of the inputs; null stands for an omitted or unknown one. */
    readonly shapes: readonly (Shape | null)[] = [],
    options?: ErrorOptions,
  ) {
    const where = node === undefined ? operator : `${operator} "${node}"`;
    const given = shapes.length > 0 ? ` (inputs ${formatInputs(shapes)})` : "";
    super(`${where}: ${problem}${given}`, options);
  }
}

/**
 * A form of a known operator that has no shape rule here (a cubic Resize). The importer then keeps
 * the node as it was read.
 */
export class UnsupportedError extends GraphError {
  override readonly name = "UnsupportedError";
}

function formatInputs(shapes: readonly (Shape | null)[]): string {
  return shapes.map((shape) => (shape === null ? "-" : formatShape(shape))).join(", ");
}
