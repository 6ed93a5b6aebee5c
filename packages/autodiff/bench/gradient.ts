/**
 * Forward against forward plus gradient. One JSON line per case:
 *
 *     {"name", "forward_ms", "gradient_ms", "ratio", "gflops", ...}
 *
 * forward_ms and gradient_ms (value and gradient in one program) are medians of runs that alternate
 * between the two programs, so that a busy machine slows both. gflops counts the multiply-adds of
 * the layers as the network defines them (twice each, once forward and once per gradient), whatever
 * the compiled graph really computes, over gradient_ms.
 */
import {
  compile,
  Graph,
  gradients,
  importModel,
  mul,
  type Program,
  readModelFile,
  reduceSum,
  type Tensor,
  type TypedArray,
} from "../src/index.node.js";
import { uniform, generator as uniformGenerator } from "../test/finite-differences.js";
import { progressiveGenerator } from "../test/networks/progressive-generator.js";
import { sfacePath } from "../test/networks/sface.node.js";
import { flopsOf } from "./flops.js";

interface Case {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly feeds: Readonly<Record<string, TypedArray>>;
  readonly loss: Tensor;
  readonly wanted: readonly Tensor[];
  /** Forward passes' worth of arithmetic that the gradient adds: one per differentiated side. */
  readonly backwardFactor: number;
  readonly rounds: number;
}

const random = uniformGenerator(7);
const noise = (size: number) => Float32Array.from(uniform(random, size, -1.7, 1.7));

function projection(value: Tensor): Tensor {
  const weights = value.graph.constant(noise(value.size), "float32", value.shape);
  return reduceSum(mul(value, weights));
}

function sface(): Case {
  const path = sfacePath();
  const graph = new Graph();
  const image = graph.input("image", "float32", [1, 3, 112, 112]);
  const { fc1 } = importModel(readModelFile(path), graph, { data: image });
  return {
    name: "sface input gradient 1x3x112x112",
    graph,
    inputs: { image },
    feeds: { image: Float32Array.from(uniform(random, image.size, 0, 255)) },
    loss: projection(fc1!),
    wanted: [image],
    backwardFactor: 1,
    rounds: 60,
  };
}

function generatorInput(width: number): Case {
  const graph = new Graph();
  const { latent, image } = progressiveGenerator(graph, {
    resolution: 512,
    featureBase: 8192 * width,
    featureMax: 512 * width,
  });
  return {
    name: `generator 512, width ${width}, input gradient`,
    graph,
    inputs: { latent },
    feeds: { latent: noise(latent.size) },
    loss: projection(image),
    wanted: [latent],
    backwardFactor: 1,
    rounds: 15,
  };
}

function generatorWeights(): Case {
  const graph = new Graph();
  const built = progressiveGenerator(graph, {
    resolution: 128,
    featureBase: 4096,
    featureMax: 256,
    batch: 8,
    trainable: true,
  });
  return {
    name: "generator 128, width 0.5, batch 8, weight gradients",
    graph,
    inputs: { latent: built.latent, ...built.weights },
    feeds: { latent: noise(built.latent.size), ...built.values },
    loss: projection(built.image),
    wanted: Object.values(built.weights),
    backwardFactor: 2,
    rounds: 7,
  };
}

async function median(
  programs: readonly Program[],
  feeds: Case["feeds"],
  rounds: number,
): Promise<number[]> {
  const times: number[][] = programs.map(() => []);
  for (let round = -2; round < rounds; round++) {
    for (const [i, program] of programs.entries()) {
      const start = performance.now();
      await program.run(feeds);
      if (round >= 0) times[i]!.push(performance.now() - start);
    }
  }
  return times.map((list) => list.sort((a, b) => a - b)[list.length >> 1]!);
}

const rounded = (value: number) => Number(value.toPrecision(4));

async function measure(build: () => Case): Promise<void> {
  const { name, graph, inputs, feeds, loss, wanted, backwardFactor, rounds } = build();
  const flops = flopsOf([loss]);
  const started = performance.now();
  const derivatives = gradients(loss, wanted);
  const outputs = Object.fromEntries(derivatives.map((tensor, i) => [`gradient_${i}`, tensor]));
  const both = await compile(graph, { inputs, outputs: { loss, ...outputs } });
  const prepared = performance.now() - started;
  const forward = await compile(graph, { inputs, outputs: { loss } });
  const [forwardMs, gradientMs] = (await median([forward, both], feeds, rounds)) as [
    number,
    number,
  ];
  console.log(
    JSON.stringify({
      name,
      forward_ms: rounded(forwardMs),
      gradient_ms: rounded(gradientMs),
      ratio: rounded(gradientMs / forwardMs),
      gflops: rounded((flops * (1 + backwardFactor)) / gradientMs / 1e6),
      forward_gflops: rounded(flops / forwardMs / 1e6),
      differentiate_and_compile_ms: rounded(prepared),
    }),
  );
  await Promise.all([forward.dispose(), both.dispose()]);
}

/** Runs the cases in turn, so that memory is given back between them. */
export async function gradientBenchmark(only?: string): Promise<void> {
  const cases = [sface, () => generatorInput(0.5), () => generatorInput(1), generatorWeights];
  for (const [i, build] of cases.entries()) {
    if (only === undefined || only.split(",").includes(String(i))) await measure(build);
  }
}
