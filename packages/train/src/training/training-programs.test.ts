import { evaluate, Graph, type Tensor } from "@ganfit/autodiff";
import { randomUniform, toPlanes } from "@ganfit/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { constantMaps } from "../../test/constant-maps.js";
import { feedsOf, noise } from "../../test/network-values.js";
import { sampleAda } from "../augment/ada-parameters.js";
import { progressiveArchitecture } from "../networks/architecture.js";
import { initialValues, trainableWeights, type WeightValues } from "../networks/weights.js";
import {
  ADVERSARY_WEIGHTS,
  type Adversary,
  discriminatorLoss,
  generatorLoss,
  slopePenalty,
} from "./adversarial-loss.js";
import {
  DISCRIMINATOR,
  GENERATOR,
  type ProgramOptions,
  type TrainingPrograms,
  trainingPrograms,
} from "./training-programs.js";

const [N, SIZE, LATENT] = [2, 8, 16];
const TEXELS = SIZE * SIZE;
const FADE = 0.6;
const PENALTY = 2;
const architecture = progressiveArchitecture(SIZE, { width: 1 / 128, latentSize: LATENT });
const mean = constantMaps()(SIZE).mean;

function unit(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, randomUniform(seed));
}

const OPTIONS: ProgramOptions = {
  architecture,
  size: SIZE,
  batch: N,
  encoded: false,
  augmented: false,
  adversary: "wgan-gp",
  slopes: { ...ADVERSARY_WEIGHTS, r1: 0.5 },
  weights: { adversary: 1, colour: 0, detail: 0 },
  penalty: PENALTY,
  mean,
  threads: 1,
};

const BATCH = {
  real: unit(N * 3 * TEXELS, 1),
  mask: unit(N * TEXELS, 2),
  latent: noise(N * LATENT, 3),
  fade: FADE,
};
const JUDGED = { ...BATCH, generated: unit(N * 3 * TEXELS, 4), share: unit(N, 5) };

/** What the discriminator sees, by a loop: colours mixed with the mean by the mask, and the mask. */
function shown(colours: ArrayLike<number>, mask: Float32Array): Float64Array {
  const usual = toPlanes(mean.colour, TEXELS);
  return Float64Array.from({ length: N * 4 * TEXELS }, (_, i) => {
    const [picture, plane] = [Math.floor(i / (4 * TEXELS)), Math.floor(i / TEXELS) % 4];
    const texel = i % TEXELS;
    const known = mask[picture * TEXELS + texel]!;
    if (plane === 3) return known;
    const own = colours[(picture * 3 + plane) * TEXELS + texel]!;
    return known * own + (1 - known) * usual[plane * TEXELS + texel]!;
  });
}

/** A loss of the weights, evaluated in float64 by the reference interpreter. */
type LossAt = (weights: WeightValues) => number;

/** The critic's loss and penalty, put together anew from what the discriminator sees. */
function criticLoss(adversary: Adversary, penalty: number): LossAt {
  const graph = new Graph();
  const own = trainableWeights(graph, DISCRIMINATOR);
  const input = (name: string, shape: readonly number[]) => graph.input(name, "float32", shape);
  const real = input("real", [N, 4, SIZE, SIZE]);
  const generated = input("generated", [N, 4, SIZE, SIZE]);
  const share = input("share", [N, 1, 1, 1]);
  const fade = input("fade", [1]);
  const critic = (x: Tensor) => architecture.discriminator(own.source, x, SIZE, fade);
  const { slopes } = OPTIONS;
  const losses = [
    discriminatorLoss(adversary, critic(real), critic(generated), slopes),
    slopePenalty(adversary, critic, { real, generated, share }, slopes),
  ];
  const feeds = new Map<Tensor, ArrayLike<number>>([
    [real, shown(JUDGED.real, JUDGED.mask)],
    [generated, shown(JUDGED.generated, JUDGED.mask)],
    [share, JUDGED.share],
    [fade, [FADE]],
  ]);
  return (weights) => {
    const [loss, slope] = evaluate(losses, new Map([...feeds, ...feedsOf(own, weights)]));
    return loss![0]! + penalty * slope![0]!;
  };
}

/** The generator's loss: its pictures from one graph, their scores from another. */
function generatorLossAt(adversary: Adversary): LossAt {
  const graph = new Graph();
  const own = trainableWeights(graph, GENERATOR);
  const latent = graph.input("latent", "float32", [N, LATENT]);
  const fade = graph.input("fade", "float32", [1]);
  const picture = architecture.generator(own.source, latent, SIZE, fade).get(SIZE)!;
  const other = trainableWeights(graph, DISCRIMINATOR);
  const seen = graph.input("seen", "float32", [N, 4, SIZE, SIZE]);
  const loss = generatorLoss(adversary, architecture.discriminator(other.source, seen, SIZE, fade));
  return (weights) => {
    const common = [[fade, [FADE]] as const];
    const [colours] = evaluate(
      [picture],
      new Map<Tensor, ArrayLike<number>>([
        ...common,
        ...feedsOf(own, weights),
        [latent, BATCH.latent],
      ]),
    );
    const [value] = evaluate(
      [loss],
      new Map<Tensor, ArrayLike<number>>([
        ...common,
        ...feedsOf(other, weights),
        [seen, shown(colours!, BATCH.mask)],
      ]),
    );
    return value![0]!;
  };
}

