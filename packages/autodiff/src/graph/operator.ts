/**
 * What the graph knows about an operator. One object per operator holds its shape rule, its value
 * in float64 and its adjoint side by side; `operators/` has one file per family of them.
 */
import type { DType } from "./dtype.js";
import type { GraphNode } from "./node.js";
import type { Shape } from "./shape.js";
import type { Tensor } from "./tensor.js";

export type AttributeValue = number | string | readonly number[] | readonly string[];

/** Static arguments of a node. Lists ONNX passes as constant tensors (axes, pads) are here too. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/**
 * An attribute that ONNX passes as a constant tensor: `Slice`'s starts, `Reshape`'s shape.
 * Keeping it as an attribute is what makes every shape static.
 */
export interface ConstantParameter {
  readonly attribute: string;
  /** Position among the ONNX inputs. */
  readonly input: number;
  /** `like` takes the dtype of the node's first input. */
  readonly dtype: "int64" | "float32" | "like";
  readonly scalar?: boolean;
  /** From this opset on it is an input; before, an attribute of the same name. Default: always. */
  readonly sinceOpset?: number;
}

/** A method signature, so that definitions of different attribute types go into one table. */
export type Adjoint<A extends Attributes> = {
  adjoint(
    node: GraphNode<A>,
    cotangents: readonly (Tensor | undefined)[],
    wants: readonly boolean[],
  ): (Tensor | undefined)[];
}["adjoint"];

export interface OperatorDefinition<A extends Attributes = Attributes> {
  /** ONNX operator type, or the name of a virtual operator. */
  readonly type: string;
  /** Fewest and most tensor inputs (constant parameters not counted). */
  readonly arity: readonly [number, number];
  /** Attribute values that hold where a model leaves them out. */
  readonly defaults?: Partial<A>;
  readonly parameters?: readonly ConstantParameter[];
  /** Attributes, parameters among them, that a file must give. */
  readonly required?: readonly string[];
  /** Operands may be swapped; lets the graph merge `a + b` and `b + a`. */
  readonly commutative?: boolean;
  /** Outputs after the first may be left out of the file when nothing reads them. */
  readonly optionalOutputs?: boolean;
  /** Only copies elements: constants of any size are folded through it. */
  readonly movesData?: boolean;
  /** Types of the outputs. Throws through `node.fail(...)`. */
  infer(node: GraphNode<A>): TensorType[];
  /** The outputs in float64, row-major: the reference the generated graphs are tested against. */
  evaluate?(node: GraphNode<A>, inputs: Float64Array[]): Float64Array[];
  /** An equal, cheaper expression of the outputs (`x + 0` is `x`), or undefined. */
  simplify?(node: GraphNode<A>): Tensor[] | undefined;
  /**
   * Vector-Jacobian product: the cotangent of every input for those of the outputs (undefined
   * stands for zero), made of differentiable operators so that it can be differentiated again.
   * `wants[i]` says whether input i's is needed. `"zero"`: piecewise constant, nothing flows.
   * Left out: not differentiable here, and `gradients` says so by name.
   */
  readonly adjoint?: "zero" | Adjoint<A>;
  /** Not an ONNX operator: lowering/ replaces it when the graph is written. */
  readonly virtual?: boolean;
}

/** Checks the literal against the interface while keeping its attribute types. */
export function defineOperator<A extends Attributes>(
  definition: OperatorDefinition<A>,
): OperatorDefinition<A> {
  return definition;
}
