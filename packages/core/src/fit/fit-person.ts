// Photographs of a person in, a head out: the stages of GANFIT (Gecer et al. 2019, section 3.4). Landmarks give
// camera, shape and expression; then everything moves together along the gradient of the whole energy, first over
// a coarse picture, then over a fine one. Identity and texture are one for all photos; expression, camera and light
// are each photo's own.

import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { inPlane } from "../image/in-plane.js";
import { evaluateModel } from "../models/evaluate-model.js";
import { surfacePositions } from "../models/surface-points.js";
import type { TexturedHead } from "../models/textured-head.js";
import { interocularDistance } from "../networks/ibug68.js";
import type { NetworkOptions } from "../networks/network.js";
import { openRecognition } from "../networks/recognition.js";
import { normals } from "../random.js";
import { type Camera, project } from "../render/camera.js";
import {
  requireLayout,
  resolutionFor,
  type TextureGenerator,
} from "../texture/texture-generator.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import { movedCamera } from "./camera-parameters.js";
import type { Losses } from "./fit-graph.js";
import type { FitModels } from "./fit-models.js";
import {
  CAMERA_UNITS,
  type EnergyWeights,
  FIT_DEFAULTS,
  FIT_QUALITIES,
  type LearningRates,
  MOST_STEPS,
} from "./fit-options.js";
import { type FitParameters, isPersonal, meanOf, PARAMETER_NAMES } from "./fit-parameters.js";
import type { FitProgress, FitResult, FitRunOptions } from "./fit-result.js";
import {
  fitLandmarks,
  LANDMARK_FIT_DEFAULTS,
  type LandmarkFit,
  prepareLandmarks,
} from "./landmark-fit.js";
import { lightParameters } from "./light-parameters.js";
import { findOutliers, type Outlier } from "./same-person.js";
import {
  openResolution,
  optimise,
  type PhotoState,
  type SecondStage,
  stageOptimiser,
} from "./second-stage.js";
import { createSecondViews } from "./second-view.js";
import { type PersonPhoto, type SeenPhoto, seePhoto } from "./seen-photo.js";
import { visibleMesh } from "./visible-mesh.js";

export interface PersonFit {
  /**
   * One for each photo in their order, null where the photo shows somebody else. They have identity, skin and
   * latent in common.
   */
  readonly fits: readonly (FitResult | null)[];
  readonly outliers: readonly Outlier[];
}

/** Share of the steps that see the photo at half its resolution. */
const COARSE = 0.4;
/** Half a frame of fewer pixels shows no face any more. */
const LEAST_SIDE = 128;

/**
 * Fits one head to photos of one person.
 *
 * @throws GanfitError as `fit` does; `usage` without a photo
 */
export async function fitPerson(
  photos: readonly PersonPhoto[],
  models: FitModels,
  options: FitRunOptions = {},
): Promise<PersonFit> {
  const settings = settingsOf(options);
  const { shape: model, generator, recognition } = models;
  const { signal, onProgress = () => {}, person } = options;
  if (photos.length === 0) throw new GanfitError("usage", "There is no photo to fit a head to.");
  requireLayout(generator, model);
  const network = networkOptions(options);
  const timings = { face: 0, landmarks: 0, compile: 0, fit: 0, texture: 0 };
  const timed = async <T>(stage: FitProgress["stage"], work: () => Promise<T> | T): Promise<T> => {
    signal?.throwIfAborted();
    onProgress({ stage, step: 0, steps: stage === "fit" ? settings.steps : 1 });
    const start = performance.now();
    const result = await work();
    timings[stage] += performance.now() - start;
    return result;
  };

  const found = await timed("face", async () => {
    const all: SeenPhoto[] = [];
    for (const photo of photos) {
      signal?.throwIfAborted();
      all.push(await seePhoto(photo, models));
    }
    return all;
  });
  const outliers = photos.length > 1 ? findOutliers(await embeddings(found, models, network)) : [];
  const left = new Set(outliers.map(({ photo }) => photo));
  const kept = found.filter((_, i) => !left.has(i));

  const prepared = prepareLandmarks(model);
  const fitAll = (known?: Float32Array): LandmarkFit[] =>
    kept.map(({ opaque, face, focalLength }) => {
      const landmarkOptions = { focalLength, identity: known, start: options.start };
      return fitLandmarks(model, face.landmarks, opaque, landmarkOptions, prepared);
    });
  const { firsts, identity } = await timed("landmarks", () => {
    if (person) return { firsts: fitAll(person.identity), identity: person.identity.slice() };
    const alone = fitAll();
    const mean = meanOf(alone.map((first) => first.identity));
    return { firsts: alone.length > 1 ? fitAll(mean) : alone, identity: mean };
  });
  const latent = person ? person.latent.slice() : startLatent(generator, settings.seed);
  const light = lightParameters(settings.lighting);
  const mesh = visibleMesh(model, prepared.sliding.points);
  const moving = PARAMETER_NAMES.filter((name) => !person || !isPersonal(name));
  const states = kept.map((seen, i): PhotoState => {
    const first = firsts[i]!;
    const parameters: FitParameters = {
      identity,
      expression: first.expression.slice(),
      latent,
      camera: new Float32Array(CAMERA_UNITS.length),
      light: light.neutral.slice(),
    };
    const { irisColour, exposure } = seen;
    const second =
      settings.weights.secondIdentity > 0
        ? createSecondViews(
            mesh,
            { model, irisColour, exposure },
            first.landmarks,
            recognition.description,
            settings.seed + i,
          )
        : null;
    const losses: Losses[] = [];
    return { seen, first, parameters, landmarks: first.landmarks, second, losses };
  });
  const stage: SecondStage = {
    states,
    settings: {
      model,
      mesh,
      generator,
      recognition,
      light,
      weights: settings.weights,
      expressionDeviation: LANDMARK_FIT_DEFAULTS.expressionDeviation,
      moving,
    },
    sliding: prepared.sliding,
    optimiser: stageOptimiser(states, moving, settings.rates, settings.steps),
    step: 0,
  };
  const { steps } = settings;
  const onStep = (losses: Losses, preview: () => Image) =>
    onProgress({ stage: "fit", step: stage.step, steps, losses, preview });
  const optimiseAt = async (side: number, until: number, last: boolean): Promise<void> => {
    const resolution = await timed("compile", () => openResolution(stage, side, network));
    try {
      await timed("fit", () => optimise(stage, resolution, until, last, { signal, onStep }));
    } finally {
      await resolution.graph.dispose();
    }
  };
  // A texture of the same resolution costs the same, and another graph has to be compiled.
  const half = Math.floor(settings.side / 2);
  const coarser = resolutionFor(generator, half) < resolutionFor(generator, settings.side);
  const coarse = half >= LEAST_SIDE && coarser ? Math.floor(COARSE * settings.steps) : 0;
  if (coarse > 0) await optimiseAt(half, coarse, false);
  await optimiseAt(settings.side, settings.steps, true);
  const skin = await timed("texture", () => textureOfLatent(generator, latent, network));

  const results = states.map(({ seen, first, parameters, landmarks, losses }): FitResult => {
    const { face, segmentation, irisColour, exposure } = seen;
    const camera = movedCamera(first.camera, parameters.camera);
    const { expression } = parameters;
    const head: TexturedHead = { model, identity, expression, skin, irisColour, exposure };
    const points = projectedLandmarks(head, landmarks, camera);
    const final = landmarkError(first.observed, points, face.landmarks);
    return {
      head,
      face,
      segmentation,
      camera,
      lighting: light.lighting(parameters.light),
      latent,
      landmarks: points,
      landmarkError: { stage1: first.error, final },
      losses,
      timings,
    };
  });
  const fits = photos.map((_, i) => (left.has(i) ? null : results.shift()!));
  return { fits, outliers };
}

