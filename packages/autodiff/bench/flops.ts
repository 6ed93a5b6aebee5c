/** Arithmetic of a graph as its layers define it, before lowering finds cheaper forms. */
import { type GraphNode, producedBy } from "../src/graph/node.js";
import type { Tensor } from "../src/graph/tensor.js";
import { ancestors } from "../src/graph/traverse.js";
import { Conv } from "../src/operators/convolution.js";
import { Gemm, MatMul } from "../src/operators/matmul.js";

/** Two operations per multiply-add of every Conv, MatMul and Gemm that `outputs` need. */
export function flopsOf(outputs: readonly Tensor[]): number {
  return ancestors(outputs).reduce((total, node) => total + 2 * multiplyAdds(node), 0);
}

function multiplyAdds(node: GraphNode): number {
  const { output } = node;
  if (producedBy(output, Conv)) return (output.size * node.input(1).size) / node.input(1).shape[0]!;
  if (producedBy(output, MatMul)) return output.size * node.input(0).shape.at(-1)!;
  if (producedBy(output, Gemm))
    return (node.input(0).size * node.input(1).size * output.size) ** 0.5;
  return 0;
}
