/** A neural network from an `.onnx` file, ready to run. */
import {
  type CompileOptions,
  compile,
  Graph,
  GraphError,
  importModel,
  type OnnxModel,
  type Program,
  readModel,
  type Shape,
  type Tensor,
  type TypedArray,
} from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";

/** Where networks run; see `CompileOptions` of @ganfit/autodiff. */
export type NetworkOptions = Pick<CompileOptions, "device" | "threads" | "wasmPaths">;

/** What a file must have to serve its purpose. All values are float32. */
export interface NetworkSignature {
  /** What the network is for, as error messages call it: "the face detector". */
  readonly purpose: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Values to compute; inner ones may be asked for as well. */
  readonly outputs: Readonly<Record<string, Shape>>;
}

export interface Network {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  /**
   * Runs once, on row-major arrays by input name; runs asked for at the same time wait for one
   * another.
   *
   * @throws GanfitError `network` when ONNX Runtime fails or a feed does not fit.
   */
  run(feeds: Readonly<Record<string, Float32Array>>): Promise<Record<string, Float32Array>>;
  /** Releases the memory once the runs asked for are done. */
  dispose(): Promise<void>;
}

/**
 * Reads and compiles a network, and checks that it has the promised inputs and outputs.
 *
 * @param bytes the `.onnx` file.
 * @throws GanfitError `network` when the file is no ONNX model, lacks an input or output, has one
 *   of another shape, or cannot be compiled for the device.
 */
export async function openNetwork(
  bytes: Uint8Array,
  signature: NetworkSignature,
  options: NetworkOptions = {},
): Promise<Network> {
  const { purpose } = signature;
  return explained(purpose, async () => {
    const model = readModel(bytes);
    const graph = new Graph();
    const inputs = boundInputs(model, graph, signature);
    const names = Object.keys(signature.outputs);
    for (const name of names) {
      if (!model.values.has(name)) throw new Mismatch(`has no output "${name}"`);
    }
    const outputs = importModel(model, graph, inputs, { outputs: names, reshape: true });
    for (const [name, shape] of Object.entries(signature.outputs)) {
      const output = outputs[name]!;
      // What operators unknown to @ganfit/autodiff give, only a run can tell.
      if (!output.typed) continue;
      const { dtype, shape: actual } = output;
      if (dtype !== "float32" || String(actual) !== String(shape)) {
        throw new Mismatch(`gives ${dtype} [${actual}] for "${name}", not float32 [${shape}]`);
      }
    }
    const program = await compile(graph, { inputs, outputs, ...options });
    return new CompiledNetwork(program, signature);
  });
}

/** Binds the inputs that the signature promises; the file must not want others. */
function boundInputs(
  model: OnnxModel,
  graph: Graph,
  { inputs }: NetworkSignature,
): Record<string, Tensor> {
  for (const { name, dtype, shape } of model.inputs) {
    const expected = inputs[name];
    if (!expected) throw new Mismatch(`wants an input "${name}" that nothing provides`);
    const fits =
      shape === undefined ||
      (shape.length === expected.length &&
        shape.every((size, i) => typeof size === "string" || size === expected[i]));
    if (dtype !== "float32" || !fits) {
      throw new Mismatch(`wants ${dtype} [${shape}] for "${name}", not float32 [${expected}]`);
    }
  }
  for (const name of Object.keys(inputs)) {
    if (!model.inputs.some((input) => input.name === name)) {
      throw new Mismatch(`has no input "${name}"`);
    }
  }
  const bound = Object.entries(inputs).map(
    ([name, shape]) => [name, graph.input(name, "float32", shape)] as const,
  );
  return Object.fromEntries(bound);
}

class CompiledNetwork implements Network {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  private readonly purpose: string;
  /** Settles when the runs asked for so far have ended; never rejects. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly program: Program,
    { purpose, inputs, outputs }: NetworkSignature,
  ) {
    this.purpose = purpose;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  run(feeds: Readonly<Record<string, Float32Array>>): Promise<Record<string, Float32Array>> {
    return this.queued(async () => {
      const results = await this.program.run(feeds as Record<string, TypedArray>);
      return results as Record<string, Float32Array>;
    });
  }

  dispose(): Promise<void> {
    return this.queued(() => this.program.dispose());
  }

  private queued<T>(action: () => Promise<T>): Promise<T> {
    const result = this.last.then(() => explained(this.purpose, action));
    this.last = result.catch(() => undefined);
    return result;
  }
}

/** A file that is an ONNX model, but not of the network it should be. */
class Mismatch extends Error {}

async function explained<T>(purpose: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Mismatch) {
      throw new GanfitError("network", `This network cannot be ${purpose}: it ${error.message}.`);
    }
    if (!(error instanceof GraphError)) throw error;
    throw new GanfitError("network", `The network of ${purpose} failed: ${error.message}.`, {
      cause: error,
    });
  }
}
