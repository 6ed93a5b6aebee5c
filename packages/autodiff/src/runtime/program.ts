/**
 * A compiled graph: one ONNX Runtime session and the buffers around it. This file knows only
 * ONNX Runtime's common interface; compile.node.ts and compile.browser.ts bring the runtime.
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-common";
import { allocate, holds, type TypedArray } from "../graph/dtype.js";
import { GraphError } from "../graph/errors.js";
import type { Graph } from "../graph/graph.js";
import type { TensorType } from "../graph/operator.js";
import { sizeOf } from "../graph/shape.js";
import type { Tensor } from "../graph/tensor.js";
import { writeModel, writeSplitModel } from "../onnx/write.js";

export type Device = "cpu" | "cuda" | "webgpu" | "wasm";

/** The part of an ONNX Runtime package that is needed, whichever package it is. */
export interface OrtRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => OrtTensor;
}

export interface CompileOptions {
  /** Values fed at every run, by name; computed values may be fed too. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Values to compute, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Where to run. Default: cpu in Node, wasm in the browser. */
  readonly device?: Device;
  /**
   * Threads of the cpu and wasm devices. Default: as many as ONNX Runtime chooses. The wasm device
   * is set up once per page or process: what its first program asks for holds for all.
   */
  readonly threads?: number;
  /**
   * In a browser, where ONNX Runtime's files are: the URL of a folder that holds the
   * `ort-wasm-simd-threaded*.mjs` and `.wasm` of onnxruntime-web's `dist`, or the URL of either
   * file. Default: the `.wasm` beside the script, where Vite and webpack put it by themselves; with
   * esbuild copy it there or give the folder. A bundler that makes one file of a page (esbuild
   * without `splitting`) needs the folder for more than one thread: each would otherwise run the
   * page's script instead of its own, and compiling never end. The first program's value holds for
   * the page.
   */
  readonly wasmPaths?: string | { readonly mjs?: string | URL; readonly wasm?: string | URL };
}

export interface Program {
  readonly device: Device;
  readonly inputs: Readonly<Record<string, TensorType>>;
  /** Undefined where an unsupported operator of an imported model gives an undeclared type. */
  readonly outputs: Readonly<Record<string, TensorType | undefined>>;
  /**
   * Runs once. Arrays are row-major, of the type that holds the tensor's dtype (`Float32Array` for
   * float32, `BigInt64Array` for int64, `Uint16Array` of raw bits for float16, `Uint8Array` for
   * bool). The returned arrays are the caller's: ONNX Runtime 1.30 makes new ones even when given
   * buffers to fill (and in WebAssembly leaves those empty), so there is nothing to reuse.
   *
   * @throws GraphError when a feed is missing, unknown, or of another type or length; when a run
   *   is still under way; and when ONNX Runtime fails, naming the node.
   */
  run(feeds: Readonly<Record<string, TypedArray>>): Promise<Record<string, TypedArray>>;
  /** Releases the session. The program cannot run afterwards. */
  dispose(): Promise<void>;
}

/**
 * Threads that wait sleep. By default they spin, which beside one other busy process made a fit on two cores ten
 * times slower (57 to 6 s), each thread waiting for the other to get a core; on idle cores it is 8 % faster.
 */
const PATIENT = { session: { intra_op: { allow_spinning: "0" } } };

/** Builds the program on a given runtime. Use `compile`, which chooses the runtime by device. */
export async function compileOn(
  ort: OrtRuntime,
  graph: Graph,
  options: CompileOptions & { readonly device: Device },
): Promise<Program> {
  const { inputs, outputs, device, threads } = options;
  for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) {
    if (tensor.graph !== graph) {
      throw new GraphError("compile", tensor.name, "belongs to another graph");
    }
  }
  const native = device === "cpu" || device === "cuda";
  const { bytes, external } = native
    ? writeSplitModel({ inputs, outputs, device })
    : { bytes: writeModel({ inputs, outputs, device }), external: undefined };
  const session = await translated("compile", device, () =>
    ort.InferenceSession.create(bytes, {
      ...(external && { externalData: external }),
      executionProviders: [device],
      graphOptimizationLevel: "all",
      logSeverityLevel: 4, // errors come as exceptions
      ...(threads !== undefined && { intraOpNumThreads: threads }),
      ...(device === "cpu" && { extra: PATIENT }),
    }),
  );
  return new SessionProgram(ort, session, options);
}

