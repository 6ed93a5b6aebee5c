/**
 * How well and how fast heads are fitted to the portraits of ../shared:
 *
 *     npx tsx packages/core/bench/fit.ts [--set held-out|one-person|official] [--steps N] [--model NAME]
 *       [--generator FILE] [--texture photo|generated] [--judge] [--threads N] [--every N] [--sheets FOLDER]
 *
 * One JSON line for each photo, then one for all. `held-out` (the default) are the pictures of the people that
 * nothing was ever trained on. `landmarks` is the mean distance of all 478 from the head's points, percent of the
 * distance between the pupils; `identity` the cosine of recognition features of photo and rendering, towards which
 * the fit pulls. `judge`, with `--judge`, is that of a network that no fit has seen (judge.ts), of the photo and the
 * head painted over the photo's face: give it with `--texture generated` to compare generators. With
 * `--sheets` pictures of eight people each are written: photo, rendering over it, front, three quarters, profile,
 * clay, texture. Look at them: the figures do not say whether it is the person.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GanfitError } from "../src/errors.js";
import { overlayOnPhoto } from "../src/export/overlay.js";
import { fit } from "../src/fit/fit.js";
import { loadFitModels } from "../src/fit/fit-models.node.js";
import { FIT_DEFAULTS } from "../src/fit/fit-options.js";
import type { FitResult } from "../src/fit/fit-result.js";
import { photoTexture } from "../src/fit/photo-texture.js";
import { readImage } from "../src/image/decode.node.js";
import { writeImage } from "../src/image/encode.node.js";
import type { Image } from "../src/image/image.js";
import { inPlane } from "../src/image/in-plane.js";
import { contactSheet } from "../src/image/montage.js";
import { applySimilarity, composeSimilarity, invertSimilarity } from "../src/image/similarity.js";
import { warpMask, warpSimilarity } from "../src/image/warp.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { similarityOf } from "../src/networks/recognition.js";
import { cropOf } from "../src/networks/region.js";
import { portraitCamera } from "../src/portrait/portrait-camera.js";
import { renderHead } from "../src/portrait/render-head.js";
import { cameraInPicture } from "../src/render/camera.js";
import { STUDIO } from "../src/render/lighting.js";
import { type Photo, photosOf } from "../test/photos.node.js";
import { loadJudge } from "./judge.js";

const { values } = parseArgs({
  options: {
    set: { type: "string", default: "held-out" },
    steps: { type: "string", default: String(FIT_DEFAULTS.steps) },
    model: { type: "string", default: "default" },
    generator: { type: "string" },
    judge: { type: "boolean", default: false },
    texture: { type: "string", default: "photo" },
    threads: { type: "string", default: "2" },
    every: { type: "string", default: "1" },
    sheets: { type: "string" },
  },
});

const CELL = 320;
/** Side of the pictures for the judge, pixels: its own are about a third of that. */
const JUDGED = 400;
const PEOPLE_PER_SHEET = 8;
const LABELS = ["", "fitted", "front", "35 degrees", "70 degrees", "clay", "texture"];

function photosOfSet(set: string): Photo[] {
  if (set === "one-person") return photosOf("one-person");
  if (set === "official") return photosOf("official-portraits");
  return (["london-neutral", "london-smiling", "canada"] as const)
    .flatMap(photosOf)
    .filter(({ heldOut }) => heldOut);
}

const frame = await loadUvFrame();
const models = await loadFitModels({ model: values.model, generator: values.generator });
const judge = values.judge ? await loadJudge() : undefined;

function dressed(photo: Image, result: FitResult): FitResult["head"] {
  if (values.texture === "generated") return result.head;
  const { head, camera, lighting, segmentation } = result;
  const size = models.generator.resolution;
  return {
    ...head,
    skin: photoTexture({ photo, head, camera, lighting, segmentation, frame, size }),
  };
}

function pictures(photo: Image, result: FitResult): Image[] {
  const head = dressed(photo, result);
  const { region } = result.face;
  const crop = cropOf({ ...region, size: 1.05 * region.size }, CELL);
  const seen = warpSimilarity(photo, crop, CELL, CELL);
  const size = { width: CELL, height: CELL };
  const over = renderHead(head, {
    camera: cameraInPicture(result.camera, invertSimilarity(crop)),
    lighting: result.lighting,
    background: [255, 255, 255],
    ...size,
  });
  const vertices = evaluateModel(head.model, head.identity, head.expression);
  const view = (yaw: number, clay = false) =>
    renderHead(head, {
      camera: portraitCamera(vertices, { yaw, ...size }),
      lighting: STUDIO,
      background: [255, 255, 255],
      clay,
      ...size,
    }).image;
  return [seen, over.image, view(0), view(35), view(70), view(35, true), head.skin];
}

