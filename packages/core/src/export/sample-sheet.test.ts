import { describe, expect, it } from "vitest";
import { PLAIN_LATENT, plainGenerator } from "../../test/plain-generator.js";
import { sampleModel } from "../../test/sample-model.js";
import type { Image } from "../image/image.js";
import type { TextureGenerator } from "../texture/texture-generator.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import { type Sample, type SampleSheetOptions, sampleSheet } from "./sample-sheet.js";

const model = sampleModel({ rows: 21, columns: 24, identityModes: 40 });
const generator = { ...plainGenerator(), uvFrame: "test" };
const SMALL = { count: 3, size: 24 };

async function drawn(options: SampleSheetOptions, from: TextureGenerator = generator) {
  const samples: Sample[] = [];
  const all = { ...SMALL, ...options, onSample: (sample: Sample) => void samples.push(sample) };
  return { sheet: await sampleSheet(model, from, all), samples };
}

const pixel = ({ data, width }: Image, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe("sampleSheet", () => {
  it("draws each texture on its head, in the order of the sheet", async () => {
    const { sheet, samples } = await drawn({ columns: 3 });
    expect(sheet.width).toBe(8 + 3 * 32);
    expect(samples.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const { index, latent, head } of samples) {
      expect(head.skin).toEqual(await textureOfLatent(generator, latent));
      const left = 8 + 32 * index;
      expect(pixel(sheet, left, 8)).toEqual([236, 238, 241]);
      expect(pixel(sheet, left + 12, 20)).not.toEqual([236, 238, 241]);
    }
  });

  it("gives the same for a seed, and more of the same for a larger count", async () => {
    const { sheet, samples } = await drawn({ seed: 5 });
    const again = await drawn({ seed: 5 });
    expect(again.sheet).toEqual(sheet);
    expect((await drawn({ seed: 5, count: 5 })).samples.slice(0, 3)).toEqual(samples);
    const other = await drawn({ seed: 6 });
    expect(other.samples[0]!.latent).not.toEqual(samples[0]!.latent);
    expect(other.sheet).not.toEqual(sheet);
  });

  it("takes latents from N(0, I), times the truncation", async () => {
    const { samples } = await drawn({ count: 20, size: 8, truncation: 1 });
    const numbers = samples.flatMap(({ latent }) => [...latent]);
    expect(numbers).toHaveLength(20 * PLAIN_LATENT);
    const mean = numbers.reduce((a, b) => a + b) / numbers.length;
    const square = numbers.reduce((a, b) => a + b * b, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(0.25);
    expect(Math.abs(square - 1)).toBeLessThan(0.35);
    const factorOf = async (options: SampleSheetOptions, from: TextureGenerator = generator) =>
      (await drawn({ ...options, count: 1 }, from)).samples[0]!.latent[0]! / samples[0]!.latent[0]!;
    expect(await factorOf({ truncation: 0.25 })).toBeCloseTo(0.25, 6);
    expect(await factorOf({})).toBeCloseTo(0.7, 6);
    expect(await factorOf({}, { ...generator, prior: "sphere" })).toBe(1);
  });

  it("takes shapes within a standard deviation, or the mean, for the same textures", async () => {
    const random = await drawn({ count: 8, size: 8 });
    const numbers = random.samples.flatMap(({ head }) => [...head.identity]);
    expect(Math.max(...numbers.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(new Set(numbers).size).toBe(numbers.length);
    // A normal distribution cut off at 1 has a variance of 0.291.
    const square = numbers.reduce((a, b) => a + b * b, 0) / numbers.length;
    expect(Math.abs(square - 0.291)).toBeLessThan(0.08);
    const mean = await drawn({ count: 8, size: 8, shape: "mean" });
    expect(mean.samples.flatMap(({ head }) => [...head.identity]).every((x) => x === 0)).toBe(true);
    expect(mean.samples.map(({ head }) => head.skin)).toEqual(
      random.samples.map(({ head }) => head.skin),
    );
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const seen: number[] = [];
    const run = sampleSheet(model, generator, {
      ...SMALL,
      signal: controller.signal,
      onSample: ({ index }) => {
        seen.push(index);
        if (index === 1) controller.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(seen).toEqual([0, 1]);
  });

  it.each<[string, SampleSheetOptions, RegExp]>([
    ["no heads", { count: 0 }, /0 pictures/],
    ["half a head", { count: 0.5 }, /0.5 pictures/],
    ["pictures without pixels", { size: 0 }, /sides of 0/],
    ["more than a sheet holds", { count: 400, size: 1024 }, /too many.*smaller/],
    ["no columns", { columns: 0 }, /rows of 0/],
    ["a negative truncation", { truncation: -1 }, /multiplied by -1/],
    ["no number", { truncation: Number.NaN }, /multiplied by NaN/],
  ])("refuses %s", async (_, options, message) => {
    await expect(drawn(options)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(message),
    });
  });

  it("refuses what does not go together", async () => {
    const sphere = { ...generator, prior: "sphere" } as const;
    await expect(drawn({ truncation: 0.7 }, sphere)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/0\.7 would change nothing: plain/),
    });
    await expect(drawn({}, { ...generator, uvFrame: "another" })).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(/laid out as another/),
    });
  });
});
