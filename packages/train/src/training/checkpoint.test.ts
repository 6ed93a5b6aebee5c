import { describe, expect, it } from "vitest";
import { noise } from "../../test/network-values.js";
import type { WeightSpec } from "../networks/weights.js";
import { decodeSafetensors, encodeSafetensors } from "../safetensors.js";
import { type Configuration, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.js";
import { PROGRESSIVE_RECIPE, REGIONAL_RECIPE } from "./recipe.js";
import type { TrainingState } from "./trainer.js";

const CONFIGURATION: Configuration = {
  architecture: "progressive",
  resolution: 64,
  width: 0.25,
  latent: "local",
  latentSize: 512,
  seed: 2 ** 32 - 1,
  dataset: "0".repeat(64),
  recipe: { ...PROGRESSIVE_RECIPE, batch: { ...PROGRESSIVE_RECIPE.batch } },
};

const SPECS = new Map<string, WeightSpec>([
  ["generator/a/weight", { shape: [2, 3, 1, 1], initial: "normal" }],
  ["discriminator/a/bias", { shape: [4], initial: 0 }],
]);

const STATE: TrainingState = {
  images: 1000,
  step: 63,
  size: 16,
  optimiserSteps: 12,
  augmentation: { p: 0.125, signs: -3, images: 17 },
  weights: { "generator/a/weight": noise(6, 1), "discriminator/a/bias": noise(4, 2) },
  averages: { "generator/a/weight": noise(6, 3) },
  moments: {
    "m/generator/a/weight": noise(6, 4),
    "v/generator/a/weight": noise(6, 5),
    "m/discriminator/a/bias": noise(4, 6),
    "v/discriminator/a/bias": noise(4, 7),
  },
};

const BYTES = encodeCheckpoint({ configuration: CONFIGURATION, state: STATE }, SPECS);

describe("checkpoints", () => {
  it.each([
    ["progressive", CONFIGURATION],
    ["regional", { ...CONFIGURATION, architecture: "regional", recipe: REGIONAL_RECIPE }],
  ] as const)("come back as they were, %s", (_, configuration) => {
    const { recipe } = configuration;
    const given = { ...configuration, recipe: { ...recipe, batch: { ...recipe.batch } } };
    const bytes = encodeCheckpoint({ configuration: given, state: STATE }, SPECS);
    const back = decodeCheckpoint(bytes, "c");
    expect(back.state).toEqual(STATE);
    expect(back.configuration).toEqual(given);
    // A training is gone on with where the texts agree.
    expect(JSON.stringify(back.configuration)).toBe(JSON.stringify(given));
    expect([...back.shapes]).toEqual([...SPECS].map(([name, { shape }]) => [name, { shape }]));
    expect(encodeCheckpoint(back, back.shapes)).toEqual(bytes);
  });

  it("hold the weights with their shapes under the networks' names", () => {
    const { tensors, metadata } = decodeSafetensors(BYTES);
    expect(Object.entries(tensors).map(([name, { shape }]) => [name, shape])).toEqual([
      ["generator/a/weight", [2, 3, 1, 1]],
      ["discriminator/a/bias", [4]],
      ["average/generator/a/weight", [2, 3, 1, 1]],
      ["adam/m/generator/a/weight", [2, 3, 1, 1]],
      ["adam/v/generator/a/weight", [2, 3, 1, 1]],
      ["adam/m/discriminator/a/bias", [4]],
      ["adam/v/discriminator/a/bias", [4]],
    ]);
    expect(metadata.format).toBe("ganfit-texture-checkpoint");
    expect(JSON.parse(metadata.state!)).toMatchObject({ images: 1000, step: 63 });
  });

  const { tensors, metadata } = decodeSafetensors(BYTES);
  const withText = (change: Record<string, string>) =>
    encodeSafetensors({ tensors, metadata: { ...metadata, ...change } });
  const configured = (change: object) =>
    withText({ configuration: JSON.stringify({ ...CONFIGURATION, ...change }) });
  const learnt = (change: object) => configured({ recipe: { ...CONFIGURATION.recipe, ...change } });
  const stated = (change: object) => {
    const { images, step, size, optimiserSteps, augmentation } = STATE;
    const state = { images, step, size, optimiserSteps, augmentation, ...change };
    return withText({ state: JSON.stringify(state) });
  };
  const { configuration: _, ...without } = metadata;
  const holding = (data: Float32Array | Uint8Array) =>
    encodeSafetensors({
      tensors: { ...tensors, "adam/m/x": { data, shape: [data.length] } },
      metadata,
    });

  it.each<[string, Uint8Array, RegExp]>([
    ["a file that is cut off", BYTES.subarray(0, BYTES.length - 1), /no safetensors file/],
    [
      "weights that are no checkpoint",
      encodeSafetensors({ tensors, metadata: {} }),
      /no checkpoint/,
    ],
    ["another format", withText({ format: "other" }), /no checkpoint/],
    ["a later version", withText({ version: "2" }), /no checkpoint/],
    ["no configuration", encodeSafetensors({ tensors, metadata: without }), /no JSON/],
    ["a configuration that is no JSON", withText({ configuration: "{" }), /no JSON/],
    ["null as configuration", withText({ configuration: "null" }), /metadata is wrong/],
    ["another architecture", configured({ architecture: "other" }), /wrong at architecture/],
    ["a resolution beyond bounds", configured({ resolution: 1 << 20 }), /wrong at resolution/],
    ["no width", configured({ width: 0 }), /wrong at width/],
    ["a field too many", configured({ more: 1 }), /metadata is wrong/],
    ["a batch of none", learnt({ batch: { 4: 0 } }), /wrong at recipe\.batch\.4/],
    ["a batch beyond bounds", learnt({ batch: { 4: 1e9 } }), /wrong at recipe\.batch\.4/],
    ["a penalty never", learnt({ penaltyEvery: 0 }), /wrong at recipe\.penaltyEvery/],
    ["beta of 1", learnt({ beta2: 1 }), /wrong at recipe\.beta2/],
    ["a state that is no JSON", withText({ state: "x" }), /no JSON/],
    ["a list as state", withText({ state: "[]" }), /metadata is wrong/],
    ["half an image", stated({ images: 0.5 }), /wrong at images/],
    ["fewer steps than none", stated({ step: -1 }), /wrong at step/],
    [
      "a probability above 1",
      stated({ augmentation: { p: 2, signs: 0, images: 0 } }),
      /augmentation\.p/,
    ],
    ["bytes as weights", holding(Uint8Array.of(1)), /adam\/m\/x is not of float32/],
    ["weights that are no numbers", holding(Float32Array.of(1, Number.NaN)), /not finite/],
    ["infinite weights", holding(Float32Array.of(Number.POSITIVE_INFINITY)), /not finite/],
  ])("refuse %s", (_what, bytes, sentence) => {
    expect(() => decodeCheckpoint(bytes, "c.safetensors")).toThrow(
      expect.objectContaining({
        name: "GanfitError",
        code: "usage",
        message: expect.stringMatching(/^c\.safetensors[ :].*[^.]\.$/),
      }),
    );
    expect(() => decodeCheckpoint(bytes, "c")).toThrow(sentence);
  });
});
