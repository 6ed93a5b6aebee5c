import { Graph } from "@ganfit/autodiff";
import { expect, test } from "vitest";
import { PLAIN_LATENT, plainGenerator } from "../../test/plain-generator.js";
import { openTextureRun, textureInGraph, textureOfLatent } from "./texture-runner.js";

const generator = plainGenerator(0.1, [16, 32, 64]);
/** Red by 0.1 brighter, green by 0.2 darker. */
const latent = Float32Array.of(1, -2, 0, 0, 0, 0, 0, 0);

test.each([16, 32, 64])("a texture of %i texels", async (resolution) => {
  const image = await textureOfLatent(generator, latent, { resolution });
  expect([image.width, image.height]).toEqual([resolution, resolution]);
  for (const i of [0, 1, 6, 7, resolution ** 2 - 1]) {
    const stripe = i % 7 === 0 ? 0.02 : 0;
    const expected = [0.9, 0.42, 0.52].map((value) => 255 * (value + stripe));
    for (let c = 0; c < 3; c++) {
      expect(Math.abs(image.data[3 * i + c]! - expected[c]!)).toBeLessThanOrEqual(0.51);
    }
  }
});

test("the finest where none is asked for, again and again", async () => {
  const run = await openTextureRun(generator);
  try {
    const first = await run.textureOf(latent);
    expect(first).toEqual(await textureOfLatent(generator, latent, { resolution: 64 }));
    expect((await run.textureOf(new Float32Array(PLAIN_LATENT))).data).not.toEqual(first.data);
    expect(await run.textureOf(latent)).toEqual(first);
  } finally {
    await run.dispose();
  }
});

test("what the generator does not make is refused", async () => {
  const missing = {
    code: "usage",
    message: "plain makes textures with sides of 16, 32, 64 texels, not of 128.",
  };
  await expect(textureOfLatent(generator, latent, { resolution: 128 })).rejects.toMatchObject(
    missing,
  );
  const graph = new Graph();
  const input = graph.input("latent", "float32", [1, PLAIN_LATENT]);
  expect(() => textureInGraph(graph, generator, input, 128)).toThrow(
    expect.objectContaining(missing),
  );
  await expect(textureOfLatent(generator, Float32Array.of(1))).rejects.toMatchObject({
    code: "usage",
    message: "plain makes a texture of 8 numbers, not of 1.",
  });
});
