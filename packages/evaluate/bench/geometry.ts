/**
 * How right the fitted shapes are, on heads whose truth is known, and from how far off a fit finds home:
 *
 *     npx tsx packages/evaluate/bench/geometry.ts [heads|perspective|basin] [--heads N] [--seed S] [--steps N]
 *       [--model default|ict-facekit] [--threads N] [--photos N] [--starts N]
 *
 * JSON lines. `heads` (the default): random heads of ICT-FaceKit (synthetic-heads.ts) in textures of people held out,
 * fitted by both models, or one with `--model`, with the focal length known and unknown. The neutral fitted shape is
 * compared with the neutral true one by the MICC protocol (src/micc/micc-distance.ts), millimetres, first laid on it by the
 * 478 landmarks, since the meshes differ; beside it the landmark stage's alone and the model's mean face.
 *
 * `perspective`: one head from 0.3, 0.5, 1 and 3 m, as large in the picture from all; pairwise mean distance of the
 * neutral fitted faces after a rigid motion.
 *
 * `basin`: the landmark stage on photos of people that are not held out, its first pose turned by up to 20 degrees
 * about each axis and scaled by up to 20 %; share of starts that end where the unmoved one does.
 */
import { parseArgs } from "node:util";
import {
  evaluateModel,
  extrinsicsOf,
  FIT_DEFAULTS,
  findFace,
  fit,
  fitLandmarks,
  type LandmarkFit,
  type LoadedFitModels,
  loadFitModels,
  loadModel,
  type MorphableModel,
  prepareLandmarks,
  randomUniform,
  readImage,
  surfacePositions,
} from "@ganfit/core";
import { heldOutSkins } from "../../core/bench/held-out-skins.js";
import { ictModelFile } from "../../core/bench/ict-model.js";
import { photosOf } from "../../core/test/photos.node.js";
import { alignPoints, movePoints } from "../src/geometry/similarity3.js";
import { verticesAround } from "../src/micc/face-around.js";
import { type MarkedFace, MICC_DEFAULTS, miccDistance } from "../src/micc/micc-distance.js";
import { photograph, type SyntheticHead, syntheticHead } from "./synthetic-heads.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    heads: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: String(FIT_DEFAULTS.steps) },
    model: { type: "string" },
    threads: { type: "string", default: "2" },
    photos: { type: "string", default: "10" },
    starts: { type: "string", default: "20" },
  },
});

const NOSE_TIP = 4;
const DISTANCES = [300, 500, 1000, 3000];
/** Largest turn about each axis, degrees, and largest change of scale of a start. */
const TURN = 20;
const SCALE = 0.2;
/** A start ends where the unmoved one does: landmark error (relative), shape (mm), rotation (degrees). */
const SAME = { error: 0.02, shape: 0.2, degrees: 0.5 };

const ictFile = await ictModelFile();
const skins = await heldOutSkins();
const [task = "heads"] = positionals;
if (!ictFile || skins.length === 0) {
  console.error(
    "bench: this measures with ICT-FaceKit and photos of ../shared/data, which are absent.",
  );
  process.exitCode = 2;
} else if (task === "heads") await measureHeads(await loadModel(ictFile));
else if (task === "perspective") await measurePerspective(await loadModel(ictFile));
else if (task === "basin") await measureBasin();
else {
  console.error(`bench: geometry measures heads, perspective or basin, not ${task}.`);
  process.exitCode = 2;
}

async function withModels(work: (models: LoadedFitModels, name: string) => Promise<void>) {
  for (const name of values.model ? [values.model] : ["default", "ict-facekit"]) {
    const models = await loadFitModels({ model: name === "ict-facekit" ? ictFile! : name });
    await work(models, name).finally(() => models.dispose());
  }
}

async function fitted(synthetic: SyntheticHead, models: LoadedFitModels, known: boolean) {
  const { photo, camera } = photograph(synthetic);
  const focalLength = known ? camera.focalLength : undefined;
  const result = await fit(photo, models, {
    steps: Number(values.steps),
    threads: Number(values.threads),
    focalLength,
  });
  const first = fitLandmarks(models.shape, result.face.landmarks, photo, { focalLength });
  return { result, first };
}

async function measureHeads(ict: MorphableModel): Promise<void> {
  await withModels(async (models, name) => {
    const meanFace = marked(models.shape, new Float32Array(models.shape.identity.names.length));
    for (const known of [true, false]) {
      const errors: { error: number; landmarkStage: number; meanFace: number }[] = [];
      for (let i = 0; i < Number(values.heads); i++) {
        const synthetic = syntheticHead(ict, skins, Number(values.seed) + i);
        const truth = marked(ict, synthetic.head.identity);
        const { result, first } = await fitted(synthetic, models, known);
        const errorOf = (face: MarkedFace) => miccDistance(truth, face).mean;
        const line = {
          error: errorOf(marked(models.shape, result.head.identity)),
          landmarkStage: errorOf(marked(models.shape, first.identity)),
          meanFace: errorOf(meanFace),
        };
        errors.push(line);
        print({ model: name, focalLength: known ? "known" : "unknown", head: i, ...line });
      }
      const mean = (key: keyof (typeof errors)[number]) =>
        errors.reduce((sum, line) => sum + line[key], 0) / errors.length;
      print({
        model: name,
        focalLength: known ? "known" : "unknown",
        heads: errors.length,
        error: mean("error"),
        worst: Math.max(...errors.map(({ error }) => error)),
        landmarkStage: mean("landmarkStage"),
        meanFace: mean("meanFace"),
      });
    }
  });
}

