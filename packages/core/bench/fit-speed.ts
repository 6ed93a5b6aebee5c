/**
 * Where the time of a fit goes, and how fast its arithmetic is:
 *
 *     npx tsx packages/core/bench/fit-speed.ts [--photo FILE] [--runs N] [--threads N]
 *
 * JSON lines, milliseconds: `stages` of one fit with the default options; `step`, of one iteration on its compiled
 * graph, the median, and by operator, by part of the graph and the longest nodes, from ONNX Runtime's own profile
 * (which costs time itself); `arithmetic`, the operations of convolutions and matrix products as they are defined
 * and not as they are lowered (two for each multiply-add), over the time of these operators and over the step,
 * beside the speed of two plain convolutions on this machine; `torch`, the same iteration in PyTorch, where Debian's
 * python3-torch and python3-onnx are: `ratio` is our time over PyTorch's, the median of pairs that alternate.
 */
import { parseArgs } from "node:util";
import { compile, conv, Graph, type Program } from "@ganfit/autodiff";
import { pythonWith } from "../../../tools/python/find-python.node.js";
import { fit } from "../src/fit/fit.js";
import { loadFitModels } from "../src/fit/fit-models.node.js";
import { readImage } from "../src/image/decode.node.js";
import { flopsOf, isProduct } from "./fit-speed-flops.js";
import { type Feeds, withStepGraph } from "./fit-speed-graph.js";
import { partOf, profileOf, summed } from "./fit-speed-profile.js";
import { difference, TorchIteration } from "./fit-speed-torch.js";

const { values } = parseArgs({
  options: {
    photo: { type: "string", default: "examples/portrait.png" },
    runs: { type: "string", default: "40" },
    threads: { type: "string", default: "2" },
  },
});
const runs = Number(values.runs);
const threads = Number(values.threads);
const LONGEST = 25;
const WARM_UP = 3;

const rounded = (value: number) => Number(value.toPrecision(4));
const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!;
const print = (line: object) => console.log(JSON.stringify(line));

/** Medians of the times of several things done in turn, so that a busy machine slows all. */
async function inTurn(sides: readonly (() => Promise<number>)[]): Promise<number[][]> {
  const times: number[][] = sides.map(() => []);
  for (let run = -WARM_UP; run < runs; run++) {
    for (const [i, side] of sides.entries()) {
      const time = await side();
      if (run >= 0) times[i]!.push(time);
    }
  }
  return times;
}

function timed(program: Program, feeds: Feeds): () => Promise<number> {
  return async () => {
    const start = performance.now();
    await program.run(feeds);
    return performance.now() - start;
  };
}

/** A 3 x 3 convolution of as many channels in as out. */
async function plainConvolution(channels: number, side: number) {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1, channels, side, side]);
  const wave = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i));
  const w = graph.constant(wave(channels * channels * 9), "float32", [channels, channels, 3, 3]);
  const y = conv(x, w, undefined, { pads: [1, 1, 1, 1] });
  const program = await compile(graph, { inputs: { x }, outputs: { y }, threads });
  return { program, feeds: { x: wave(x.size) }, flops: flopsOf([y]) };
}

const models = await loadFitModels({});
const photo = await readImage(values.photo);
const started = performance.now();
const [result, step] = await withStepGraph(() => fit(photo, models, { threads }));
const elapsed = performance.now() - started;
await models.dispose();
print({
  stages: Object.fromEntries(Object.entries(result.timings).map(([k, v]) => [k, rounded(v)])),
  steps: result.losses.length,
  fit_ms: rounded(elapsed),
});

const { graph, options, feeds } = step;
const program = await compile(graph, { ...options, threads });
const plain = [await plainConvolution(64, 128), await plainConvolution(512, 32)];
const [steps, ...convolutions] = (await inTurn([
  timed(program, feeds),
  ...plain.map((one) => timed(one.program, one.feeds)),
])) as [number[], ...number[][]];
for (const one of plain) await one.program.dispose();
const nodes = await profileOf(step, runs, threads);
const total = nodes.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
print({
  step_ms: rounded(median(steps)),
  threads,
  profiled_ms: rounded(total),
  nodes: nodes.length,
  operators: summed(nodes, ({ operator }) => operator),
  parts: summed(nodes, partOf),
  longest: nodes
    .slice(0, LONGEST)
    .map(({ name, operator, milliseconds }) => [rounded(milliseconds), operator, name]),
});

const flops = flopsOf(Object.values(options.outputs));
const products = nodes.filter(({ operator }) => isProduct(operator));
const productTime = products.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
const speeds = plain.map((one, i) => one.flops / median(convolutions[i]!) / 1e6);
const raw = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
print({
  gflop: rounded(flops / 1e9),
  gflops_of_products: rounded(flops / productTime / 1e6),
  gflops_of_step: rounded(flops / median(steps) / 1e6),
  gflops_of_convolution: { "64x128x128": rounded(speeds[0]!), "512x32x32": rounded(speeds[1]!) },
  share_of_products: rounded(flops / productTime / 1e6 / raw),
  share_of_step: rounded(flops / median(steps) / 1e6 / raw),
});

const python = pythonWith("numpy, torch");
if (python) {
  const torch = await TorchIteration.open(python, step, threads);
  const ours = await program.run(feeds);
  const worst = Object.entries(torch.result.gradients).map(([name, gradient]) =>
    difference(ours[`d-${name}`] as Float32Array, gradient),
  );
  const [own, other] = (await inTurn([timed(program, feeds), () => torch.time()])) as [
    number[],
    number[],
  ];
  await torch.end();
  print({
    torch_ms: rounded(median(other)),
    step_ms: rounded(median(own)),
    ratio: rounded(median(own.map((time, i) => time / other[i]!))),
    difference_of_energy: rounded(difference(ours.energy as Float32Array, [torch.result.energy])),
    difference_of_gradients: rounded(Math.max(...worst)),
  });
} else {
  console.error("PyTorch is absent: install python3-torch and python3-onnx to compare with it");
}
await program.dispose();
