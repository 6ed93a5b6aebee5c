/**
 * One size's training as compiled graphs that are fed with the weights at every run and give the gradients of either
 * player's losses.
 */
import {
  abs,
  add,
  compile,
  concat,
  type Device,
  Graph,
  gradients,
  mul,
  type Program,
  reduceMean,
  reverse,
  slice,
  sub,
  type Tensor,
} from "@ganfit/autodiff";
import { type TextureMap, toPlanes } from "@ganfit/core";
import { type AdaTensors, adaInputs, augmentInGraph } from "../augment/ada-graph.js";
import type { AdaParameters } from "../augment/ada-parameters.js";
import type { TextureArchitecture } from "../networks/architecture.js";
import { cropPlanes } from "../networks/area.js";
import { halved } from "../networks/layers.js";
import {
  type TrainableWeights,
  trainableWeights,
  type WeightSpec,
  type WeightValues,
} from "../networks/weights.js";
import {
  type Adversary,
  type AdversaryWeights,
  discriminatorLoss,
  generatorLoss,
  slopePenalty,
} from "./adversarial-loss.js";
import { colourLoss, detailLoss } from "./texture-losses.js";

export const GENERATOR = "generator/";
export const DISCRIMINATOR = "discriminator/";

/** How much each loss counts for the generator. */
export interface LossWeights {
  readonly adversary: number;
  /** Colours of maps whose latents are known, at every size that the generator gives. */
  readonly colour: number;
  /** Strength of detail. */
  readonly detail: number;
}

export interface ProgramOptions {
  readonly architecture: TextureArchitecture;
  readonly size: number;
  /** Maps of each step. */
  readonly batch: number;
  /** Whether the latents of the maps are known; as many random ones come with them. */
  readonly encoded: boolean;
  /** Whether what the discriminator sees is augmented, see ada.ts. */
  readonly augmented: boolean;
  readonly adversary: Adversary;
  readonly slopes: AdversaryWeights;
  readonly weights: LossWeights;
  /** By how much the slope counts more in the steps in which it counts. */
  readonly penalty: number;
  /** Of `size`: what an unseen texel shows the discriminator. */
  readonly mean: TextureMap;
  readonly device?: Device;
  readonly threads?: number;
}

/** Strength of detail is compared within cells of several texels. */
const LEAST_DETAILED = 64;

export interface Batch {
  /** `n x 3 x height x width` of the architecture's area at this size. */
  readonly real: Float32Array;
  /** `n x 1 x height x width` in [0, 1]. */
  readonly mask: Float32Array;
  /** Of the maps, where known, then random ones: `n` or `2 n` times `latentSize`. */
  readonly latent: Float32Array;
  /** In [0, 1]; 1 where the size stands alone. */
  readonly fade: number;
  /** Where the programs are augmented: of the generated pictures and of the real ones. */
  readonly augmentation?: { readonly generated: AdaParameters; readonly real: AdaParameters };
}

export interface StepResult {
  readonly losses: Readonly<Record<string, number>>;
  /** By weight. */
  readonly gradients: WeightValues;
}

export interface TrainingPrograms {
  readonly generatorSpecs: ReadonlyMap<string, WeightSpec>;
  readonly discriminatorSpecs: ReadonlyMap<string, WeightSpec>;
  /** Pictures are of the batch's latents, as the generator makes them before it is changed. */
  generatorStep(
    weights: WeightValues,
    batch: Batch,
  ): Promise<StepResult & { readonly pictures: Float32Array }>;
  /**
   * @param generated pictures of the batch's latents
   * @param share `n` numbers in [0, 1], see `slopePenalty`
   * @param penalise whether the slope counts in this step
   * @returns also the real maps' scores, `n x k`
   */
  discriminatorStep(
    weights: WeightValues,
    batch: Batch & { generated: Float32Array; share: Float32Array },
    penalise: boolean,
  ): Promise<StepResult & { readonly scores: Float32Array }>;
  dispose(): Promise<void>;
}

/** @throws GraphError where a graph cannot be compiled or run */
export async function trainingPrograms(options: ProgramOptions): Promise<TrainingPrograms> {
  const generator = await generatorProgram(options);
  const plain = await discriminatorProgram(options, false);
  const penalised = await discriminatorProgram(options, true);
  const scalar = (value: number) => Float32Array.of(value);
  return {
    generatorSpecs: generator.own,
    discriminatorSpecs: plain.own,
    async generatorStep(weights, { real, mask, latent, fade, augmentation }) {
      const { pictures, ...rest } = await generator.run(weights, {
        ...(augmentation && fed(augmentation.generated, "ada-generated")),
        real,
        mask,
        latent,
        fade: scalar(fade),
      });
      return { ...resultOf(rest), pictures: pictures as Float32Array };
    },
    async discriminatorStep(weights, batch, penalise) {
      const { real, mask, generated, share, fade, augmentation } = batch;
      const feeds = {
        ...(augmentation && fed(augmentation.generated, "ada-generated")),
        ...(augmentation && fed(augmentation.real, "ada-real")),
        real,
        mask,
        generated,
        fade: scalar(fade),
      };
      const { scores, ...rest } = penalise
        ? await penalised.run(weights, { ...feeds, share })
        : await plain.run(weights, feeds);
      return { ...resultOf(rest), scores: scores as Float32Array };
    },
    async dispose() {
      for (const { program } of [generator, plain, penalised]) await program.dispose();
    },
  };
}

