/**
 * Whether light is taken out of textures: heads with a known texture, a sample of the generator, are drawn under known
 * lights, with shine, and fitted; their textures are compared with the truth.
 *
 *     npx tsx packages/core/bench/relight.ts [--count 4] [--seed 7] [--steps N] [--size 512] [--threads 2]
 *       [--sheet FILE]
 *
 * One JSON line for each head and light, then the means. PSNR in dB over the skin of the face that the picture shows
 * well, for the photo's texture (`photo`), the generator's (`generated`) and that with the photo's detail (`detail`),
 * each multiplied by one number first: how much darkness is light a picture does not tell. `unlit` is the picture's own
 * colour, unwrapped without any light taken out. `relit` compares pictures of the true head that wears the photo's
 * texture, or its own, under the light from the other side. `difference` is the mean distance, of 255, of the textures
 * that the first light and each other one gave of one head: 0 if light left no trace.
 */
import { parseArgs } from "node:util";
import { sampleSheet } from "../src/export/sample-sheet.js";
import { fit } from "../src/fit/fit.js";
import { loadFitModels } from "../src/fit/fit-models.node.js";
import { FIT_DEFAULTS } from "../src/fit/fit-options.js";
import { detailTexture, photoTexture } from "../src/fit/photo-texture.js";
import { writeImage } from "../src/image/encode.node.js";
import type { Image } from "../src/image/image.js";
import { contactSheet } from "../src/image/montage.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import type { TexturedHead } from "../src/models/textured-head.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { portraitCamera } from "../src/portrait/portrait-camera.js";
import { renderHead } from "../src/portrait/render-head.js";
import type { Lighting, PhongLighting } from "../src/render/lighting.js";
import { faceRegions } from "../src/texture/face-regions.js";
import { resizeTexture } from "../src/texture/resize-texture.js";
import { imageOfTexture } from "../src/texture/texture-map.js";
import { unwrapTexture } from "../src/texture/unwrap.js";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "4" },
    seed: { type: "string", default: "7" },
    steps: { type: "string", default: String(FIT_DEFAULTS.steps) },
    size: { type: "string", default: "512" },
    threads: { type: "string", default: "2" },
    sheet: { type: "string" },
  },
});

/** Side of the pictures, pixels. */
const PICTURE = 720;

function lamp(x: number, specular: number): PhongLighting {
  return {
    kind: "phong",
    position: [x, 350, 700],
    colour: [0.85, 0.82, 0.78],
    ambient: [0.35, 0.36, 0.38],
    specular,
    shininess: 12,
  };
}

/** Soft from the front first: with it the others are compared. */
const LIGHTS: Readonly<Record<string, Lighting>> = {
  soft: {
    kind: "spherical-harmonics",
    coefficients: [0.8, 0, 0.1, 0.22, 0, 0, 0, 0, 0].flatMap((c) => [c, c, c]),
  },
  side: {
    kind: "spherical-harmonics",
    coefficients: [0.7, 0.38, 0.12, 0.2, 0.02, 0, 0, 0.06, 0].flatMap((c) => [
      c,
      0.98 * c,
      0.95 * c,
    ]),
  },
  lamp: lamp(-500, 0),
  shine: lamp(250, 0.3),
};
const OTHER_SIDE = lamp(600, 0);

interface Figures {
  readonly head: number;
  readonly light: string;
  readonly unlit: number;
  readonly photo: number;
  readonly generated: number;
  readonly detail: number;
  readonly relit: number;
  readonly difference: number;
}

