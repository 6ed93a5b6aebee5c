/** One iteration of a fit in PyTorch: tools/torch/fit_iteration.py evaluates the graph of the energy. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { writeModel } from "@ganfit/autodiff";
import { gradientsOf, type StepGraph } from "./fit-speed-graph.js";

export interface TorchResult {
  readonly energy: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

export class TorchIteration {
  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly answers: AsyncIterator<string>,
    /** Of the energy, and its gradients by what moves. */
    readonly result: TorchResult,
  ) {}

  /** Energy and gradient of the last step of `step`, as operators stand before lowering. */
  static async open(python: string, step: StepGraph, threads: number): Promise<TorchIteration> {
    const { inputs, outputs } = step.options;
    const folder = await mkdtemp(join(tmpdir(), "ganfit-torch-"));
    try {
      const model = join(folder, "energy.onnx");
      const weights = new Map(
        Object.entries(inputs).map(([name, tensor]) => [tensor, step.feeds[name]!]),
      );
      const leaves = gradientsOf(step);
      await writeFile(
        model,
        writeModel({ inputs: {}, outputs: { energy: outputs.energy! }, weights, plain: true }),
      );
      const script = fileURLToPath(
        new URL("../../../tools/torch/fit_iteration.py", import.meta.url),
      );
      const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const names = leaves.map((name) => inputs[name]!.name);
      const order = { model, leaves: names, threads };
      const result = (await ask(child, answers, order)) as TorchResult;
      return new TorchIteration(child, answers, result);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Milliseconds of one iteration. */
  async time(): Promise<number> {
    const { milliseconds } = (await ask(this.child, this.answers, {})) as { milliseconds: number };
    return milliseconds;
  }

  async end(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, "exit");
  }
}

async function ask(
  child: ChildProcessByStdio<Writable, Readable, null>,
  answers: AsyncIterator<string>,
  order: object,
): Promise<unknown> {
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error("tools/torch/fit_iteration.py has ended.");
  return JSON.parse(value);
}

/** The largest difference between two lists, in parts of the largest number. */
export function difference(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) throw new Error("lists of different lengths");
  let [largest, most] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]!));
    most = Math.max(most, Math.abs(found[i]! - wanted[i]!));
  }
  return most === 0 ? 0 : most / largest;
}
