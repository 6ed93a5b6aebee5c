/** The package's entry in Node. */
export * from "./index.js";
export { readModelFile } from "./onnx/read-file.node.js";
export { COMPILED, type Compiled, compile } from "./runtime/compile.node.js";