/**
 * Compares gradients with central differences, one random direction for each weight.
 *
 * @param step along a direction of unit length, so short that it crosses no rectifier's bend
 */
function expectSlopes(
  loss: LossAt,
  weights: WeightValues,
  slopes: WeightValues,
  names: readonly string[],
  step = 1e-6,
): void {
  const found: [name: string, slope: number, difference: number][] = names.map((name, i) => {
    const direction = noise(weights[name]!.length, 100 + i);
    const length = Math.hypot(...direction);
    const moved = (by: number) =>
      ({
        ...weights,
        [name]: Float64Array.from(weights[name]!, (w, k) => w + (by * direction[k]!) / length),
      }) as unknown as WeightValues;
    const difference = (loss(moved(step)) - loss(moved(-step))) / (2 * step);
    const slope = slopes[name]!.reduce((sum, value, k) => sum + value * direction[k]!, 0) / length;
    return [name, slope, difference];
  });
  const scale = Math.max(...found.map(([, , difference]) => Math.abs(difference)));
  expect(scale).toBeGreaterThan(0.01);
  for (const [name, slope, difference] of found) {
    expect(Math.abs(slope - difference) / scale, `${name}: ${slope}, ${difference}`).toBeLessThan(
      2e-3,
    );
  }
}

describe.each<Adversary>(["wgan-gp", "logistic"])("the programs of %s", (adversary) => {
  let programs: TrainingPrograms;
  let weights: WeightValues;
  beforeAll(async () => {
    programs = await trainingPrograms({ ...OPTIONS, adversary });
    const specs = new Map([...programs.generatorSpecs, ...programs.discriminatorSpecs]);
    weights = initialValues(specs, 6);
    // Biases begin as zeros, which would hide what they do.
    for (const [name, values] of Object.entries(weights)) {
      if (name.endsWith("/bias")) values.set(noise(values.length, 7).map((value) => value / 4));
    }
  });
  afterAll(() => programs.dispose());

  it("give the generator's loss and its gradients", async () => {
    const { losses, gradients, pictures } = await programs.generatorStep(weights, BATCH);
    expect(pictures).toHaveLength(N * 3 * TEXELS);
    const loss = generatorLossAt(adversary);
    expect(losses.adversary).toBeCloseTo(loss(weights), 4);
    const names = [...programs.generatorSpecs.keys()];
    expect(Object.keys(gradients).sort()).toEqual(names.slice().sort());
    // The smaller size's colours also follow the larger's, see below.
    const others = names.filter((name) => !name.includes("4x4/colour"));
    expectSlopes(loss, weights, gradients, others);
  });

  it("give the discriminator's loss and its gradients, the slope's penalty included", async () => {
    const { losses, gradients, scores } = await programs.discriminatorStep(weights, JUDGED, true);
    expect(scores).toHaveLength(N);
    const loss = criticLoss(adversary, PENALTY);
    expect(losses.discriminator! + PENALTY * losses.slope!).toBeCloseTo(loss(weights), 3);
    expect(losses.slope!).toBeGreaterThan(0.01);
    expectSlopes(loss, weights, gradients, [...programs.discriminatorSpecs.keys()]);
  });

  it("leave the penalty out of other steps", async () => {
    const { losses, gradients } = await programs.discriminatorStep(weights, JUDGED, false);
    expect(Object.keys(losses)).toEqual(["discriminator"]);
    const loss = criticLoss(adversary, 0);
    expect(losses.discriminator).toBeCloseTo(loss(weights), 4);
    expectSlopes(loss, weights, gradients, [...programs.discriminatorSpecs.keys()]);
  });

  it("learn nothing from what nobody has seen", async () => {
    const mask = BATCH.mask.map((_, i) => (i % 3 === 0 ? 0 : 1));
    const hidden = (colours: Float32Array, value: number) =>
      colours.map((own, i) => {
        const [picture, texel] = [Math.floor(i / (3 * TEXELS)), i % TEXELS];
        return mask[picture * TEXELS + texel] === 0 ? value : own;
      });
    const judged = (value: number) => {
      const real = hidden(JUDGED.real, value);
      const generated = hidden(JUDGED.generated, 1 - value);
      return programs.discriminatorStep(weights, { ...JUDGED, mask, real, generated }, true);
    };
    expect(await judged(0)).toEqual(await judged(1));
    const nothing = { ...BATCH, mask: new Float32Array(N * TEXELS) };
    const { gradients } = await programs.generatorStep(weights, nothing);
    for (const [name, slope] of Object.entries(gradients)) {
      if (name.includes("4x4/colour")) continue;
      const none = slope.every((value) => value === 0);
      expect(none, name).toBe(true);
    }
  });

  it("let the smaller sizes' last layers follow the largest", async () => {
    // At the end of the fade no other loss reaches them.
    const { gradients } = await programs.generatorStep(weights, { ...BATCH, fade: 1 });
    const graph = new Graph();
    const own = trainableWeights(graph, GENERATOR);
    const latent = graph.input("latent", "float32", [N, LATENT]);
    const made = architecture.generator(own.source, latent, SIZE);
    const [small, large] = evaluate(
      [made.get(4)!, made.get(8)!],
      new Map<Tensor, ArrayLike<number>>([[latent, BATCH.latent], ...feedsOf(own, weights)]),
    );
    // The bias of each colour goes towards the largest's mean over blocks, as far as more texels lie on one side.
    const slopes = [0, 0, 0];
    small!.forEach((value, i) => {
      const [plane, row, column] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      const at = plane * TEXELS + 2 * row * SIZE + 2 * column;
      const block = large![at]! + large![at + 1]! + large![at + SIZE]! + large![at + SIZE + 1]!;
      // Colours are half of what the layer gives.
      slopes[plane % 3]! += (0.5 * Math.sign(value - block / 4)) / small!.length;
    });
    expect(Math.hypot(...slopes)).toBeGreaterThan(0.01);
    gradients["generator/4x4/colour/bias"]!.forEach((value, c) => {
      expect(value).toBeCloseTo(slopes[c]!, 5);
    });
  });

  it("are the same augmented where nothing is applied, and others where something is", async () => {
    const augmented = await trainingPrograms({ ...OPTIONS, adversary, augmented: true });
    const applied = (p: number) => {
      const parameters = sampleAda(p, [N, 3, SIZE, SIZE], 3);
      return { augmentation: { generated: parameters, real: parameters } };
    };
    const own = await programs.generatorStep(weights, BATCH);
    const none = await augmented.generatorStep(weights, { ...BATCH, ...applied(0) });
    expect(none.losses.adversary).toBeCloseTo(own.losses.adversary!, 5);
    expect(none.pictures).toEqual(own.pictures);
    const judged = await programs.discriminatorStep(weights, JUDGED, true);
    const same = await augmented.discriminatorStep(weights, { ...JUDGED, ...applied(0) }, true);
    expect(same.losses.slope).toBeCloseTo(judged.losses.slope!, 4);
    same.scores.forEach((score, i) => {
      expect(score).toBeCloseTo(judged.scores[i]!, 4);
    });
    const other = await augmented.discriminatorStep(weights, { ...JUDGED, ...applied(1) }, true);
    expect(Math.abs(other.scores[0]! - judged.scores[0]!)).toBeGreaterThan(1e-3);
    await augmented.dispose();
  });
});

