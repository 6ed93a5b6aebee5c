/** Arithmetic of a graph as it is defined, before lowering finds cheaper forms. */
import type { Tensor } from "@ganfit/autodiff";

type Node = NonNullable<Tensor["producer"]>;

/** Operators whose arithmetic counts, as ONNX Runtime's profile names them, too. */
const PRODUCTS = ["Conv", "ConvTranspose", "FusedConv", "MatMul", "FusedMatMul", "Gemm"] as const;

export function isProduct(operator: string): boolean {
  return (PRODUCTS as readonly string[]).includes(operator);
}

/** Two operations for each multiply-add of the convolutions and matrix products that `outputs` need. */
export function flopsOf(outputs: readonly Tensor[]): number {
  const seen = new Set<Node>();
  const stack = [...outputs];
  let total = 0;
  for (let tensor = stack.pop(); tensor; tensor = stack.pop()) {
    const node = tensor.producer;
    if (!node || seen.has(node)) continue;
    seen.add(node);
    total += 2 * multiplyAdds(node);
    for (const input of node.inputs) if (input) stack.push(input);
  }
  return total;
}

function multiplyAdds(node: Node): number {
  const { output } = node;
  switch (node.definition.type) {
    case "Conv":
      return (output.size * node.input(1).size) / node.input(1).shape[0]!;
    case "ConvTranspose":
      return (node.input(0).size * node.input(1).size) / node.input(1).shape[0]!;
    case "MatMul":
      return output.size * node.input(0).shape.at(-1)!;
    case "Gemm":
      // [M, K] and [K, N], either transposed: sqrt(MK KN MN) = MNK.
      return Math.sqrt(node.input(0).size * node.input(1).size * output.size);
    default:
      return 0;
  }
}
