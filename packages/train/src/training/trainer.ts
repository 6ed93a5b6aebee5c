/**
 * Trains a texture generator against its discriminator, one batch of maps after the other. All that the next step
 * depends on is in the state, and random numbers depend on the seed and the number of the step alone: stopped and
 * resumed, training goes on to the same bits.
 */
import {
  adam,
  type Device,
  decayOfHalfLife,
  ema,
  type MovingAverage,
  type Optimiser,
} from "@ganfit/autodiff";
import { GanfitError, randomNormals, randomUniform, type TextureMap, toPlanes } from "@ganfit/core";
import { AdaController, type AdaState } from "../augment/ada.js";
import { sampleAda } from "../augment/ada-parameters.js";
import type { TextureArchitecture } from "../networks/architecture.js";
import { cropPlanes } from "../networks/area.js";
import { initialValues, type WeightSpec, type WeightValues } from "../networks/weights.js";
import { batchAt, type Phase, phaseAt, phasesOf, type Recipe } from "./recipe.js";
import {
  type Batch,
  DISCRIMINATOR,
  GENERATOR,
  type TrainingPrograms,
  trainingPrograms,
} from "./training-programs.js";

export interface TrainingMap {
  /** `size x size x 3` in [0, 1]. */
  readonly colour: Float32Array;
  /** `size x size` in [0, 1]. */
  readonly confidence: Float32Array;
  /** From which the generator should make it, where that is known. */
  readonly latent?: Float32Array;
}

/** Where maps come from, at one size. */
export interface MapSource {
  /** Of this size: what the discriminator sees where nothing is known. */
  readonly mean: TextureMap;
  /** Another map for every seed. */
  next(seed: number): TrainingMap;
}

export interface TrainerOptions {
  readonly architecture: TextureArchitecture;
  readonly recipe: Recipe;
  /** @param size one of the architecture's */
  source(size: number): MapSource;
  readonly seed: number;
  readonly device?: Device;
  readonly threads?: number;
}

export interface TrainingReport {
  /** Maps shown so far. */
  readonly images: number;
  readonly step: number;
  readonly size: number;
  readonly fade: number;
  readonly losses: Readonly<Record<string, number>>;
}

/** Plain data. Weights are named as the programs name them, `generator/...` and `discriminator/...`. */
export interface TrainingState {
  readonly images: number;
  readonly step: number;
  /** At which the optimisers are. */
  readonly size: number;
  readonly weights: WeightValues;
  /** Moving averages of the generator's weights. */
  readonly averages: WeightValues;
  /** Moments of Adam for both players, `m/WEIGHT` and `v/WEIGHT`, and the steps of each. */
  readonly moments: WeightValues;
  readonly optimiserSteps: number;
  readonly augmentation: AdaState;
}

/** The training so far may count for this share of the averages' half-life, so that they are of use from the start. */
const AVERAGE_RAMP = 0.05;

export class TextureTrainer {
  private readonly phases: readonly Phase[];
  private readonly weights: WeightValues = {};
  private average: MovingAverage = ema([]);
  private images = 0;
  private stepCount = 0;
  private size = 0;
  private programs: TrainingPrograms | undefined;
  private source: MapSource | undefined;
  private ada: AdaController;
  private optimisers: { generator: Optimiser; discriminator: Optimiser } | undefined;

  constructor(private readonly options: TrainerOptions) {
    const { architecture, recipe } = options;
    this.phases = phasesOf(architecture.sizes, recipe);
    this.ada = this.controller();
  }

