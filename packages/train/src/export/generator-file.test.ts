import { readModel } from "@ganfit/autodiff";
import {
  type Image,
  latentSize,
  type TextureGenerator,
  textureGenerator,
  textureOfLatent,
} from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { smallLinearModel } from "../../test/linear-model.js";
import { noise, randomValues, specsOf } from "../../test/network-values.js";
import {
  progressiveArchitecture,
  regionalArchitecture,
  type TextureArchitecture,
} from "../networks/architecture.js";
import type { WeightValues } from "../networks/weights.js";
import { samplePictures } from "../training/sample-pictures.js";
import { GENERATOR } from "../training/training-programs.js";
import { generatorFile } from "./generator-file.js";

const SIZE = 64;
/** Compiling takes long on a busy machine; milliseconds. */
const SLOWEST = 240_000;

function opened(bytes: Uint8Array, { prior }: TextureArchitecture): TextureGenerator {
  const description = { name: "g", licence: "CC0-1.0", uvFrame: "ganfit-uv-1", prior };
  return textureGenerator(description, readModel(bytes));
}

function valuesOfGenerator(architecture: TextureArchitecture): WeightValues {
  const specs = specsOf((weights, graph) => {
    const latent = graph.input("latent", "float32", [1, architecture.latentSize]);
    return architecture.generator(weights, latent, SIZE, graph.input("fade", "float32", [1]));
  });
  const named = new Map([...specs].map(([name, spec]) => [`${GENERATOR}${name}`, spec]));
  return randomValues(named, 3);
}

function farthest(a: Image, b: Image): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i]!)), 0);
}

/** Bytes that differ where weights are rounded to half precision and pass a dozen layers. */
const ROUNDING = 3;

describe("generatorFile", { timeout: SLOWEST }, () => {
  const progressive = progressiveArchitecture(SIZE, { width: 1 / 64, latentSize: 32 });
  const values = valuesOfGenerator(progressive);
  const latent = noise(32, 4);
  const sample = async (size: number, fade: number) =>
    (await samplePictures(progressive, values, { size, fade, latents: [latent] }))[0]!;

  it("gives a generator that the core reads, with the pictures of the training's samples", async () => {
    const bytes = generatorFile(() => progressive, values, SIZE);
    const generator = opened(bytes, progressive);
    expect(generator).toMatchObject({ latentSize: 32, resolution: 64, prior: "sphere" });
    // From 16 on.
    expect(generator.resolutions).toEqual([16, 32, 64]);
    const all = await textureOfLatent(generator, latent);
    expect(farthest(all, await sample(64, 1))).toBeLessThanOrEqual(ROUNDING);
    expect(new Set(all.data).size).toBeGreaterThan(50);
    const half = await textureOfLatent(generator, latent, { resolution: 32 });
    expect(farthest(half, await sample(32, 1))).toBeLessThanOrEqual(ROUNDING);
    // Weights of two bytes.
    const numbers = Object.values(values).reduce((sum, { length }) => sum + length, 0);
    expect(bytes.length).toBeLessThan(2 * numbers + 40_000);
  });

  it("shows a size that has not come in as far as it has", async () => {
    const generator = opened(
      generatorFile(() => progressive, values, SIZE, 0.25),
      progressive,
    );
    const picture = await textureOfLatent(generator, latent);
    expect(farthest(picture, await sample(64, 0.25))).toBeLessThanOrEqual(ROUNDING);
    expect(farthest(picture, await sample(64, 1))).toBeGreaterThan(20);
  });

  it("stores a linear model in bytes", async () => {
    const { model, mean } = smallLinearModel(32, SIZE);
    const generator = { features: [3, 2], places: 2, style: 4 };
    const made = regionalArchitecture(model, mean, { generator });
    const own = valuesOfGenerator(made);
    const bytes = generatorFile(
      (hold) => regionalArchitecture(model, mean, { generator, hold }),
      own,
      SIZE,
    );
    const found = opened(bytes, made);
    expect(found).toMatchObject({ latentSize: latentSize(model), prior: "normal" });
    expect(found.resolutions).toEqual([32, 64]);
    const z = noise(latentSize(model), 5);
    const [picture] = await samplePictures(made, own, { size: SIZE, fade: 1, latents: [z] });
    expect(farthest(await textureOfLatent(found, z), picture!)).toBeLessThanOrEqual(ROUNDING);
  });

  it("says which weight is absent", () => {
    const { [`${GENERATOR}8x8/conv0/weight`]: _, ...rest } = values;
    expect(() => generatorFile(() => progressive, rest, SIZE)).toThrow(
      expect.objectContaining({
        code: "usage",
        message: "The weights have no generator/8x8/conv0/weight.",
      }),
    );
  });
});
