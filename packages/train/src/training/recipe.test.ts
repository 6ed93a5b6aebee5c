import { describe, expect, it } from "vitest";
import {
  batchAt,
  PROGRESSIVE_RECIPE,
  phaseAt,
  phasesOf,
  REGIONAL_RECIPE,
  type Recipe,
} from "./recipe.js";

describe("phases", () => {
  const phases = phasesOf([4, 8, 16, 32], { phase: 100 });

  it("begin as in the paper: each size fades in and then stands, for as long", () => {
    expect(phases).toEqual([
      { size: 4, from: 0, fade: 0 },
      { size: 8, from: 100, fade: 100 },
      { size: 16, from: 300, fade: 100 },
      { size: 32, from: 500, fade: 100 },
    ]);
  });

  it.each([
    [0, 4, 1],
    [99, 4, 1],
    [100, 8, 0],
    [125, 8, 0.25],
    [199, 8, 0.99],
    [200, 8, 1],
    [299, 8, 1],
    [300, 16, 0],
    [350, 16, 0.5],
    [400, 16, 1],
    [500, 32, 0],
    [600, 32, 1],
    [1e9, 32, 1],
  ])("after %i images", (images, size, fade) => {
    expect(phaseAt(phases, images)).toEqual({ size, fade });
  });

  it("are one where there is one size", () => {
    const one = phasesOf([512], REGIONAL_RECIPE);
    for (const images of [0, 1, 1e9]) {
      expect(phaseAt(one, images)).toEqual({ size: 512, fade: 1 });
    }
  });

  it("are passed over where they last no image", () => {
    expect(phaseAt(phasesOf([4, 8, 16], { phase: 0 }), 0)).toEqual({ size: 16, fade: 1 });
  });
});

it("the paper's recipe has its numbers", () => {
  expect(PROGRESSIVE_RECIPE).toMatchObject({
    adversary: "wgan-gp",
    slopes: { slope: 10, drift: 0.001 },
    learningRate: { generator: 0.001, discriminator: 0.001 },
    beta1: 0,
    beta2: 0.99,
    penaltyEvery: 1,
    phase: 800_000,
    augmentOver: 0,
  });
});

it("batches are by size, and of one map where nothing is said", () => {
  const recipe: Recipe = { ...PROGRESSIVE_RECIPE, batch: { 4: 8, 8: 2 } };
  expect([4, 8, 16].map((size) => batchAt(recipe, size))).toEqual([8, 2, 1]);
});
