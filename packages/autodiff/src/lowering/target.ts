/** What a lowering may need to know beyond its node. */
import { type GraphNode, producedBy } from "../graph/node.js";
import type { Attributes, OperatorDefinition } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";

export interface LoweringTarget {
  /** Where the file will run, if that is known. */
  readonly device?: string | undefined;
  /** How many nodes and outputs of the file read this value, before lowering. */
  readers(value: Tensor): number;
  /** Whether the value is fed: what computes it must then not be looked at. */
  isFed(value: Tensor): boolean;
}

/** No device in particular, every output read once, nothing computed fed. */
export const ANY_TARGET: LoweringTarget = { readers: () => 1, isFed: () => false };

/** {@link producedBy} for a lowering: undefined, too, where the value is fed. */
export function computedBy<A extends Attributes>(
  value: Tensor,
  definition: OperatorDefinition<A>,
  target: LoweringTarget,
): GraphNode<A> | undefined {
  return target.isFed(value) ? undefined : producedBy(value, definition);
}
