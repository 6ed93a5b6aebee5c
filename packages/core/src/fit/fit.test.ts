import { readFileSync } from "node:fs";
import { readModel } from "@ganfit/autodiff";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLAIN_LATENT, plainGenerator } from "../../test/plain-generator.js";
import { readImage } from "../image/decode.node.js";
import type { Image } from "../image/image.js";
import { loadModel } from "../models/store/store.node.js";
import { loadFaceNetworks } from "../networks/faces.node.js";
import { SFACE, SFACE_URL } from "../networks/recognition.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import { fit } from "./fit.js";
import type { Losses } from "./fit-graph.js";
import type { FitModels } from "./fit-models.js";
import { FIT_DEFAULTS } from "./fit-options.js";
import { fitPerson } from "./fit-person.js";
import type { FitProgress, FitRunOptions } from "./fit-result.js";

const QUICK: FitRunOptions = { steps: 12, side: 128, threads: 2 };

let models: FitModels;
let photo: Image;

beforeAll(async () => {
  photo = await readImage(new URL("../../test/fixtures/astronaut.jpg", import.meta.url).pathname);
  models = {
    shape: await loadModel("default"),
    generator: plainGenerator(),
    recognition: { description: SFACE, model: readModel(readFileSync(SFACE_URL)) },
    faces: await loadFaceNetworks(),
  };
});

afterAll(async () => {
  await models.faces.detector.dispose();
  await models.faces.landmarks.dispose();
});

describe("fitPerson", () => {
  it("fits two copies of a photo as it fits one", async () => {
    const options = { ...QUICK, weights: { secondIdentity: 0 } };
    const one = await fit(photo, models, options);
    const { fits, outliers } = await fitPerson(
      [{ image: photo }, { image: photo }],
      models,
      options,
    );
    expect(outliers).toEqual([]);
    expect(fits).toHaveLength(2);
    for (const each of fits) {
      expect(each!.head.identity).toBe(fits[0]!.head.identity);
      expect(each!.head.skin).toBe(fits[0]!.head.skin);
      // Expression and camera start anew from the identity, so not quite where one photo's start.
      const off = one.head.identity.map((value, k) => value - each!.head.identity[k]!);
      expect(Math.hypot(...off)).toBeLessThan(0.05 * Math.hypot(...one.head.identity));
      expect(each!.camera.focalLength / one.camera.focalLength).toBeCloseTo(1, 1);
      expect(each!.losses.at(-1)!.energy / one.losses.at(-1)!.energy).toBeCloseTo(1, 1);
    }
  });

  it("holds a person who is known", async () => {
    const known = await fit(photo, models, QUICK);
    const { latent } = known;
    const { identity } = known.head;
    const again = await fit(photo, models, { ...QUICK, seed: 3, person: { identity, latent } });
    expect(again.head.identity).toEqual(identity);
    expect(again.latent).toEqual(latent);
    expect(again.losses.at(-1)!.energy).toBeLessThan(again.losses[0]!.energy);
    expect(again.landmarkError.final).toBeLessThan(1.2 * known.landmarkError.final);
  });

  it("needs a photo", async () => {
    await expect(fitPerson([], models)).rejects.toMatchObject({ code: "usage" });
  });
});

