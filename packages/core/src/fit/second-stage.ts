// The second stage of a fit: everything moves together along the gradient of the whole energy (Gecer et al. 2019,
// equation 10). Identity and latent are one for all photos, the rest is each photo's own.

import { adam, cosineDecay, type Optimiser } from "@ganfit/autodiff";
import type { Image } from "../image/image.js";
import { fromTensor } from "../image/tensor.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { Basis } from "../models/morphable-model.js";
import type { NetworkOptions } from "../networks/network.js";
import { project } from "../render/camera.js";
import { createRaster, type Raster, rasterize } from "../render/rasterize.js";
import { movedCamera } from "./camera-parameters.js";
import { type SlidingLandmarks, visiblePoints } from "./contour.js";
import type { FitFrame } from "./fit-frame.js";
import {
  buildFitGraph,
  type FeedsOfStep,
  type FitGraph,
  type FitGraphSettings,
  type FitTarget,
  type Losses,
  type ObservedPhoto,
} from "./fit-graph.js";
import type { LearningRates } from "./fit-options.js";
import {
  type FitParameters,
  isPersonal,
  meanOf,
  PARAMETER_NAMES,
  type ParameterName,
} from "./fit-parameters.js";
import { type FittedLandmarks, type LandmarkFit, pickLandmarks } from "./landmark-fit.js";
import { plateauDetector } from "./plateau.js";
import type { SecondViews } from "./second-view.js";
import { type SeenPhoto, targetOf } from "./seen-photo.js";
import { skinTriangle } from "./visible-mesh.js";

/** A photo while it is fitted. */
export interface PhotoState {
  readonly seen: SeenPhoto;
  readonly first: LandmarkFit;
  /** Identity and latent are the same arrays in all photos of a person. */
  readonly parameters: FitParameters;
  /** What stands for the landmarks; contour points slide. */
  landmarks: FittedLandmarks;
  /** Null where the second rendering's identity has no weight. */
  readonly second: SecondViews | null;
  /** Before every step so far. */
  readonly losses: Losses[];
}

export interface SecondStage {
  readonly states: readonly PhotoState[];
  readonly settings: Omit<FitGraphSettings, "side" | "capacity">;
  readonly sliding: SlidingLandmarks;
  readonly optimiser: Optimiser;
  /** Steps made so far. */
  step: number;
}

export interface StageWatch {
  readonly signal?: AbortSignal | undefined;
  /** After each step: the photos' mean losses before it, and the first photo's frame as it was rendered. */
  readonly onStep: (losses: Losses, preview: () => Image) => void;
}

/** A graph for some resolution, and what it compares the photos with. */
export interface Resolution {
  readonly graph: FitGraph;
  readonly targets: readonly FitTarget[];
}

/** Steps between two looks at where the contour is. */
const SLIDE_EVERY = 20;
const IDENTITY_LIMIT = 3;
/** Of the learning rates, at the end. */
const LAST_RATE = 0.05;

/** The optimiser of all that moves. */
export function stageOptimiser(
  states: readonly PhotoState[],
  moving: readonly ParameterName[],
  rates: LearningRates,
  steps: number,
): Optimiser {
  const groups = moving.flatMap((name) =>
    (isPersonal(name) ? states.slice(0, 1) : states).map(({ parameters }, i) => ({
      name: groupName(name, i),
      values: parameters[name],
      learningRate: rates[name],
    })),
  );
  return adam(groups, { schedule: cosineDecay(Math.max(1, steps), LAST_RATE), beta2: 0.99 });
}

/**
 * Prepares the photos and compiles a graph for them.
 *
 * @param side of the frames, pixels
 * @throws GanfitError `no-face` where nothing of a face is to be seen; GraphError where the graph cannot be compiled
 */
export async function openResolution(
  { states, settings }: SecondStage,
  side: number,
  options: NetworkOptions,
): Promise<Resolution> {
  const targets = states.map(({ seen, first }) => targetOf(seen, first, side));
  const capacity = Math.max(...targets.map(({ frame }) => frame.pixels.length));
  return { graph: await buildFitGraph({ ...settings, side, capacity }, options), targets };
}

/**
 * Steps until there are as many as asked for, or the energy no longer falls.
 *
 * @param last whether to look at the energy once more at the end
 * @throws the signal's reason
 */
