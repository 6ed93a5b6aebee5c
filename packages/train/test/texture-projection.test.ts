import { doubleTexture, textureOfImage, textureOfLatent } from "@ganfit/core";
import { expect, test } from "vitest";
import { PLAIN_LATENT, plainGenerator } from "../../core/test/plain-generator.js";
import { psnr, psnrs } from "../bench/texture-measure.js";
import { openProjector } from "../bench/texture-projection.js";

const SIZE = 64;
const generator = plainGenerator(0.05);

test("a generator's own texture is found again, whatever lies where nothing is known", async () => {
  const latent = Float32Array.of(1.5, -1, 0.5, 0, 0, 0, 0, 0);
  const map = textureOfImage(await textureOfLatent(generator, latent));
  const confidence = new Float32Array(SIZE * SIZE).fill(1);
  const spoilt = map.colour.slice();
  for (let i = 0; i < (SIZE * SIZE) / 2; i++) {
    confidence[i] = 0;
    spoilt.fill(0, 3 * i, 3 * i + 3);
  }
  const doubled = doubleTexture({ size: SIZE, colour: spoilt });
  const doubt = doubleTexture({
    size: SIZE,
    colour: Float32Array.from(
      { length: 3 * SIZE * SIZE },
      (_, i) => confidence[Math.floor(i / 3)]!,
    ),
  });
  const projector = await openProjector(generator, { steps: 200 });
  try {
    const found = await projector.project({ size: SIZE, colour: spoilt, confidence });
    expect(found.latent).toHaveLength(PLAIN_LATENT);
    // The prior pulls a little towards 0.
    found.latent.forEach((value, i) => {
      expect(Math.abs(value - latent[i]!)).toBeLessThan(0.1);
    });
    expect(psnr({ ...map, confidence }, textureOfImage(found.texture))).toBeGreaterThan(45);
    // A map of twice the size is averaged; known is what is known all around.
    const large = {
      ...doubled,
      confidence: doubt.colour.filter((_, i) => i % 3 === 0).map((value) => (value < 1 ? 0 : 1)),
    };
    const again = await projector.project(large);
    expect(psnrs(large, again.texture)[1]).toBeGreaterThan(45);
  } finally {
    await projector.dispose();
  }
});

test("PSNR counts what is known", () => {
  const truth = { size: 2, colour: new Float32Array(12), confidence: Float32Array.of(1, 1, 0, 0) };
  const colour = new Float32Array(12).fill(1);
  colour.fill(0.1, 0, 6);
  expect(psnr(truth, { size: 2, colour })).toBeCloseTo(20, 5);
});
