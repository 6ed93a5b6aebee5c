/**
 * How good texture generators are, on people whom they were not trained on:
 *
 *     npx tsx packages/train/bench/texture.ts --data HELD_OUT_DATASET --train TRAIN_DATASET
 *       [--generator FILE|default ...] [--people N] [--steps N] [--samples N] [--seed N] [--device cpu|cuda|webgpu]
 *       [--threads N] [--sheets FOLDER]
 *
 * The data sets are folders that `ganfit dataset build` made. A generator is an `.onnx` file with its `.json` beside
 * it; `default`, which is also measured where none is named, is the package's own. For each generator three JSON lines:
 *
 * - `projection`: the latent nearest to each held-out person's texture, found by Adam. PSNR within the face,
 *   weighted by how surely each texel is the person's, at the data set's size (`psnr`) and at half of it
 *   (`psnrHalf`), dB; and the judge's cosine of the portraits with the true and the projected texture (`judge`; what
 *   different people have is `strangers`), with how many people are nearest to themselves (`foundAgain`);
 *   `latent` is the root of the latents' mean square.
 * - `detail`: energy of random samples in the two finest octaves over that of the training people's, where bare
 *   skin is surely theirs (texture-octaves.ts). `realDeviation` is the real one's root, in bytes.
 * - `variety`: nearest neighbours of samples among the training people and their mirror images, of samples among
 *   each other, of real people among the others: differences of colour at 64 x 64 texels of the seen face, and the
 *   judge's cosines of portraits.
 *
 * The judge is a network that nothing is ever fitted with (packages/core/bench/judge.ts). With `--sheets` pictures are
 * written for each generator: projections, samples, interpolations, and a blind look of 16 real and 16 generated
 * portraits with its key.
 */
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import {
  faceRegions,
  type Image,
  imageOfTexture,
  loadDefaultGenerator,
  loadFaceNetworks,
  loadModel,
  loadUvFrame,
  type NetworkOptions,
  openTextureGenerator,
  openTextureRun,
  randomNormals,
  resizeTexture,
  similarityOf,
  type TextureGenerator,
  textureOfImage,
  type UvFrame,
  writeImage,
  writeWhole,
} from "@ganfit/core";
import { loadJudge } from "../../core/bench/judge.js";
import { loadDataset, type TextureDataset } from "../src/index.node.js";
import {
  detailFigures,
  mean,
  measureReal,
  psnrs,
  type RealPeople,
  round,
  varietyFigures,
} from "./texture-measure.js";
import { openPortrait, type Portrait } from "./texture-portrait.js";
import { openProjector } from "./texture-projection.js";
import { blindLook, portraitSheet, projectionSheet } from "./texture-sheets.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    train: { type: "string" },
    generator: { type: "string", multiple: true, default: ["default"] },
    people: { type: "string", default: "1000" },
    steps: { type: "string", default: "200" },
    samples: { type: "string", default: "32" },
    seed: { type: "string", default: "1" },
    device: { type: "string", default: "cpu" },
    threads: { type: "string" },
    sheets: { type: "string" },
  },
});
if (!values.data || !values.train) throw new Error("--data and --train must name data sets");
const seed = Number(values.seed);
const network: NetworkOptions = {
  device: values.device as NonNullable<NetworkOptions["device"]>,
  ...(values.threads !== undefined && { threads: Number(values.threads) }),
};
/** Strips of an interpolation sheet, and pictures in each. */
const STRIPS = 6;
const STRIP = 8;
/** Portraits of each kind in the blind look. */
const BLIND = 16;

const frame = await loadUvFrame();
const model = await loadModel("default");
const heldOut = await loadDataset(values.data);
const training = await loadDataset(values.train);
const networks = await loadFaceNetworks();
const judge = await loadJudge();
const portrait = await openPortrait(model, imageOfTexture(training.mean), networks, judge);
await networks.dispose();
const real = await measureReal(training, frame, portrait);
for (const file of values.generator) {
  const generator = await (file === "default"
    ? loadDefaultGenerator()
    : openTextureGenerator(file));
  await measure(generator, { file, heldOut, training, real, frame, portrait });
}
await judge.dispose();

interface Context {
  readonly file: string;
  readonly heldOut: TextureDataset;
  readonly training: TextureDataset;
  readonly real: RealPeople;
  readonly frame: UvFrame;
  readonly portrait: Portrait;
}

