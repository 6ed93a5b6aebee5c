/** The package's entry in Node. */
export * from "./index.js";
export { readModelFile } from "./onnx/read-file.node.js";
export { compile } from "./runtime/compile.node.js";
