export { ADAM_DEFAULTS, type AdamOptions, adam } from "./adam.js";
export { decayOfHalfLife, ema, type MovingAverage } from "./ema.js";
export {
  type Evaluation,
  LBFGS_DEFAULTS,
  type LbfgsOptions,
  type LbfgsReason,
  type LbfgsResult,
  lbfgs,
} from "./lbfgs.js";
export { type LinePoint, searchLine } from "./line-search.js";
export type { NamedArrays } from "./named-arrays.js";
export { type Optimiser, type OptimiserState, optimiserOf, type UpdateRule } from "./optimiser.js";
export type { ParameterGroup } from "./parameter-group.js";
export {
  constant,
  cosineDecay,
  exponentialDecay,
  linearWarmUp,
  product,
  type Schedule,
  sequence,
  stepDecay,
} from "./schedule.js";
export { SGD_DEFAULTS, type SgdOptions, sgd } from "./sgd.js";
