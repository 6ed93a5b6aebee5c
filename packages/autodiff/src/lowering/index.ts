/**
 * What is put in an operator's place when a graph is written as ONNX: operators ONNX does not have,
 * and operators that run faster in another form. The mathematics stays in `operators/`; measured
 * choices live here.
 */
import type { GraphNode } from "../graph/node.js";
import type { Attributes, OperatorDefinition } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";
import { LeakyReluGradient, PRelu } from "../operators/activation.js";
import { ReduceSum } from "../operators/broadcasting.js";
import { Conv, ConvTranspose, ConvWeightGradient } from "../operators/convolution.js";
import { ScatterND } from "../operators/indexing.js";
import { AveragePool, MaxPool } from "../operators/pooling.js";
import { ReduceMean } from "../operators/reduction.js";
import { Resize, SumBlocks } from "../operators/resize.js";
import { Slice } from "../operators/slicing.js";
import { lowerLeakyReluGradient, lowerPRelu } from "./activation.js";
import { lowerConvTranspose } from "./convolution.js";
import { lowerNarrowConv } from "./narrow-convolution.js";
import { lowerPartlyConstantConv, lowerSlicedConv } from "./partial-convolution.js";
import { lowerAveragePool, lowerMaxPool } from "./pooling.js";
import { lowerChannelReduction } from "./reduction.js";
import { lowerResize, lowerSumBlocks } from "./resize.js";
import { lowerScatterND } from "./scatter.js";
import { ANY_TARGET, type LoweringTarget } from "./target.js";
import { lowerConv, lowerSummedConvTranspose } from "./upsampled-convolution.js";
import { lowerConvWeightGradient } from "./weight-gradient.js";

type Lowering<A extends Attributes> = (
  node: GraphNode<A>,
  target: LoweringTarget,
) => Tensor[] | undefined;

const LOWERINGS = new Map<OperatorDefinition, Lowering<Attributes>>();

function register<A extends Attributes>(
  definition: OperatorDefinition<A>,
  lowering: Lowering<A>,
): void {
  LOWERINGS.set(definition as OperatorDefinition, lowering as Lowering<Attributes>);
}

register(AveragePool, lowerAveragePool);
register(
  Conv,
  (node, target) =>
    lowerConv(node, target) ??
    lowerPartlyConstantConv(node, target) ??
    lowerNarrowConv(node, target),
);
register(ConvTranspose, lowerConvTranspose);
register(ConvWeightGradient, lowerConvWeightGradient);
register(LeakyReluGradient, lowerLeakyReluGradient);
register(MaxPool, lowerMaxPool);
register(PRelu, lowerPRelu);
register(ReduceMean, lowerChannelReduction);
register(ReduceSum, lowerChannelReduction);
register(Resize, lowerResize);
register(ScatterND, lowerScatterND);
register(Slice, lowerSlicedConv);
register(
  SumBlocks,
  (node, target) => lowerSummedConvTranspose(node, target) ?? lowerSumBlocks(node),
);

/** The outputs of `node` by other operators, or undefined to write the node as it is. */
export function lower(node: GraphNode, target = ANY_TARGET): Tensor[] | undefined {
  return LOWERINGS.get(node.definition)?.(node, target);
}
