import { randomNormals } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { COLOURS, constantMaps } from "../../test/constant-maps.js";
import { progressiveArchitecture } from "../networks/architecture.js";
import {
  type Configuration,
  decodeCheckpoint,
  encodeCheckpoint,
  type WeightShapes,
} from "./checkpoint.js";
import { PROGRESSIVE_RECIPE, REGIONAL_RECIPE, type Recipe } from "./recipe.js";
import { samplePictures } from "./sample-pictures.js";
import { TextureTrainer, type TrainingReport, type TrainingState } from "./trainer.js";

const LATENT = 16;
const WIDTH = 1 / 128;
const BATCH = { 4: 2, 8: 2, 16: 2 };
/** Gradients are prepared anew for every size and trainer, which takes long on a busy machine; milliseconds. */
const SLOWEST = 240_000;

/** Begun at 8; from there to 16 after 4 images, which are two steps. */
const GROWING: Recipe = { ...PROGRESSIVE_RECIPE, batch: BATCH, phase: 4 };
const AUGMENTED: Recipe = {
  ...REGIONAL_RECIPE,
  losses: { adversary: 1, colour: 1, detail: 0 },
  batch: BATCH,
  phase: 4,
  // So few that p changes within the training.
  augmentOver: 300,
  penaltyEvery: 2,
};

function trainerOf(recipe: Recipe, sizes: readonly number[], seed = 5): TextureTrainer {
  const made = progressiveArchitecture(sizes.at(-1)!, { width: WIDTH, latentSize: LATENT });
  return new TextureTrainer({
    architecture: { ...made, sizes },
    recipe,
    source: constantMaps({ confidence: 0.5, latentSize: LATENT }),
    seed,
    threads: 1,
  });
}

async function run(trainer: TextureTrainer, steps: number): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for (let i = 0; i < steps; i++) reports.push(await trainer.step());
  return reports;
}

const CONFIGURATION: Configuration = {
  architecture: "progressive",
  resolution: 16,
  width: WIDTH,
  latent: "dense",
  latentSize: LATENT,
  seed: 5,
  dataset: "",
  recipe: { ...GROWING, batch: { ...BATCH } },
};

const written = (state: TrainingState, shapes: WeightShapes): Uint8Array =>
  encodeCheckpoint({ configuration: CONFIGURATION, state }, shapes);

describe.each([
  ["wgan-gp", GROWING],
  ["logistic, augmented and encoded", AUGMENTED],
])("training of %s", (_, recipe) => {
  it("goes on from any checkpoint to the last bit, over the growth of a size", {
    timeout: SLOWEST,
  }, async () => {
    const sizes = [8, 16];
    const whole = trainerOf(recipe, sizes);
    const reports: TrainingReport[] = [];
    const stopped: Uint8Array[] = [];
    // At the last step of a size, and within the next one's fade.
    const stops = [2, 4];
    for (let step = 1; step <= 6; step++) {
      reports.push(await whole.step());
      if (stops.includes(step)) stopped.push(written(whole.state(), whole.specs));
    }
    const end = whole.state();
    const file = written(end, whole.specs);
    await whole.dispose();
    expect(reports.map(({ size, fade }) => [size, fade])).toEqual([
      [8, 1],
      [8, 1],
      [16, 0],
      [16, 0.5],
      [16, 1],
      [16, 1],
    ]);
    expect(end).toMatchObject({ images: 12, step: 6, size: 16, optimiserSteps: 4 });
    expect(reports.every(({ losses }) => Object.values(losses).every(Number.isFinite))).toBe(true);
    for (const [i, steps] of stops.entries()) {
      const { state, shapes } = decodeCheckpoint(stopped[i]!, "c");
      const resumed = trainerOf(recipe, sizes);
      await resumed.restore(state);
      expect(await run(resumed, 6 - steps)).toEqual(reports.slice(steps));
      expect(resumed.state()).toEqual(end);
      // The entry for pictures of 4, which no longer show, is known from the file alone.
      const all = new Map([...shapes, ...resumed.specs]);
      expect(Buffer.compare(written(resumed.state(), all), file)).toBe(0);
      await resumed.dispose();
    }
  });
});

