/** Compiling on Node: onnxruntime-node for cpu, cuda and webgpu, onnxruntime-web for wasm. */
import { channel } from "node:diagnostics_channel";
import { GraphError } from "../graph/errors.js";
import type { Graph } from "../graph/graph.js";
import {
  type CompileOptions,
  compileOn,
  type Device,
  type OrtRuntime,
  type Program,
} from "./program.js";

/** What {@link COMPILED} tells its subscribers. */
export interface Compiled {
  readonly graph: Graph;
  readonly options: CompileOptions;
  readonly program: Program;
}

/**
 * Name of the channel of Node's `diagnostics_channel` to which every compiled program is published, as
 * {@link Compiled}: benchmarks look through it at what a library compiles for itself.
 */
export const COMPILED = "ganfit:autodiff:compiled";
const compiled = channel(COMPILED);

/**
 * Turns the part of `graph` between `inputs` and `outputs` into a program.
 *
 * @throws GraphError when the outputs depend on a graph input that is not listed, when the
 *   device's runtime is not installed, or when ONNX Runtime refuses the graph.
 */
export async function compile(graph: Graph, options: CompileOptions): Promise<Program> {
  const device = options.device ?? "cpu";
  const ort = await runtimeFor(device, options.threads);
  const program = await compileOn(ort, graph, { ...options, device });
  compiled.publish({ graph, options, program } satisfies Compiled);
  return program;
}

async function runtimeFor(device: Device, threads: number | undefined): Promise<OrtRuntime> {
  const name = device === "wasm" ? "onnxruntime-web" : "onnxruntime-node";
  try {
    if (device !== "wasm") {
      const { InferenceSession, Tensor } = await import("onnxruntime-node");
      return { InferenceSession, Tensor };
    }
    const { env, InferenceSession, Tensor } = await import("onnxruntime-web");
    if (threads !== undefined) env.wasm.numThreads = threads;
    return { InferenceSession, Tensor };
  } catch (error) {
    throw new GraphError("compile", device, `needs the package ${name}; npm install ${name}`, [], {
      cause: error,
    });
  }
}