export async function optimise(
  stage: SecondStage,
  { graph, targets }: Resolution,
  until: number,
  last: boolean,
  { signal, onStep }: StageWatch,
): Promise<void> {
  const { states, settings, sliding, optimiser } = stage;
  const { mesh, model, weights } = settings;
  const { side } = targets[0]!.frame;
  const raster = createRaster(side, side);
  const feedsOf = (state: PhotoState, i: number): FeedsOfStep => ({
    ids: visibleTriangles(settings, state.parameters, targets[i]!, raster),
    corners: mesh.verticesOf(state.landmarks.triangles),
    barycentric: state.landmarks.barycentric,
    second: state.second?.view(stage.step, state.parameters.identity) ?? null,
  });
  const observed: ObservedPhoto[] = [];
  for (const [i, state] of states.entries()) {
    signal?.throwIfAborted();
    observed.push(await graph.observe(targets[i]!, state.parameters, feedsOf(state, i)));
  }
  const evaluate = async () => {
    const results = [];
    for (const [i, state] of states.entries()) {
      signal?.throwIfAborted();
      const result = await graph.step(state.parameters, observed[i]!, feedsOf(state, i));
      state.losses.push(result.losses);
      results.push(result);
    }
    return results;
  };
  const settled = plateauDetector();
  while (stage.step < until) {
    if (stage.step > 0 && stage.step % SLIDE_EVERY === 0) {
      for (const state of states) state.landmarks = slide(settings, sliding, state);
    }
    const results = await evaluate();
    optimiser.step(gradientsOf(results.map(({ gradients }) => gradients)));
    stage.step++;
    for (const { parameters } of states) keepWithin(parameters, model.expression.prior);
    const losses = meanLosses(results.map((result) => result.losses));
    onStep(losses, () => picture(targets[0]!.frame, results[0]!.painted));
    // The second rendering's views differ from step to step, and so does its loss.
    if (settled(losses.energy - weights.secondIdentity * losses.secondIdentity)) break;
  }
  if (last) await evaluate();
}

/** One for each pixel of the frame that shows the face: the triangle of the skin that covers it, or -1. */
function visibleTriangles(
  { mesh }: Pick<FitGraphSettings, "mesh">,
  parameters: FitParameters,
  { frame, camera }: FitTarget,
  raster: Raster,
): Int32Array {
  const vertices = evaluateModel(mesh.shape, parameters.identity, parameters.expression);
  const positions = project(vertices, movedCamera(camera, parameters.camera));
  const { side: width, side: height } = frame;
  rasterize({ positions, triangles: mesh.opaque, width, height, cullBack: true }, raster);
  return Int32Array.from(frame.pixels, (pixel) => skinTriangle(mesh, raster.triangle[pixel]!));
}

function slide(
  { model }: Pick<FitGraphSettings, "model">,
  sliding: SlidingLandmarks,
  { first, parameters }: PhotoState,
): FittedLandmarks {
  const { position } = movedCamera(first.camera, parameters.camera);
  const vertices = evaluateModel(model, parameters.identity, parameters.expression);
  return pickLandmarks(sliding, visiblePoints(model, sliding, vertices, position));
}

function picture({ side, photo, pixels }: FitFrame, painted: Float32Array): Image {
  const planes = photo.slice();
  pixels.forEach((pixel, i) => {
    for (let c = 0; c < 3; c++) planes[c * side * side + pixel] = painted[3 * i + c]!;
  });
  return fromTensor(planes, side, side, { scale: 1 / 255 });
}

function groupName(name: ParameterName, photo: number): string {
  return isPersonal(name) ? name : `${name}${photo}`;
}

/** By the optimiser's names: of what belongs to the person the photos' mean (Gecer et al. 2019, section 3.4). */
function gradientsOf(photos: readonly Partial<FitParameters>[]): Record<string, Float32Array> {
  const out: Record<string, Float32Array> = {};
  for (const name of PARAMETER_NAMES) {
    const all = photos.flatMap((photo) => photo[name] ?? []);
    if (all.length === 0) continue;
    if (isPersonal(name)) out[name] = meanOf(all);
    else
      all.forEach((gradient, i) => {
        out[`${name}${i}`] = gradient;
      });
  }
  return out;
}

function meanLosses(all: readonly Losses[]): Losses {
  const names = Object.keys(all[0]!) as (keyof Losses)[];
  const mean = (name: keyof Losses) => all.reduce((sum, of) => sum + of[name], 0) / all.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)])) as Losses;
}

function keepWithin({ identity, expression }: FitParameters, prior: Basis["prior"]): void {
  clamp(identity, -IDENTITY_LIMIT, IDENTITY_LIMIT);
  const bounded = prior === "unit-interval";
  clamp(expression, bounded ? 0 : -IDENTITY_LIMIT, bounded ? 1 : IDENTITY_LIMIT);
}

function clamp(values: Float32Array, low: number, high: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(high, Math.max(low, values[i]!));
}