  /**
   * Goes on from a state, which must be of the same options. Call before the first step.
   *
   * @throws GanfitError `usage` where the state lacks what the networks need, or is of another shape
   */
  async restore(state: TrainingState): Promise<void> {
    if (!this.options.architecture.sizes.includes(state.size)) {
      throw new GanfitError("usage", `Nothing is trained at ${state.size} texels.`);
    }
    this.images = state.images;
    this.stepCount = state.step;
    this.ada = this.controller(state.augmentation);
    Object.assign(this.weights, copies(state.weights));
    await this.grow(state.size);
    requireComplete(state, this.specs);
    const names = Object.keys(this.average.averages);
    this.average.restore(Object.fromEntries(names.map((name) => [name, state.averages[name]!])));
    const { generator, discriminator } = this.optimisers!;
    const own = (prefix: string) => ({
      step: state.optimiserSteps,
      tensors: Object.fromEntries(
        Object.entries(state.moments).filter(([name]) => name.slice(2).startsWith(prefix)),
      ),
    });
    generator.restore(own(GENERATOR));
    discriminator.restore(own(DISCRIMINATOR));
  }

  /** Shapes of all weights so far. */
  readonly specs = new Map<string, WeightSpec>();

  /** A copy. @throws GanfitError `usage` before the first step */
  state(): TrainingState {
    if (!this.optimisers) throw new GanfitError("usage", "Nothing has been trained yet.");
    const { generator, discriminator } = this.optimisers;
    const [own, other] = [generator.state(), discriminator.state()];
    return {
      images: this.images,
      step: this.stepCount,
      size: this.size,
      weights: copies(this.weights),
      averages: this.average.state(),
      moments: { ...own.tensors, ...other.tensors },
      optimiserSteps: own.step,
      augmentation: this.ada.state,
    };
  }

  /** One batch, by which both players learn. */
  async step(): Promise<TrainingReport> {
    const { recipe } = this.options;
    const { size, fade } = phaseAt(this.phases, this.images);
    if (size !== this.size || !this.programs) await this.grow(size);
    const programs = this.programs!;
    const count = batchAt(recipe, size);
    const batch = this.batch(count, size, fade);
    const made = await programs.generatorStep(this.weights, batch);
    const penalise = this.stepCount % recipe.penaltyEvery === 0;
    const share = numbers(this.streamOf("share"), count);
    const judged = await programs.discriminatorStep(
      this.weights,
      { ...batch, generated: made.pictures, share },
      penalise,
    );
    this.learn(made.gradients, judged.gradients);
    if (recipe.augmentOver > 0) this.ada.update(judged.scores);
    this.stepCount++;
    this.images += count;
    const halfLife = Math.min(recipe.averageOver, AVERAGE_RAMP * this.images);
    this.average.update(decayOfHalfLife(halfLife, count));
    return {
      images: this.images,
      step: this.stepCount,
      size,
      fade,
      losses: { ...made.losses, ...judged.losses },
    };
  }

  async dispose(): Promise<void> {
    await this.programs?.dispose();
    this.programs = undefined;
  }

  /** Programs and weights of another size; the optimisers begin anew, as in the paper's code, the averages go on. */
  private async grow(size: number): Promise<void> {
    const { architecture, recipe, seed, device, threads } = this.options;
    await this.dispose();
    this.size = size;
    this.source = this.options.source(size);
    this.programs = await trainingPrograms({
      architecture,
      size,
      batch: batchAt(recipe, size),
      encoded: recipe.encoded,
      augmented: recipe.augmentOver > 0,
      adversary: recipe.adversary,
      slopes: recipe.slopes,
      weights: recipe.losses,
      penalty: recipe.penaltyEvery,
      mean: this.source.mean,
      ...(device && { device }),
      ...(threads && { threads }),
    });
    const { generatorSpecs, discriminatorSpecs } = this.programs;
    for (const [name, spec] of [...generatorSpecs, ...discriminatorSpecs]) {
      this.specs.set(name, spec);
    }
    const begun = initialValues(new Map([...generatorSpecs, ...discriminatorSpecs]), seed);
    for (const [name, values] of Object.entries(begun)) this.weights[name] ??= values;
    const { learningRate, beta1, beta2 } = recipe;
    const groups = (names: Iterable<string>) =>
      [...names].map((name) => ({ name, values: this.weights[name]! }));
    const { averages } = this.average;
    this.average = ema(groups(generatorSpecs.keys()));
    this.average.restore({ ...this.average.averages, ...averages });
    const optimiser = (names: Iterable<string>, rate: number) =>
      adam(groups(names), { learningRate: rate, beta1, beta2 });
    this.optimisers = {
      generator: optimiser(generatorSpecs.keys(), learningRate.generator),
      discriminator: optimiser(discriminatorSpecs.keys(), learningRate.discriminator),
    };
  }

