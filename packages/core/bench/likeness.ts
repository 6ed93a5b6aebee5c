/**
 * Whether fitted heads are recognisably the person, on people of ../shared with a neutral and a smiling photo:
 *
 *     npx tsx packages/core/bench/likeness.ts [--people held-out|training] [--every N] [--steps N] [--model NAME]
 *       [--generator FILE] [--texture photo|generated|photo,generated] [--weights identity=2,content=0]
 *       [--measures identity,own,other,shape] [--canada] [--threads N] [--sheets FOLDER]
 *
 * One JSON line for each person (and texture), then a summary. `training` are the London people on whom things may
 * be tuned; figures are those of `held-out`, the default. Measures:
 *
 * - `identity`: the neutral photo's fit, drawn without expression from the front in a fixed soft light, against the
 *   smiling photos of all London people: rank 1 and AUC by the judge, a network that no fit has seen (judge.ts);
 *   `judge` is its cosine with the own smiling photo, `real` that of both photos. A head that could not be fitted
 *   or in whose picture no face is found counts as not recognised. Canada's people, with `--canada`, have one photo
 *   each, so the fitted one is in the gallery itself: a line of their own.
 * - `own`: PSNR (dB) and SSIM of the neutral photo and its fit over the face where it is seen; `covered` is the
 *   share of that which the head lies over.
 * - `other`: the same of the smiling photo, with the neutral photo's identity and texture held fixed.
 * - `shape`: mean distance in mm of the neutral shapes fitted to both photos, and of those of different people.
 *
 * With `--sheets` pictures of eight people each are written, least like the person first: neutral photo, fitted,
 * what the judge saw, smiling photo and the neutral one's head fitted to it (with `other`), clay, texture.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GanfitError } from "../src/errors.js";
import { loadFitModels } from "../src/fit/fit-models.node.js";
import { FIT_DEFAULTS } from "../src/fit/fit-options.js";
import { readImage } from "../src/image/decode.node.js";
import { writeImage } from "../src/image/encode.node.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import type { Photo } from "../test/photos.node.js";
import { loadJudge } from "./judge.js";
import { judgeFace } from "./likeness-identity.js";
import { parseList, parseWeights } from "./likeness-options.js";
import { canadaPeople, londonPeople, type Person } from "./likeness-people.js";
import {
  MEASURES,
  type Measuring,
  measurePerson,
  type PersonFigures,
  TEXTURES,
} from "./likeness-person.js";
import { faceVertices } from "./likeness-shape.js";
import { likenessSheets } from "./likeness-sheet.js";
import { personLines, summary } from "./likeness-summary.js";

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "held-out" },
    every: { type: "string", default: "1" },
    steps: { type: "string", default: String(FIT_DEFAULTS.steps) },
    model: { type: "string", default: "default" },
    generator: { type: "string" },
    texture: { type: "string", default: "photo" },
    weights: { type: "string", default: "" },
    measures: { type: "string", default: MEASURES.join() },
    canada: { type: "boolean", default: false },
    threads: { type: "string", default: "2" },
    sheets: { type: "string" },
  },
});
const threads = Number(values.threads);
const heldOut = parseList("people", values.people, ["held-out", "training"]).has("held-out");
const measures = parseList("measures", values.measures, MEASURES);
const textures = parseList("texture", values.texture, TEXTURES);
const weights = parseWeights(values.weights, FIT_DEFAULTS.weights);

const london = londonPeople();
const canada = values.canada ? canadaPeople() : [];
if (london.length === 0) {
  console.error("bench: ../shared/data/photos is absent, and with it all photos.");
  process.exit(2);
}
const models = await loadFitModels(
  { model: values.model, generator: values.generator },
  { threads },
);
const judge = await loadJudge({ threads });
const face = faceVertices(models.shape);
const measuring: Measuring = {
  models,
  frame: await loadUvFrame(),
  judge,
  gallery: await openGallery(),
  options: { steps: Number(values.steps), threads, weights },
  measures,
  textures,
  sheets: values.sheets !== undefined,
};

const londoners = await measureAll(chosen(london));
const canadians = await measureAll(chosen(canada));
await models.dispose();
await judge.dispose();

const setting = {
  set: values.people,
  model: values.model,
  generator: models.generator.name,
  steps: Number(values.steps),
  ...(values.weights && { weights }),
  peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1e3),
};
for (const texture of textures) {
  for (const [which, { measured, failed }] of Object.entries({
    london: londoners,
    canada: canadians,
  })) {
    if (measured.length + failed === 0) continue;
    print({ which, ...setting, ...summary(measured, texture, failed, face) });
  }
  if (!values.sheets) continue;
  await mkdir(values.sheets, { recursive: true });
  const rows = [...londoners.measured, ...canadians.measured].flatMap((each) =>
    each.textures.flatMap((one) => (one.texture === texture && one.row ? [one.row] : [])),
  );
  let number = 0;
  for (const sheet of likenessSheets(rows)) {
    const file = `${values.people}-${values.model}-${texture}-${number++}.png`;
    await writeImage(join(values.sheets, file), sheet);
  }
}

/** The judge's features of everybody's smiling photo, and with Canada's people's only ones. */
async function openGallery(): Promise<Measuring["gallery"]> {
  const smiling = new Map<string, Float32Array>();
  const whole = new Map<string, Float32Array>();
  if (!measures.has("identity")) return { smiling, whole };
  const embed = async ({ name, path }: Photo) =>
    judgeFace(await readImage(path), name, judge, models.faces);
  for (const person of london) {
    const features = await embed(person.smiling!);
    smiling.set(person.name, features);
    whole.set(person.name, features);
  }
  for (const { name, neutral } of canada) whole.set(name, await embed(neutral));
  return { smiling, whole };
}

function chosen(people: readonly Person[]): Person[] {
  return people
    .filter((person) => person.heldOut === heldOut)
    .filter((_, i) => i % Number(values.every) === 0);
}

/** Measures people one after another, and prints each. */
async function measureAll(
  people: readonly Person[],
): Promise<{ measured: PersonFigures[]; failed: number }> {
  const measured: PersonFigures[] = [];
  for (const person of people) {
    try {
      const figures = await measurePerson(person, measuring);
      measured.push(figures);
      personLines(figures, face).forEach(print);
    } catch (error) {
      if (!(error instanceof GanfitError)) throw error;
      print({ person: person.name, failed: error.message });
    }
  }
  return { measured, failed: people.length - measured.length };
}

function print(line: object): void {
  console.log(JSON.stringify(line));
}
