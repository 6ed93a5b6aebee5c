/** Walking a graph from its outputs; iterative, because networks are deeper than the call stack. */
import type { GraphNode } from "./node.js";
import type { Tensor } from "./tensor.js";

/**
 * Every node the tensors depend on, each after the nodes it needs. Deterministic.
 *
 * @param needs What a node depends on; default its inputs. Must not lead back to the node.
 */
export function ancestors(
  outputs: readonly Tensor[],
  needs: (node: GraphNode) => readonly (Tensor | undefined)[] = (node) => node.inputs,
): GraphNode[] {
  const order: GraphNode[] = [];
  const done = new Set<GraphNode>();
  const open = new Set<GraphNode>();
  const stack: GraphNode[] = [];
  const push = (tensors: readonly (Tensor | undefined)[]) => {
    for (let i = tensors.length - 1; i >= 0; i--) {
      const producer = tensors[i]?.producer;
      if (producer && !done.has(producer)) stack.push(producer);
    }
  };
  push(outputs);
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (open.has(node) || done.has(node)) {
      stack.pop();
      if (!done.has(node)) order.push(node);
      done.add(node);
      open.delete(node);
    } else {
      open.add(node);
      push(needs(node));
    }
  }
  return order;
}