interface Runnable {
  readonly program: Program;
  /** The weights that it has gradients for. */
  readonly own: ReadonlyMap<string, WeightSpec>;
  run(weights: WeightValues, feeds: Record<string, Float32Array>): ReturnType<Program["run"]>;
}

async function runnable(
  graph: Graph,
  { device, threads }: ProgramOptions,
  players: readonly TrainableWeights[],
  inputs: Record<string, Tensor>,
  outputs: Record<string, Tensor>,
): Promise<Runnable> {
  const program = await compile(graph, {
    inputs: { ...inputs, ...Object.assign({}, ...players.map(({ tensors }) => tensors)) },
    outputs,
    ...(device && { device }),
    ...(threads && { threads }),
  });
  const names = players.flatMap(({ specs }) => [...specs.keys()]);
  return {
    program,
    own: players[0]!.specs,
    run: (weights, feeds) =>
      program.run({ ...Object.fromEntries(names.map((name) => [name, weights[name]!])), ...feeds }),
  };
}

function latentCount({ batch, encoded }: ProgramOptions): number {
  return encoded ? 2 * batch : batch;
}

function generatorProgram(options: ProgramOptions): Promise<Runnable> {
  const { architecture, size, batch, encoded, adversary, weights: shares } = options;
  const { height, width } = architecture.area(size);
  const graph = new Graph();
  const own = trainableWeights(graph, GENERATOR);
  const other = trainableWeights(graph, DISCRIMINATOR);
  const inputs = {
    real: graph.input("real", "float32", [batch, 3, height, width]),
    mask: graph.input("mask", "float32", [batch, 1, height, width]),
    latent: graph.input("latent", "float32", [latentCount(options), architecture.latentSize]),
    fade: graph.input("fade", "float32", [1]),
  };
  const { real, mask, latent, fade } = inputs;
  const made = architecture.generator(own.source, latent, size, fade);
  const largest = made.get(size)!;
  const masks = encoded ? concat([mask, mask], 0) : mask;
  const ada = adaOf(graph, options, "ada-generated", latentCount(options));
  const shown = shownPictures(graph, options, largest, masks, ada);
  const scores = architecture.discriminator(other.source, shown, size, fade);
  const losses: Record<string, Tensor> = { adversary: generatorLoss(adversary, scores) };
  if (encoded) {
    const known = (x: Tensor) => slice(x, [0], [batch], [0]);
    let target = { real, mask };
    const terms: Tensor[] = [];
    for (let side = size; made.has(side); side /= 2) {
      terms.push(colourLoss(known(made.get(side)!), target.real, target.mask));
      target = { real: halved(target.real), mask: halved(target.mask) };
    }
    losses.colour = terms.reduce((sum, term) => add(sum, term));
    if (size >= LEAST_DETAILED) {
      losses.detail = add(
        detailLoss(known(largest), real, mask),
        detailLoss(slice(largest, [batch], [2 * batch], [0]), real, mask),
      );
    }
  }
  const total = Object.entries(losses)
    .map(([name, loss]) => mul(loss, shares[name as keyof LossWeights]))
    .reduce((sum, term) => add(sum, term));
  const slopes = namedGradients(total, own);
  if (!encoded) Object.assign(slopes, followedGradients(made, size, own, slopes));
  return runnable(
    graph,
    options,
    [own, other],
    { ...inputs, ...fed(ada, "ada-generated") },
    {
      pictures: largest,
      ...namedLosses(losses),
      ...slopes,
    },
  );
}

/**
 * What a size's colours were when it was the largest is lost as the features that they are made of change. So the last
 * layers of the smaller sizes, and only they, learn to show what the largest shows: fits go from coarse to fine.
 */
function followedGradients(
  made: ReadonlyMap<number, Tensor>,
  size: number,
  { tensors }: TrainableWeights,
  slopes: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  const followed: Record<string, Tensor> = {};
  let target = made.get(size)!;
  for (let side = size / 2; made.has(side); side /= 2) {
    target = halved(target);
    const difference = reduceMean(abs(sub(made.get(side)!, target)));
    const names = Object.keys(tensors).filter((name) =>
      name.startsWith(`${GENERATOR}${side}x${side}/colour/`),
    );
    const own = gradients(
      difference,
      names.map((name) => tensors[name]!),
    );
    names.forEach((name, i) => {
      followed[`d/${name}`] = add(slopes[`d/${name}`]!, own[i]!);
    });
  }
  return followed;
}

