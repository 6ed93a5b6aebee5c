/** What a lowering may need to know beyond its node. */
import { type GraphNode, producedBy } from "../graph/node.js";
import type { Attributes, OperatorDefinition } from "../graph/operator.js";
import type { Tensor } from "../graph/tensor.js";

export interface LoweringTarget {
  /** Where the file will run, if that is known. */
  readonly device?: string | undefined;
  /** Whether anything reads this output of a node. */
  isRead(output: Tensor): boolean;
  /** Whether the value is fed: what computes it must then not be looked at. */
  isFed(value: Tensor): boolean;
}

/** No device in particular, every output read, nothing computed fed. */
export const ANY_TARGET: LoweringTarget = { isRead: () => true, isFed: () => false };

/** {@link producedBy} for a lowering: undefined, too, where the value is fed. */
export function computedBy<A extends Attributes>(
  value: Tensor,
  definition: OperatorDefinition<A>,
  target: LoweringTarget,
): GraphNode<A> | undefined {
  return target.isFed(value) ? undefined : producedBy(value, definition);
}