describe("fit", () => {
  it("lowers the energy, tells how, and does the same again", async () => {
    const seen: FitProgress[] = [];
    const result = await fit(photo, models, { ...QUICK, onProgress: (p) => seen.push(p) });
    const { losses, landmarkError, head } = result;
    expect(losses).toHaveLength(13);
    // The second rendering's views are drawn at random: their energies do not compare.
    const steady = ({ energy, secondIdentity }: Losses) =>
      energy - FIT_DEFAULTS.weights.secondIdentity * secondIdentity;
    expect(steady(losses.at(-1)!)).toBeLessThan(0.95 * steady(losses[0]!));
    expect(losses.at(-1)!.pixel).toBeLessThan(losses[0]!.pixel);
    expect(losses.at(-1)!.identity).toBeLessThan(losses[0]!.identity);
    expect(landmarkError.final).toBeLessThan(0.025);
    expect(head.skin).toMatchObject({ width: 64, height: 64 });
    expect(result.latent).toHaveLength(PLAIN_LATENT);
    expect(Math.max(...head.expression)).toBeLessThanOrEqual(1);
    expect(Math.min(...head.expression)).toBeGreaterThanOrEqual(0);

    const stages = [...new Set(seen.map(({ stage }) => stage))];
    expect(stages).toEqual(["face", "landmarks", "compile", "fit", "texture"]);
    const steps = seen.filter(({ losses }) => losses);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    const preview = steps.at(-1)!.preview!();
    expect(preview).toMatchObject({ width: 128, height: 128 });

    const again = await fit(photo, models, QUICK);
    const { timings: _, ...same } = again;
    const { timings: __, ...before } = result;
    expect(same).toEqual(before);
  });

  it("looks at a texture as fine as the frame, and ends with the finest", async () => {
    const generator = plainGenerator(0.05, [64, 128, 256]);
    const quick = { ...QUICK, steps: 4 };
    const result = await fit(photo, { ...models, generator }, quick);
    expect(result.head.skin).toMatchObject({ width: 256, height: 256 });
    expect(result.head.skin).toEqual(
      await textureOfLatent(generator, result.latent, { threads: 2 }),
    );
    const coarse = await fit(photo, { ...models, generator: plainGenerator(0.05, [128]) }, quick);
    expect(result.losses).toEqual(coarse.losses);
    expect(result.latent).toEqual(coarse.latent);
    expect(Math.max(...result.latent.map(Math.abs))).toBeGreaterThan(0);
  });

  it("goes from coarse to fine where the generator has coarser textures", async () => {
    const compiled = async (sizes: readonly number[]) => {
      let graphs = 0;
      const onProgress = ({ stage }: FitProgress) => {
        if (stage === "compile") graphs++;
      };
      const generator = plainGenerator(0.05, sizes);
      const options = { ...QUICK, steps: 5, side: 256, onProgress };
      const { losses } = await fit(photo, { ...models, generator }, options);
      expect(losses).toHaveLength(6);
      return graphs;
    };
    expect(await compiled([128, 256])).toBe(2);
    expect(await compiled([256])).toBe(1);
  });

  it("fits Phong's light as well, and stops after the landmarks where no steps are asked for", async () => {
    const phong = await fit(photo, models, { ...QUICK, steps: 6, lighting: "phong" });
    expect(phong.lighting.kind).toBe("phong");
    expect(phong.losses.at(-1)!.energy).toBeLessThan(phong.losses[0]!.energy);
    const none = await fit(photo, models, { ...QUICK, steps: 0 });
    expect(none.losses).toHaveLength(1);
    expect(Math.max(...none.latent.map(Math.abs))).toBe(0);
    expect(none.landmarkError.final).toBeCloseTo(none.landmarkError.stage1, 5);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const steps: number[] = [];
    const run = fit(photo, models, {
      ...QUICK,
      signal: controller.signal,
      onProgress: ({ stage, step }) => {
        if (stage !== "fit") return;
        steps.push(step);
        if (step === 3) controller.abort(reason);
      },
    });
    await expect(run).rejects.toBe(reason);
    expect(steps).toEqual([0, 1, 2, 3]);
  });

  it("refuses what makes no sense", async () => {
    const run = (options: FitRunOptions, changed: Partial<FitModels> = {}) =>
      fit(photo, { ...models, ...changed }, { ...QUICK, ...options });
    await expect(run({ steps: -1 })).rejects.toMatchObject({ code: "usage" });
    await expect(run({ side: 20 })).rejects.toMatchObject({ code: "usage" });
    await expect(run({ face: 3 })).rejects.toMatchObject({ code: "no-face" });
    const generator = { ...models.generator, uvFrame: "another" };
    await expect(run({}, { generator })).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(/laid out as another/),
    });
    const wall = { width: 200, height: 200, data: new Uint8Array(120_000).fill(140) };
    await expect(fit(wall, models, QUICK)).rejects.toMatchObject({ code: "no-face" });
  });
});