async function discriminatorProgram(options: ProgramOptions, penalise: boolean): Promise<Runnable> {
  const { architecture, size, batch, adversary, encoded, slopes } = options;
  const { height, width } = architecture.area(size);
  const graph = new Graph();
  const own = trainableWeights(graph, DISCRIMINATOR);
  const count = latentCount(options);
  const inputs = {
    real: graph.input("real", "float32", [batch, 3, height, width]),
    mask: graph.input("mask", "float32", [batch, 1, height, width]),
    generated: graph.input("generated", "float32", [count, 3, height, width]),
    fade: graph.input("fade", "float32", [1]),
  };
  const share = graph.input("share", "float32", [batch, 1, 1, 1]);
  const { real, mask, fade } = inputs;
  const masks = encoded ? concat([mask, mask], 0) : mask;
  const critic = (pictures: Tensor) => architecture.discriminator(own.source, pictures, size, fade);
  const adaReal = adaOf(graph, options, "ada-real", batch);
  const adaMade = adaOf(graph, options, "ada-generated", count);
  const shownReal = shownPictures(graph, options, real, mask, adaReal);
  const shownMade = shownPictures(graph, options, inputs.generated, masks, adaMade);
  const scores = critic(shownReal);
  const losses: { discriminator: Tensor; slope?: Tensor } = {
    discriminator: discriminatorLoss(adversary, scores, critic(shownMade), slopes),
  };
  if (penalise) {
    // Of two kinds of generated pictures the random ones, which a user sees.
    const generated = slice(shownMade, [count - batch], [count], [0]);
    losses.slope = slopePenalty(adversary, critic, { real: shownReal, generated, share }, slopes);
  }
  const total = losses.slope
    ? add(losses.discriminator, mul(losses.slope, options.penalty))
    : losses.discriminator;
  const fedToo = {
    ...(penalise && { share }),
    ...fed(adaReal, "ada-real"),
    ...fed(adaMade, "ada-generated"),
  };
  return runnable(
    graph,
    options,
    [own],
    { ...inputs, ...fedToo },
    {
      ...namedLosses(losses),
      scores,
      ...namedGradients(total, own),
    },
  );
}

/**
 * What the discriminator sees: colours where the mask is 1, the mean where it is 0, and the mask; all of it augmented, if
 * that is wanted.
 */
function shownPictures(
  graph: Graph,
  { mean, size, architecture }: ProgramOptions,
  pictures: Tensor,
  mask: Tensor,
  ada: AdaTensors | undefined,
): Tensor {
  const area = architecture.area(size);
  const planes = cropPlanes(toPlanes(mean.colour, size * size), size, area);
  const usual = graph.constant(planes, "float32", [1, 3, area.height, area.width]);
  const shown = add(usual, mul(sub(pictures, usual), mask));
  if (!ada) return concat([shown, mask], 1);
  const signed = augmentInGraph(add(mul(shown, 2), -1), ada);
  const turned = add(mask, mul(ada.mirror, sub(reverse(mask, [3]), mask)));
  return concat([add(mul(signed, 0.5), 0.5), turned], 1);
}

function adaOf(
  graph: Graph,
  { augmented, architecture, size }: ProgramOptions,
  prefix: string,
  count: number,
): AdaTensors | undefined {
  const { height, width } = architecture.area(size);
  return augmented ? adaInputs(graph, [count, 3, height, width], prefix) : undefined;
}

/** Inputs of a graph or their values by the names that they have as its inputs. */
function fed<T>(values: Readonly<Record<keyof AdaParameters, T>> | undefined, prefix: string) {
  const entries = Object.entries(values ?? {}).map(([key, value]) => [`${prefix}.${key}`, value]);
  return Object.fromEntries(entries) as Record<string, T>;
}

function namedLosses(losses: Record<string, Tensor>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(losses).map(([name, loss]) => [`loss/${name}`, loss]));
}

function namedGradients(total: Tensor, { tensors }: TrainableWeights): Record<string, Tensor> {
  const slopes = gradients(total, Object.values(tensors));
  return Object.fromEntries(Object.keys(tensors).map((name, i) => [`d/${name}`, slopes[i]!]));
}

function resultOf(outputs: Awaited<ReturnType<Program["run"]>>): StepResult {
  const losses: Record<string, number> = {};
  const slopes: WeightValues = {};
  for (const [name, values] of Object.entries(outputs)) {
    if (name.startsWith("loss/")) losses[name.slice(5)] = Number(values[0]);
    else slopes[name.slice(2)] = values as Float32Array;
  }
  return { losses, gradients: slopes };
}