/** Mean distance of `n x 2` points, in parts of the distance between the pupils. */
function landmarkError(observed: Float32Array, points: Float32Array, face: Float32Array): number {
  const count = observed.length / 2;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += Math.hypot(points[2 * i]! - observed[2 * i]!, points[2 * i + 1]! - observed[2 * i + 1]!);
  }
  return sum / count / interocularDistance(face);
}

function startLatent({ prior, latentSize }: TextureGenerator, seed: number): Float32Array {
  return prior === "normal"
    ? new Float32Array(latentSize)
    : Float32Array.from(normals(latentSize, seed));
}

/** Without entries that are undefined, which would hide defaults. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

function networkOptions({ device, threads, wasmPaths }: FitRunOptions): NetworkOptions {
  return defined({ device, threads, wasmPaths }) as NetworkOptions;
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new GanfitError(
      "usage",
      `The option ${name} must be a whole number from ${low} to ${high}, but is ${value}.`,
    );
  }
}

interface Settings {
  readonly steps: number;
  readonly side: number;
  readonly seed: number;
  readonly lighting: NonNullable<FitRunOptions["lighting"]>;
  readonly weights: EnergyWeights;
  readonly rates: LearningRates;
}

function settingsOf(options: FitRunOptions): Settings {
  const quality = FIT_QUALITIES[options.quality ?? FIT_DEFAULTS.quality];
  const { steps, side, seed, lighting } = { ...FIT_DEFAULTS, ...quality, ...defined(options) };
  requireWhole("steps", steps, 0, MOST_STEPS);
  requireWhole("side", side, 64, 1024);
  return {
    steps,
    side,
    seed,
    lighting,
    weights: {
      ...FIT_DEFAULTS.weights,
      ...options.weights,
      // The second rendering depends on nothing else.
      ...(options.person && { secondIdentity: 0 }),
    },
    rates: { ...FIT_DEFAULTS.learningRates, ...options.learningRates },
  };
}

/** Identity features of each photo. */
async function embeddings(
  photos: readonly SeenPhoto[],
  { recognition }: FitModels,
  options: NetworkOptions,
): Promise<Float32Array[]> {
  const network = await openRecognition(recognition.model, recognition.description, options);
  try {
    const all: Float32Array[] = [];
    for (const { opaque, face } of photos) all.push(await network.embed(opaque, face.landmarks));
    return all;
  } finally {
    await network.dispose();
  }
}

function projectedLandmarks(
  { model, identity, expression }: TexturedHead,
  landmarks: LandmarkFit["landmarks"],
  camera: Camera,
): Float32Array {
  const vertices = evaluateModel(model, identity, expression);
  return Float32Array.from(
    inPlane(project(surfacePositions(vertices, model.triangles, landmarks), camera)),
  );
}