async function measure(generator: TextureGenerator, context: Context): Promise<void> {
  const { file, training, real, portrait } = context;
  const print = (figures: object) =>
    console.log(JSON.stringify({ generator: file, name: generator.name, ...figures }));
  const { latents, people, figures } = await projections(generator, context);
  print({ projection: figures });
  const run = await openTextureRun(generator, network);
  const latentOf = (i: number) =>
    Float32Array.from(randomNormals(generator.latentSize, 1000 * seed + i));
  const samples: Image[] = [];
  for (let i = 0; i < Number(values.samples); i++) samples.push(await run.textureOf(latentOf(i)));
  const maps = samples.map((image) => textureOfImage(resizeTexture(image, training.size)));
  print({ samples: maps.length, detail: detailFigures(maps, real) });
  print({ samples: maps.length, variety: await varietyFigures(maps, real, portrait) });
  if (values.sheets) {
    const stem = join(values.sheets, basename(file).replace(/\.\w+$/, ""));
    await mkdir(values.sheets, { recursive: true });
    const save = (name: string, image: Image) => writeImage(`${stem}-${name}.png`, image);
    await save("projections", projectionSheet(people, portrait));
    await save("samples", portraitSheet(samples, STRIP, portrait));
    // The last strips go from one held-out person to the next.
    const pairs = Array.from({ length: STRIPS }, (_, i) =>
      i < STRIPS - 2 || latents.length < 2
        ? ([latentOf(i), latentOf(i + 1)] as const)
        : ([latents[i % latents.length]!, latents[(i + 1) % latents.length]!] as const),
    );
    const strips: Image[] = [];
    for (const [from, to] of pairs) {
      for (let k = 0; k < STRIP; k++) {
        strips.push(await run.textureOf(between(from, to, k / (STRIP - 1))));
      }
    }
    await save("interpolations", portraitSheet(strips, STRIP, portrait));
    const blind = blindLook(
      [
        ...realTextures(training).map(({ id, texture }) => [`real ${id}`, texture] as const),
        ...samples.slice(0, BLIND).map((image, i) => [`sample ${i}`, image] as const),
      ],
      seed,
      portrait,
    );
    for (const [i, page] of blind.pages.entries()) await save(`blind-${i + 1}`, page);
    const key = `${JSON.stringify(blind.key, null, 2)}\n`;
    await writeWhole(`${stem}-blind-key.json`, new TextEncoder().encode(key));
  }
  await run.dispose();
}

async function projections(generator: TextureGenerator, { heldOut, frame, portrait }: Context) {
  const { size } = heldOut;
  const { face } = faceRegions(frame, size);
  const projector = await openProjector(generator, { ...network, steps: Number(values.steps) });
  const chosen = heldOut.maps.slice(0, Number(values.people));
  const people: { name: string; truth: Image; projected: Image }[] = [];
  const latents: Float32Array[] = [];
  const psnr: number[] = [];
  const psnrHalf: number[] = [];
  const truths: { person: string; embedding: Float32Array }[] = [];
  const found: Float32Array[] = [];
  const start = performance.now();
  for (const { id, colour, confidence } of chosen) {
    const target = { size, colour, confidence: confidence.map((value, i) => value * face[i]!) };
    const { latent, texture } = await projector.project(target);
    latents.push(latent);
    people.push({ name: id, truth: imageOfTexture(target), projected: texture });
    const [full, half] = psnrs(target, texture);
    psnr.push(full);
    psnrHalf.push(half);
  }
  const seconds = (performance.now() - start) / 1000 / chosen.length;
  await projector.dispose();
  for (const [i, { truth, projected }] of people.entries()) {
    truths.push({ person: chosen[i]!.person, embedding: await portrait.embed(truth) });
    found.push(await portrait.embed(projected));
  }
  const cosines = found.map((embedding, i) => similarityOf(embedding, truths[i]!.embedding));
  const strangers = found.map((embedding, i) =>
    truths
      .filter(({ person }) => person !== truths[i]!.person)
      .map((truth) => similarityOf(embedding, truth.embedding)),
  );
  const meanAndWorst = (list: readonly number[], digits: number) => ({
    mean: round(mean(list), digits),
    worst: round(Math.min(...list), digits),
  });
  const figures = {
    people: chosen.length,
    steps: Number(values.steps),
    psnr: meanAndWorst(psnr, 2),
    psnrHalf: meanAndWorst(psnrHalf, 2),
    judge: meanAndWorst(cosines, 3),
    strangers: round(mean(strangers.flat()), 3),
    foundAgain: cosines.filter((cosine, i) => strangers[i]!.every((other) => other < cosine))
      .length,
    latent: round(Math.sqrt(mean(latents.map((z) => mean([...z].map((v) => v * v))))), 2),
    secondsPerPerson: round(seconds, 1),
  };
  return { latents, people, figures };
}

/** The first texture of each of as many people, evenly from all. */
function realTextures({ maps, size }: TextureDataset) {
  const people = maps.filter(
    ({ person }, i) => maps.findIndex((map) => map.person === person) === i,
  );
  const count = Math.min(BLIND, people.length);
  return Array.from({ length: count }, (_, i) => {
    const { id, colour } = people[Math.floor((i * people.length) / count)]!;
    return { id, texture: imageOfTexture({ size, colour }) };
  });
}

/** Along the great circle, so that no latent on the way is likelier than those at the ends. */
function between(from: Float32Array, to: Float32Array, share: number): Float32Array {
  const dot = from.reduce((sum, value, i) => sum + value * to[i]!, 0);
  const cosine = dot / (Math.hypot(...from) * Math.hypot(...to));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const [a, b] =
    angle < 1e-3
      ? [1 - share, share]
      : [
          Math.sin((1 - share) * angle) / Math.sin(angle),
          Math.sin(share * angle) / Math.sin(angle),
        ];
  return from.map((value, i) => a * value + b * to[i]!);
}