describe("encoded maps", () => {
  it("hold the generator to the colours of every size", async () => {
    const options = { ...OPTIONS, encoded: true, weights: { adversary: 0, colour: 3, detail: 0 } };
    const programs = await trainingPrograms(options);
    const weights = initialValues(
      new Map([...programs.generatorSpecs, ...programs.discriminatorSpecs]),
      6,
    );
    const batch = { ...BATCH, latent: noise(2 * N * LATENT, 8), fade: 1 };
    const { losses, gradients, pictures } = await programs.generatorStep(weights, batch);
    // Pictures of the maps' latents come first.
    expect(pictures).toHaveLength(2 * N * 3 * TEXELS);
    let [sum, total] = [0, 0];
    for (let i = 0; i < N * 3 * TEXELS; i++) {
      const known = BATCH.mask[Math.floor(i / (3 * TEXELS)) * TEXELS + (i % TEXELS)]!;
      sum += known * Math.abs(pictures[i]! - BATCH.real[i]!);
      total += known;
    }
    const largest = sum / (total + 1);
    expect(losses.colour!).toBeGreaterThan(largest + 0.05);
    expect(losses.colour!).toBeLessThan(largest + 2);
    // A step against the gradients makes it less, one along them more.
    const lossAt = async (step: number) => {
      const moved = Object.fromEntries(
        Object.entries(weights).map(([name, values]) => [
          name,
          values.map((value, i) => value + step * (gradients[name]?.[i] ?? 0)),
        ]),
      );
      return (await programs.generatorStep(moved, batch)).losses.colour!;
    };
    const squared = Object.values(gradients)
      .flatMap((values) => [...values])
      .reduce((length, value) => length + value * value, 0);
    const step = 1e-3;
    const slope = (3 * ((await lossAt(step)) - (await lossAt(-step)))) / (2 * step);
    expect(slope / squared).toBeCloseTo(1, 1);
    await programs.dispose();
  });
});