  private batch(count: number, size: number, fade: number): Batch {
    const { architecture, recipe } = this.options;
    const area = architecture.area(size);
    const texels = area.width * area.height;
    const real = new Float32Array(count * 3 * texels);
    const mask = new Float32Array(count * texels);
    const random = randomNormals(count * architecture.latentSize, this.streamOf("latent"));
    const latent = new Float32Array((recipe.encoded ? 2 : 1) * random.length);
    latent.set(random, latent.length - random.length);
    const next = randomUniform(this.streamOf("map"));
    for (let i = 0; i < count; i++) {
      const map = this.source!.next(Math.floor(next() * 2 ** 32));
      real.set(cropPlanes(toPlanes(map.colour, size * size), size, area), i * 3 * texels);
      mask.set(cropPlanes(map.confidence, size, area), i * texels);
      if (!recipe.encoded) continue;
      if (!map.latent) throw new GanfitError("usage", "The maps' latents are not known.");
      latent.set(map.latent, i * map.latent.length);
    }
    if (recipe.augmentOver === 0) return { real, mask, latent, fade };
    const sampled = (n: number, use: "ada-generated" | "ada-real") =>
      sampleAda(this.ada.p, [n, 3, area.height, area.width], this.streamOf(use));
    const augmentation = {
      generated: sampled(latent.length / architecture.latentSize, "ada-generated"),
      real: sampled(count, "ada-real"),
    };
    return { real, mask, latent, fade, augmentation };
  }

  private controller(state?: AdaState): AdaController {
    const { augmentOver } = this.options.recipe;
    return new AdaController(augmentOver > 0 ? { length: augmentOver } : {}, state);
  }

  /** @throws GanfitError `network` where the gradients are no numbers to go by */
  private learn(generator: WeightValues, discriminator: WeightValues): void {
    try {
      this.optimisers!.generator.step(generator);
      this.optimisers!.discriminator.step(discriminator);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new GanfitError(
        "network",
        `The training diverged in step ${this.stepCount + 1} (${error.message}); go on from an earlier checkpoint, or begin with another seed.`,
        { cause: error },
      );
    }
  }

  /** A seed of this step for one use. */
  private streamOf(use: keyof typeof STREAMS): number {
    const mixed =
      Math.imul(this.options.seed + 1, 0x9e3779b1) ^ (this.stepCount * 8 + STREAMS[use]);
    return Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0;
  }
}

/** @param specs of the networks at the state's size */
function requireComplete(
  { weights, averages, moments }: TrainingState,
  specs: ReadonlyMap<string, WeightSpec>,
): void {
  for (const [name, { shape }] of specs) {
    const length = shape.reduce((product, side) => product * side, 1);
    const needed = [
      weights[name],
      moments[`m/${name}`],
      moments[`v/${name}`],
      ...(name.startsWith(GENERATOR) ? [averages[name]] : []),
    ];
    if (needed.every((values) => values?.length === length)) continue;
    throw new GanfitError(
      "usage",
      `The training cannot go on: ${name} of [${shape}], its average or its moments are absent or of another size.`,
    );
  }
}

const STREAMS = { share: 1, latent: 2, map: 3, "ada-generated": 4, "ada-real": 5 } as const;

function numbers(seed: number, count: number): Float32Array {
  const next = randomUniform(seed);
  return Float32Array.from({ length: count }, next);
}

function copies(values: WeightValues): WeightValues {
  return Object.fromEntries(Object.entries(values).map(([name, array]) => [name, array.slice()]));
}