async function measurePerspective(ict: MorphableModel): Promise<void> {
  const synthetic = syntheticHead(ict, skins, Number(values.seed));
  await withModels(async (models, name) => {
    for (const known of [true, false]) {
      const shapes: Float64Array[] = [];
      const distances: number[] = [];
      for (const distance of DISTANCES) {
        const view = { ...synthetic.view, distance };
        const { result } = await fitted({ ...synthetic, view }, models, known);
        shapes.push(faceOf(models.shape, result.head.identity));
        distances.push(Math.hypot(...result.camera.position));
      }
      const pairs = shapes.flatMap((a, i) => shapes.slice(i + 1).map((b) => rigidDistance(a, b)));
      print({
        model: name,
        focalLength: known ? "known" : "unknown",
        mean: pairs.reduce((sum, value) => sum + value, 0) / pairs.length,
        worst: Math.max(...pairs),
        fittedMetres: distances.map((value) => round(value / 1000)),
      });
    }
  });
}

async function measureBasin(): Promise<void> {
  const training = (["london-neutral", "london-smiling"] as const)
    .flatMap(photosOf)
    .filter(({ heldOut }) => !heldOut);
  const every = Math.max(1, Math.floor(training.length / Number(values.photos)));
  const photos = training.filter((_, i) => i % every === 0).slice(0, Number(values.photos));
  const next = randomUniform(Number(values.seed));
  const between = (limit: number) => limit * (2 * next() - 1);
  await withModels(async (models, name) => {
    const prepared = prepareLandmarks(models.shape);
    let same = 0;
    let count = 0;
    for (const photo of photos) {
      const image = await readImage(photo.path);
      const { landmarks } = await findFace(image, models.faces, { name: photo.name });
      const home = fitLandmarks(models.shape, landmarks, image, {}, prepared);
      let found = 0;
      for (let i = 0; i < Number(values.starts); i++) {
        const [yaw, pitch, roll] = [between(TURN), between(TURN), between(TURN)];
        const start = { yaw, pitch, roll, scale: 1 + between(SCALE) };
        const end = fitLandmarks(models.shape, landmarks, image, { start }, prepared);
        if (endsAt(models.shape, home, end)) found++;
      }
      same += found;
      count += Number(values.starts);
      print({ model: name, photo: photo.name, same: found, starts: Number(values.starts) });
    }
    print({ model: name, photos: photos.length, starts: count, share: same / count });
  });
}

function endsAt(model: MorphableModel, home: LandmarkFit, end: LandmarkFit): boolean {
  const a = extrinsicsOf(home.camera).rotation;
  const b = extrinsicsOf(end.camera).rotation;
  const trace = a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const degrees = (Math.acos(Math.min(1, (trace - 1) / 2)) * 180) / Math.PI;
  const shape = rigidDistance(faceOf(model, home.identity), faceOf(model, end.identity));
  return (
    Math.abs(end.error / home.error - 1) <= SAME.error &&
    shape <= SAME.shape &&
    degrees <= SAME.degrees
  );
}

/** Mean distance between corresponding points after the rigid motion that brings them closest. */
function rigidDistance(a: Float64Array, b: Float64Array): number {
  const moved = movePoints(a, alignPoints(a, b, { scale: false }));
  let sum = 0;
  for (let i = 0; i < b.length; i += 3) {
    sum += Math.hypot(moved[i]! - b[i]!, moved[i + 1]! - b[i + 1]!, moved[i + 2]! - b[i + 2]!);
  }
  return (3 * sum) / b.length;
}

/** A head with neutral expression, ready to be compared. */
function marked(model: MorphableModel, identity: Float32Array): MarkedFace {
  const neutral = new Float32Array(model.expression.names.length);
  const positions = Float64Array.from(evaluateModel(model, identity, neutral));
  const landmarks = surfacePositions(positions, model.triangles, model.landmarks!.mediapipe478!);
  const skin = model.parts
    .filter(({ kind }) => kind === "skin")
    .flatMap(({ start, count }) => [...model.triangles.subarray(3 * start, 3 * (start + count))]);
  const [x, y, z] = landmarks.subarray(3 * NOSE_TIP, 3 * NOSE_TIP + 3);
  return { positions, triangles: Uint32Array.from(skin), landmarks, noseTip: [x!, y!, z!] };
}

/** `n x 3`: the neutral face around the nose tip, the same vertices of a model for every identity. */
function faceOf(model: MorphableModel, identity: Float32Array): Float64Array {
  const mean = marked(model, new Float32Array(model.identity.names.length));
  const { positions } = marked(model, identity);
  return Float64Array.from(
    [...verticesAround(mean, mean.noseTip, MICC_DEFAULTS.radius)].flatMap((v) =>
      [0, 1, 2].map((k) => positions[3 * v + k]!),
    ),
  );
}

function print(line: Record<string, unknown>): void {
  console.log(
    JSON.stringify(line, (_, value) => (typeof value === "number" ? round(value) : value)),
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
