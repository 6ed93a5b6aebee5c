/**
 * What is put in an operator's place when a graph is written as ONNX: operators ONNX does not have,
 * and operators that run faster in another form. The mathematics stays in `operators/`; measured
 * choices live here.
 */
import type { GraphNode } from "../graph/node.js";
import type { Attributes, OperatorDefinition } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";
import { LeakyReluGradient, PRelu } from "../operators/activation.js";
import { ConvTranspose, ConvWeightGradient } from "../operators/convolution.js";
import { lowerLeakyReluGradient, lowerPRelu } from "./activation.js";
import { lowerConvTranspose, lowerConvWeightGradient } from "./convolution.js";

type Lowering<A extends Attributes> = (node: GraphNode<A>) => Tensor[] | undefined;

const LOWERINGS = new Map<OperatorDefinition, Lowering<Attributes>>();

function register<A extends Attributes>(
  definition: OperatorDefinition<A>,
  lowering: Lowering<A>,
): void {
  LOWERINGS.set(definition as OperatorDefinition, lowering as Lowering<Attributes>);
}

register(LeakyReluGradient, lowerLeakyReluGradient);
register(PRelu, lowerPRelu);
register(ConvTranspose, lowerConvTranspose);
register(ConvWeightGradient, lowerConvWeightGradient);

/** The outputs of `node` by other operators, or undefined to write the node as it is. */
export function lower(node: GraphNode): Tensor[] | undefined {
  return LOWERINGS.get(node.definition)?.(node);
}