class SessionProgram implements Program {
  readonly device: Device;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly outputs: Readonly<Record<string, TensorType | undefined>>;
  /** Graph inputs that some output depends on; the others are accepted and ignored. */
  private readonly fed: ReadonlySet<string>;
  private state: "idle" | "running" | "disposed" = "idle";

  constructor(
    private readonly ort: OrtRuntime,
    private readonly session: InferenceSession,
    options: CompileOptions & { readonly device: Device },
  ) {
    this.device = options.device;
    this.inputs = Object.fromEntries(
      Object.entries(options.inputs).map(([name, { dtype, shape }]) => [name, { dtype, shape }]),
    );
    this.outputs = Object.fromEntries(
      Object.entries(options.outputs).map(([name, tensor]) => {
        return [name, tensor.typed ? { dtype: tensor.dtype, shape: tensor.shape } : undefined];
      }),
    );
    this.fed = new Set(session.inputNames);
  }

  async run(feeds: Readonly<Record<string, TypedArray>>): Promise<Record<string, TypedArray>> {
    if (this.state !== "idle") {
      const problem = this.state === "running" ? "is still running; await it first" : "is disposed";
      throw new GraphError("run", undefined, `the program ${problem}`);
    }
    const tensors = this.wrap(feeds);
    this.state = "running";
    try {
      const results = await translated("run", this.device, () => this.session.run(tensors));
      return Object.fromEntries(
        Object.keys(this.outputs).map((name) => [name, dataOf(results[name]!)]),
      );
    } finally {
      this.state = "idle";
    }
  }

  async dispose(): Promise<void> {
    if (this.state === "running") {
      throw new GraphError("dispose", undefined, "the program is still running; await it first");
    }
    if (this.state === "idle") await this.session.release();
    this.state = "disposed";
  }

  private wrap(feeds: Readonly<Record<string, TypedArray>>): Record<string, OrtTensor> {
    for (const name of Object.keys(feeds)) {
      if (!this.inputs[name]) {
        const known = Object.keys(this.inputs).join(", ");
        throw new GraphError("run", name, `there is no input of this name; there are ${known}`);
      }
    }
    const tensors: Record<string, OrtTensor> = {};
    for (const name of this.fed) {
      const { dtype, shape } = this.inputs[name]!;
      const data = feeds[name];
      if (!data) throw new GraphError("run", name, "this input was not fed");
      if (!holds(dtype, data)) {
        const expected = allocate(dtype, 0).constructor.name;
        throw new GraphError(
          "run",
          name,
          `is ${dtype}: feed ${expected}, not ${(data as TypedArray).constructor.name}`,
        );
      }
      if (data.length !== sizeOf(shape)) {
        throw new GraphError("run", name, `was fed ${data.length} elements`, [shape]);
      }
      tensors[name] = new this.ort.Tensor(dtype, data, shape);
    }
    return tensors;
  }
}

/** float16 as raw bits, also where the engine has a Float16Array, which ONNX Runtime then uses. */
function dataOf(tensor: OrtTensor): TypedArray {
  const data = tensor.data as TypedArray;
  if (tensor.type !== "float16" || data instanceof Uint16Array) return data;
  return new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
}

/** ONNX Runtime's errors as GraphErrors that name the node. */
async function translated<T>(
  action: "compile" | "run",
  device: Device,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GraphError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const running = /running (\S+) node\. Name:'([^']*)'\s*(?:Status Message:\s*)?(.*)/s.exec(
      message,
    );
    const loading = /Node\s*\(([^)]*)\)\s*Op\s*\(([^)]*)\)\s*(.*)/s.exec(message);
    const [operator, node, problem] = running
      ? [running[1]!, running[2]!, running[3]!]
      : loading
        ? [loading[2]!, loading[1]!, loading[3]!]
        : [action, undefined, `ONNX Runtime failed on the device ${device}: ${message}`];
    throw new GraphError(operator, node, problem.trim(), [], { cause: error });
  }
}
