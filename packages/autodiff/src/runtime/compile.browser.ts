/** Compiling in a web page: onnxruntime-web for wasm and webgpu. */
import { GraphError } from "../graph/errors.js";
import type { Graph } from "../graph/graph.js";
import {
  type CompileOptions,
  compileOn,
  type Device,
  type OrtRuntime,
  type Program,
} from "./program.js";

/**
 * Turns the part of `graph` between `inputs` and `outputs` into a program. Threads need a page that
 * is cross-origin isolated; without, the wasm device runs on one.
 *
 * @throws GraphError when the outputs depend on a graph input that is not listed, when the device
 *   is not a browser's, or when ONNX Runtime refuses the graph.
 */
export async function compile(graph: Graph, options: CompileOptions): Promise<Program> {
  const device = options.device ?? "wasm";
  return compileOn(await runtimeFor(device, options), graph, { ...options, device });
}

/** Each device imports the build that has it alone, half the download of the one that has all. */
async function runtimeFor(device: Device, options: CompileOptions): Promise<OrtRuntime> {
  if (device !== "wasm" && device !== "webgpu") {
    throw new GraphError("compile", device, "a web page has the devices wasm and webgpu");
  }
  const { env, InferenceSession, Tensor } =
    device === "wasm"
      ? await import("onnxruntime-web/wasm")
      : await import("onnxruntime-web/webgpu");
  if (options.threads !== undefined) env.wasm.numThreads = options.threads;
  if (options.wasmPaths !== undefined) env.wasm.wasmPaths = options.wasmPaths;
  return { InferenceSession, Tensor };
}
