/** The functions that build operators, by family. Definitions stay inside. */
export {
  clip,
  elu,
  gelu,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  prelu,
  relu,
  softmax,
  swish,
} from "./activation.js";
export { add, div, maximum, minimum, mul, neg, pow, sub, sum } from "./arithmetic.js";
export { depthToSpace, spaceToDepth } from "./blocks.js";
export { expand, fill, reduceSum, tile } from "./broadcasting.js";
export {
  type ConvAttributes,
  type ConvTransposeAttributes,
  conv,
  convTranspose,
} from "./convolution.js";
export { cumSum, trilu } from "./cumulative.js";
export { einsum } from "./einsum.js";
export {
  abs,
  acos,
  asin,
  atan,
  ceil,
  cos,
  cosh,
  erf,
  exp,
  floor,
  log,
  reciprocal,
  round,
  sigmoid,
  sign,
  sin,
  sinh,
  softplus,
  softsign,
  sqrt,
  tan,
  tanh,
} from "./elementary.js";
export { arange, argMax, argMin, constantOfShape, eyeLike, oneHot, topK } from "./generators.js";
export { gridSample } from "./gridsample.js";
export { gather, gatherElements, gatherND, scatterElements, scatterND } from "./indexing.js";
export { cast, flatten, reshape, squeeze, transpose, unsqueeze } from "./layout.js";
export { type GemmAttributes, gemm, matmul } from "./matmul.js";
export {
  batchNormalization,
  groupNormalization,
  instanceNormalization,
  layerNormalization,
  lpNormalization,
} from "./normalisation.js";
export { averagePool, globalAveragePool, globalMaxPool, maxPool } from "./pooling.js";
export {
  reduceL1,
  reduceL2,
  reduceLogSum,
  reduceLogSumExp,
  reduceMax,
  reduceMean,
  reduceMin,
  reduceProd,
  reduceSumSquare,
} from "./reduction.js";
export { resizeLinear, resizeNearest, upsample } from "./resize.js";
export {
  and,
  equal,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  not,
  type Operand,
  or,
  where,
  xor,
} from "./selection.js";
export { concat, pad, reverse, slice, split } from "./slicing.js";
