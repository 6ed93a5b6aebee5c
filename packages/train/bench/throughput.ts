/**
 * How fast the progressive networks are trained, beside the same networks in PyTorch:
 *
 *     npx tsx packages/train/bench/throughput.ts [--sizes 16,32,64,128] [--width 0.25] [--latent dense|local]
 *       [--batch N] [--steps N] [--threads N]
 *
 * A step is a whole one: pictures, the losses and gradients of both players with the slope penalty, Adam, the moving
 * average. One JSON line for each size:
 *
 *     {"size", "batch", "step_ms", "images_per_second", "torch_step_ms", "torch_images_per_second", "ratio", ...}
 *
 * Times are medians of steps that alternate between the two, so that a busy machine slows both; `ratio` is PyTorch's
 * time over ours, the median of the pairs'. Without PyTorch (Debian's python3-torch) its figures are left out.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { randomUniform } from "@ganfit/core";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { progressiveArchitecture } from "../src/networks/architecture.js";
import { batchAt, PROGRESSIVE_RECIPE } from "../src/training/recipe.js";
import { type MapSource, TextureTrainer } from "../src/training/trainer.js";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "16,32,64,128" },
    width: { type: "string", default: "0.25" },
    latent: { type: "string", default: "dense" },
    batch: { type: "string" },
    steps: { type: "string", default: "11" },
    threads: { type: "string", default: `${availableParallelism()}` },
  },
});
const width = Number(values.width);
const latent = values.latent === "local" ? "local" : "dense";
const steps = Number(values.steps);
const threads = Number(values.threads);
const WARM_UP = 2;
const SEED = 1;

/** A training at one size; `step` gives its milliseconds. */
interface Side {
  step(): Promise<number>;
  dispose(): Promise<void>;
}

/** Random maps, made once. */
function noiseSource(size: number): MapSource {
  const next = randomUniform(SEED);
  const noise = (count: number) => Float32Array.from({ length: count }, next);
  const map = () => ({ colour: noise(size * size * 3), confidence: noise(size * size) });
  const maps = Array.from({ length: 8 }, map);
  return {
    mean: { size, colour: noise(size * size * 3) },
    next: (seed) => maps[seed % maps.length]!,
  };
}

function ours(size: number, batch: number): Side {
  const trainer = new TextureTrainer({
    architecture: progressiveArchitecture(size, { width, latent }),
    // Without phases the last size stands alone from the start.
    recipe: { ...PROGRESSIVE_RECIPE, batch: { [size]: batch }, phase: 0 },
    source: noiseSource,
    seed: SEED,
    threads,
  });
  return {
    async step() {
      const begun = performance.now();
      await trainer.step();
      return performance.now() - begun;
    },
    dispose: () => trainer.dispose(),
  };
}

/** tools/torch/throughput.py, which answers each line with one. */
class Torch {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  constructor(python: string) {
    const script = fileURLToPath(new URL("../../../tools/torch/throughput.py", import.meta.url));
    this.child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async side(size: number, batch: number): Promise<Side> {
    await this.ask({ size, batch, width, latent, threads });
    return {
      step: async () => (await this.ask({})).milliseconds!,
      dispose: async () => {},
    };
  }

  async end(): Promise<void> {
    this.child.stdin.end();
    await once(this.child, "exit");
  }

  private async ask(order: object): Promise<{ milliseconds?: number }> {
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.answers.next();
    if (done) throw new Error("tools/torch/throughput.py has ended.");
    return JSON.parse(value) as { milliseconds?: number };
  }
}

const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!;
const rounded = (value: number) => Number(value.toPrecision(4));

const python = pythonWith("numpy, torch");
if (!python) console.error("PyTorch is absent: install python3-torch to compare with it");
const torch = python ? new Torch(python) : undefined;

for (const size of values.sizes.split(",").map(Number)) {
  const batch = values.batch ? Number(values.batch) : batchAt(PROGRESSIVE_RECIPE, size);
  const sides = [ours(size, batch), ...(torch ? [await torch.side(size, batch)] : [])];
  const times: number[][] = sides.map(() => []);
  for (let round = -WARM_UP; round < steps; round++) {
    for (const [i, side] of sides.entries()) {
      const time = await side.step();
      if (round >= 0) times[i]!.push(time);
    }
  }
  for (const side of sides) await side.dispose();
  const [own, other] = times as [number[], number[]?];
  const speed = (list: number[]) => rounded((1000 * batch) / median(list));
  console.log(
    JSON.stringify({
      size,
      batch,
      width,
      latent,
      threads,
      steps,
      step_ms: rounded(median(own)),
      images_per_second: speed(own),
      ...(other && {
        torch_step_ms: rounded(median(other)),
        torch_images_per_second: speed(other),
        ratio: rounded(median(other.map((time, i) => time / own[i]!))),
      }),
    }),
  );
}
await torch?.end();