/** The judge's cosine of the photo's face and of the head painted over it; undefined without a judge. */
async function judged(photo: Image, result: FitResult): Promise<number | undefined> {
  if (!judge) return undefined;
  const { face, segmentation, lighting } = result;
  const toPhoto = cropOf({ ...face.region, size: 1.1 * face.region.size }, JUDGED);
  const toCrop = invertSimilarity(toPhoto);
  const crop = warpSimilarity(photo, toPhoto, JUDGED, JUDGED, { border: "replicate" });
  const toMask = composeSimilarity(invertSimilarity(segmentation.toImage), toPhoto);
  const mask = warpMask(segmentation.face, toMask, JUDGED, JUDGED);
  const camera = cameraInPicture(result.camera, toCrop);
  const painted = overlayOnPhoto(crop, dressed(photo, result), camera, lighting, mask);
  const landmarks = applySimilarity(toCrop, inPlane(face.landmarks));
  return similarityOf(await judge.embed(crop, landmarks), await judge.embed(painted, landmarks));
}

const all = photosOfSet(values.set).filter((_, i) => i % Number(values.every) === 0);
const errors: number[] = [];
const seconds: number[] = [];
const cosines: number[] = [];
const judgements: number[] = [];
const failures: string[] = [];
let cells: { images: Image[]; name: string }[] = [];
let sheet = 0;

async function flush(): Promise<void> {
  if (!values.sheets || cells.length === 0) return;
  await mkdir(values.sheets, { recursive: true });
  const labels = cells.flatMap(({ name }) => [name, ...LABELS.slice(1)]);
  const images = cells.flatMap(({ images }) => images);
  const picture = contactSheet(images, {
    columns: LABELS.length,
    cell: { width: CELL, height: CELL },
    labels,
  });
  await writeImage(join(values.sheets, `${values.set}-${values.model}-${sheet++}.png`), picture);
  cells = [];
}

for (const { name, path } of all) {
  const photo = await readImage(path);
  const start = performance.now();
  try {
    const result = await fit(photo, models, {
      steps: Number(values.steps),
      threads: Number(values.threads),
      name,
    });
    const time = (performance.now() - start) / 1000;
    const error = 100 * result.landmarkError.final;
    const cosine = 1 - (result.losses.at(-1)?.identity ?? 1);
    const judgement = await judged(photo, result);
    if (judgement !== undefined) judgements.push(judgement);
    errors.push(error);
    seconds.push(time);
    cosines.push(cosine);
    console.log(
      JSON.stringify({
        photo: name,
        landmarks: round(error, 2),
        identity: round(cosine, 3),
        ...(judgement !== undefined && { judge: round(judgement, 3) }),
        pixel: round(result.losses.at(-1)?.pixel ?? Number.NaN, 4),
        seconds: round(time, 1),
        megabytes: Math.round(process.memoryUsage.rss() / 1e6),
      }),
    );
    if (values.sheets) {
      cells.push({ images: pictures(photo, result), name });
      if (cells.length === PEOPLE_PER_SHEET) await flush();
    }
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    failures.push(`${name}: ${error.message}`);
    console.log(JSON.stringify({ photo: name, failed: error.message }));
  }
}
await flush();
await models.dispose();
await judge?.dispose();

console.log(
  JSON.stringify({
    set: values.set,
    model: values.model,
    generator: models.generator.name,
    texture: values.texture,
    steps: Number(values.steps),
    photos: all.length,
    failed: failures.length,
    landmarks: { mean: round(mean(errors), 2), worst: round(Math.max(...errors), 2) },
    identity: { mean: round(mean(cosines), 3), worst: round(Math.min(...cosines), 3) },
    ...(judge && {
      judge: { mean: round(mean(judgements), 3), worst: round(Math.min(...judgements), 3) },
    }),
    seconds: { median: round(median(seconds), 1), worst: round(Math.max(...seconds), 1) },
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1e3),
  }),
);

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