const size = Number(values.size);
const frame = await loadUvFrame();
const models = await loadFitModels({});
const regions = faceRegions(frame, size);
const truths: TexturedHead[] = [];
await sampleSheet(models.shape, models.generator, {
  count: Number(values.count),
  seed: Number(values.seed),
  size: 32,
  onSample: ({ head }) => {
    truths.push(head);
  },
});
const all: Figures[] = [];
const cells: Image[] = [];
for (const [index, truth] of truths.entries()) {
  const { model } = truth;
  const vertices = evaluateModel(model, truth.identity, truth.expression);
  const camera = portraitCamera(vertices, { width: PICTURE, height: PICTURE });
  const view = { camera, width: PICTURE, height: PICTURE, background: [150, 160, 175] as const };
  const known = resizeTexture(truth.skin, size);
  let first: Image | undefined;
  for (const [light, lighting] of Object.entries(LIGHTS)) {
    const photo = renderHead(truth, { ...view, lighting }).image;
    const shown = unwrapTexture({ model, vertices, camera, photo, size });
    const weights = shown.confidence.map((value, i) => (value > 0.5 ? regions.skin[i]! : 0));
    const result = await fit(photo, models, {
      steps: Number(values.steps),
      threads: Number(values.threads),
      name: `head ${index} in ${light} light`,
    });
    const { head, lighting: found, segmentation } = result;
    const input = { head, frame, size };
    const own = { photo, camera: result.camera, lighting: found, segmentation };
    const skin = photoTexture({ ...input, ...own });
    const detail = detailTexture({ ...input, photos: [{ ...own, expression: head.expression }] });
    const generated = resizeTexture(head.skin, size);
    first ??= skin;
    const under = (texture: Image) =>
      renderHead({ ...truth, skin: texture }, { ...view, lighting: OTHER_SIDE });
    const level = gainBetween(skin, known, weights);
    const [relit, wanted] = [under(scaled(skin, level)), under(truth.skin)];
    const figures: Figures = {
      head: index,
      light,
      unlit: psnr(imageOfTexture(shown), known, weights),
      photo: psnr(skin, known, weights),
      generated: psnr(generated, known, weights),
      detail: psnr(detail, known, weights),
      relit: psnr(relit.image, wanted.image, wanted.skin.data),
      difference: distance(skin, first, weights),
    };
    all.push(figures);
    console.log(JSON.stringify(rounded(figures)));
    if (values.sheet) cells.push(photo, known, skin, detail, relit.image, wanted.image);
  }
}
await models.dispose();
for (const light of Object.keys(LIGHTS)) {
  const list = all.filter((figures) => figures.light === light);
  const mean = (key: Exclude<keyof Figures, "light">) =>
    list.reduce((sum, figures) => sum + figures[key], 0) / list.length;
  const [unlit, photo, generated] = [mean("unlit"), mean("photo"), mean("generated")];
  const [detail, relit, difference] = [mean("detail"), mean("relit"), mean("difference")];
  console.log(
    JSON.stringify({
      heads: list.length,
      light,
      ...rounded({ unlit, photo, generated, detail, relit, difference }),
    }),
  );
}
if (values.sheet) {
  const labels = all.flatMap(({ light }) => [light, "true", "photo", "detail", "relit", "true"]);
  const cell = { width: 280, height: 280 };
  await writeImage(values.sheet, contactSheet(cells, { columns: 6, cell, labels }));
}

/** The number by which a texture comes nearest to another, weighted least squares. */
function gainBetween(from: Image, to: Image, weights: ArrayLike<number>): number {
  let [product, square] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      product += weights[i]! * from.data[c]! * to.data[c]!;
      square += weights[i]! * from.data[c]! ** 2;
    }
  }
  return product / square;
}

function scaled(image: Image, gain: number): Image {
  return { ...image, data: image.data.map((value) => Math.min(255, Math.round(gain * value))) };
}

function psnr(image: Image, truth: Image, weights: ArrayLike<number>): number {
  const gain = gainBetween(image, truth, weights);
  let [sum, total] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      sum += weights[i]! * (gain * image.data[c]! - truth.data[c]!) ** 2;
    }
    total += 3 * weights[i]!;
  }
  return 10 * Math.log10(255 ** 2 / (sum / total));
}

function distance(a: Image, b: Image, weights: ArrayLike<number>): number {
  const gain = gainBetween(a, b, weights);
  let [sum, total] = [0, 0];
  for (let i = 0; i < weights.length; i++) {
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      sum += weights[i]! * Math.abs(gain * a.data[c]! - b.data[c]!);
    }
    total += 3 * weights[i]!;
  }
  return sum / total;
}

function rounded<T extends object>(figures: T): T {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [
      key,
      typeof value === "number" ? Number(value.toFixed(2)) : value,
    ]),
  ) as T;
}
