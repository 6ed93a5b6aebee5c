/** What a lowering may need to know beyond its node. */
import type { Tensor } from "../graph/tensor.js";

export interface LoweringTarget {
  /** Where the file will run, if that is known. */
  readonly device?: string | undefined;
  /** Whether anything reads this output of a node. */
  isRead(output: Tensor): boolean;
}
