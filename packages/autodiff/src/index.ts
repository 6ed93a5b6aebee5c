/** Everything but `compile`, which index.node.ts and index.browser.ts add for their runtimes. */
export { type GradientOptions, gradients } from "./differentiate/gradients.js";
export { evaluate } from "./evaluate/evaluate.js";
export type { DType, TypedArray } from "./graph/dtype.js";
export { GraphError, UnsupportedError } from "./graph/errors.js";
export { type ConstantValue, Graph } from "./graph/graph.js";
export type { TensorType } from "./graph/operator.js";
export type { Shape } from "./graph/shape.js";
export { Tensor } from "./graph/tensor.js";
export { type ImportOptions, importModel } from "./onnx/import.js";
export {
  type OnnxModel,
  type ReadOptions,
  readModel,
  type ValueDeclaration,
} from "./onnx/read.js";
export type { ExternalData } from "./onnx/tensor-proto.js";
export { DEFAULT_OPSET, type WriteOptions, writeModel } from "./onnx/write.js";
export * from "./operators/index.js";
export { supportedOperators } from "./operators/registry.js";
export * from "./optimisers/index.js";
export type { CompileOptions, Device, Program } from "./runtime/program.js";