describe("TextureTrainer", { timeout: SLOWEST }, () => {
  it("depends on the seed", async () => {
    const states: TrainingState[] = [];
    for (const seed of [5, 5, 6]) {
      const trainer = trainerOf(GROWING, [4], seed);
      await run(trainer, 3);
      states.push(trainer.state());
      await trainer.dispose();
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]!.weights).not.toEqual(states[0]!.weights);
  });

  it("gives its state as a copy, and has none before the first step", async () => {
    const trainer = trainerOf(GROWING, [4]);
    expect(() => trainer.state()).toThrow(expect.objectContaining({ code: "usage" }));
    await trainer.step();
    const state = trainer.state();
    const before = structuredClone(state);
    await trainer.step();
    expect(state).toEqual(before);
    for (const values of Object.values(trainer.state().weights)) values.fill(9);
    expect(Object.values(trainer.state().weights).flatMap((w) => [...w])).not.toContain(9);
    await trainer.dispose();
  });

  it("goes on from no state of other networks, and from none that lacks something", async () => {
    const trainer = trainerOf(GROWING, [4]);
    await trainer.step();
    const state = trainer.state();
    await trainer.dispose();
    const without = (values: Record<string, Float32Array>, name: string) =>
      Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
    const name = "generator/4x4/conv/weight";
    const wrong: Partial<TrainingState>[] = [
      { size: 0 },
      { size: 12 },
      { size: 8 },
      { weights: without(state.weights, name) },
      { weights: { ...state.weights, [name]: new Float32Array(3) } },
      { averages: without(state.averages, name) },
      { moments: without(state.moments, `v/${name}`) },
    ];
    for (const change of wrong) {
      const other = trainerOf(GROWING, [4]);
      await expect(other.restore({ ...state, ...change })).rejects.toMatchObject({ code: "usage" });
      await other.dispose();
    }
  });

  it("needs the latents of encoded maps", async () => {
    const trainer = new TextureTrainer({
      architecture: progressiveArchitecture(4, { width: WIDTH, latentSize: LATENT }),
      recipe: AUGMENTED,
      source: constantMaps(),
      seed: 1,
    });
    await expect(trainer.step()).rejects.toMatchObject({ code: "usage" });
    await trainer.dispose();
  });
});

describe("learning", { timeout: SLOWEST }, () => {
  it("brings the colours of random pictures to those of the data, and the smaller sizes along", async () => {
    const architecture = progressiveArchitecture(8, { width: 1 / 64, latentSize: LATENT });
    const trainer = new TextureTrainer({
      architecture,
      recipe: {
        ...PROGRESSIVE_RECIPE,
        learningRate: { generator: 0.003, discriminator: 0.003 },
        batch: { 4: 8, 8: 8 },
        // 12 steps at 4, 12 steps of fade.
        phase: 96,
      },
      source: constantMaps(),
      seed: 2,
      threads: 1,
    });
    const latents = Array.from({ length: 12 }, (_, i) =>
      Float32Array.from(randomNormals(LATENT, 50 + i)),
    );
    /** Mean colour, and how far the smaller size's pictures are from the larger's, in [0, 1]. */
    const seen = async () => {
      const { averages } = trainer.state();
      const shown = { fade: 1, latents };
      const large = await samplePictures(architecture, averages, { ...shown, size: 8 });
      const small = await samplePictures(architecture, averages, { ...shown, size: 4 });
      const mean = [0, 0, 0];
      let difference = 0;
      large.forEach(({ data }, k) => {
        data.forEach((value, i) => {
          mean[i % 3]! += value / 255 / (64 * latents.length);
        });
        small[k]!.data.forEach((value, i) => {
          const [row, column] = [Math.floor(i / 12), Math.floor(i / 3) % 4];
          const at = (2 * row * 8 + 2 * column) * 3 + (i % 3);
          const block = data[at]! + data[at + 3]! + data[at + 24]! + data[at + 27]!;
          difference += Math.abs(value - block / 4) / 255 / (48 * latents.length);
        });
      });
      return { mean, difference };
    };
    const real = [0, 1, 2].map((c) => COLOURS.reduce((sum, own) => sum + own[c]! / 3, 0));
    const distance = (mean: readonly number[]) =>
      Math.hypot(...mean.map((value, c) => value - real[c]!));
    await run(trainer, 30);
    const before = await seen();
    await run(trainer, 220);
    const after = await seen();
    await trainer.dispose();
    expect(distance(after.mean)).toBeLessThan(0.06);
    expect(distance(after.mean)).toBeLessThan(distance(before.mean) / 2);
    expect(after.difference).toBeLessThan(before.difference / 2);
  });
});
