// One photograph in, a head out: the stages of GANFIT (Gecer et al. 2019, section 3.4). Landmarks give
// camera, shape and expression; then everything moves together along the gradient of the whole energy.

import { adam, cosineDecay } from "@ganfit/autodiff";
import { GanfitError } from "../errors.js";
import { flatten } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { inPlane } from "../image/in-plane.js";
import { applySimilarity, invertSimilarity } from "../image/similarity.js";
import { fromTensor } from "../image/tensor.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { surfacePositions } from "../models/surface-points.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { Face } from "../networks/faces.js";
import { findFace } from "../networks/find-face.js";
import { interocularDistance } from "../networks/ibug68.js";
import type { NetworkOptions } from "../networks/network.js";
import { type FaceSegmentation, segmentFace } from "../networks/segmentation.js";
import { normals } from "../random.js";
import { type Camera, cameraInPicture, project } from "../render/camera.js";
import type { Lighting } from "../render/lighting.js";
import { vertexNormals } from "../render/normals.js";
import { createRaster, rasterize } from "../render/rasterize.js";
import { requireLayout, type TextureGenerator } from "../texture/texture-generator.js";
import { textureOfLatent } from "../texture/texture-runner.js";
import { exposureOf } from "./exposure.js";
import { type FitFrame, fitFrame } from "./fit-frame.js";
import { buildFitGraph, type FitParameters, type Losses } from "./fit-graph.js";
import type { FitModels } from "./fit-models.js";
import { CAMERA_UNITS, FIT_DEFAULTS, type FitOptions, MOST_STEPS } from "./fit-options.js";
import { irisColourOf } from "./iris-colour.js";
import {
  fitLandmarks,
  LANDMARK_FIT_DEFAULTS,
  type LandmarkFit,
  pickLandmarks,
  prepareLandmarks,
} from "./landmark-fit.js";
import { lightParameters } from "./light-parameters.js";
import { visibleMesh } from "./visible-mesh.js";

export interface FitProgress {
  readonly stage: "face" | "landmarks" | "compile" | "fit" | "texture";
  /** From 1; 0 before the first. */
  readonly step: number;
  readonly steps: number;
  /** Of this step, in stage `fit`. */
  readonly losses?: Losses;
  /** The face as fitted so far, over the part of the photo that it is compared with. */
  readonly preview?: () => Image;
}

export interface FitRunOptions extends FitOptions, NetworkOptions {
  /** Which face, where there are several: 0 the largest. */
  readonly face?: number | undefined;
  /** What error messages call the photo. */
  readonly name?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: FitProgress) => void;
}

export interface FitResult {
  readonly head: TexturedHead;
  readonly face: Face;
  readonly segmentation: FaceSegmentation;
  /** In pixels of the photo. */
  readonly camera: Camera;
  readonly lighting: Lighting;
  /** `latentSize` numbers, from which the generator makes the texture. */
  readonly latent: Float32Array;
  /** `478 x 2`, pixels of the photo: where the head's points for the landmarks lie. */
  readonly landmarks: Float32Array;
  /** Mean distance of landmarks, in parts of the distance between the pupils: first stage and end. */
  readonly landmarkError: { readonly stage1: number; readonly final: number };
  /** Before every step of the second stage, and at its end. */
  readonly losses: readonly Losses[];
  /** Milliseconds of each stage. */
  readonly timings: Readonly<Record<FitProgress["stage"], number>>;
}

/** Steps between two looks at where the contour is. */
const SLIDE_EVERY = 20;
const IDENTITY_LIMIT = 3;

/**
 * Fits a head to the face in a photo.
 *
 * @throws GanfitError `no-face`, `several-faces`, `face-cut` as `selectFace` does; `model` where the model
 *   lacks landmarks or wears no texture of the generator's layout; `network` where a network fails;
 *   `usage` where an option makes no sense; the signal's reason
 */
export async function fit(
  photo: Image,
  models: FitModels,
  options: FitRunOptions = {},
): Promise<FitResult> {
  const { shape: model, generator, recognition, faces } = models;
  const { signal, onProgress = () => {} } = options;
  const { steps, side, seed, lighting: kind } = { ...FIT_DEFAULTS, ...defined(options) };
  const weights = { ...FIT_DEFAULTS.weights, ...options.weights };
  const rates = { ...FIT_DEFAULTS.learningRates, ...options.learningRates };
  requireWhole("steps", steps, 0, MOST_STEPS);
  requireWhole("side", side, 64, 1024);
  requireLayout(generator, model);
  const timings = { face: 0, landmarks: 0, compile: 0, fit: 0, texture: 0 };
  const timed = async <T>(stage: FitProgress["stage"], work: () => Promise<T> | T): Promise<T> => {
    signal?.throwIfAborted();
    onProgress({ stage, step: 0, steps: stage === "fit" ? steps : 1 });
    const start = performance.now();
    const result = await work();
    timings[stage] += performance.now() - start;
    return result;
  };

  const opaque = flatten(photo);
  const { face, segmentation } = await timed("face", async () => {
    const { face: index, name } = options;
    const found = await findFace(opaque, faces, { index, ...(name === undefined ? {} : { name }) });
    return { face: found, segmentation: segmentFace(opaque, found.landmarks) };
  });
  const prepared = prepareLandmarks(model);
  const first = await timed("landmarks", () =>
    fitLandmarks(model, face.landmarks, photo, { focalLength: options.focalLength }, prepared),
  );

  const frame = fitFrame(opaque, face.landmarks, segmentation, side);
  const toFrame = invertSimilarity(frame.toPhoto);
  const camera = cameraInPicture(first.camera, toFrame);
  const light = lightParameters(kind);
  const mesh = visibleMesh(model, prepared.sliding.points);
  const graph = await timed("compile", () =>
    buildFitGraph(
      {
        model,
        mesh,
        generator,
        recognition,
        light,
        frame,
        camera,
        weights,
        interocular: interocularDistance(face.landmarks) * toFrame.scale,
        landmarks: Float32Array.from(applySimilarity(toFrame, inPlane(face.landmarks))),
        expressionDeviation: LANDMARK_FIT_DEFAULTS.expressionDeviation,
      },
      networkOptions(options),
    ),
  );
  try {
    const parameters: FitParameters = {
      identity: first.identity.slice(),
      expression: first.expression.slice(),
      latent: startLatent(generator, seed),
      camera: new Float32Array(CAMERA_UNITS.length),
      light: light.neutral.slice(),
    };
    const schedule = cosineDecay(Math.max(1, steps), 0.05);
    const optimiser = adam(
      Object.entries(parameters).map(([name, values]) => ({
        name,
        values,
        learningRate: rates[name as keyof typeof rates],
      })),
      { schedule, beta2: 0.99 },
    );
    const raster = createRaster(side, side);
    const losses: Losses[] = [];
    let landmarks = first.landmarks;
    const evaluate = async () => {
      signal?.throwIfAborted();
      const vertices = evaluateModel(mesh.shape, parameters.identity, parameters.expression);
      rasterize(
        {
          positions: project(vertices, movedCamera(camera, parameters.camera)),
          triangles: mesh.opaque,
          width: side,
          height: side,
          cullBack: true,
        },
        raster,
      );
      const result = await graph.step(parameters, {
        ids: Int32Array.from(frame.pixels, (pixel) => {
          const triangle = raster.triangle[pixel]!;
          return 3 * triangle < mesh.triangles.length ? triangle : -1;
        }),
        corners: mesh.verticesOf(landmarks.triangles),
        barycentric: landmarks.barycentric,
      });
      losses.push(result.losses);
      return result;
    };
    await timed("fit", async () => {
      for (let step = 0; step < steps; step++) {
        if (step > 0 && step % SLIDE_EVERY === 0) {
          const current = movedCamera(camera, parameters.camera);
          landmarks = slide(model, prepared.sliding, parameters, current);
        }
        const result = await evaluate();
        optimiser.step({ ...result.gradients });
        clamp(parameters.identity, -IDENTITY_LIMIT, IDENTITY_LIMIT);
        const unit = model.expression.prior === "unit-interval";
        clamp(parameters.expression, unit ? 0 : -IDENTITY_LIMIT, unit ? 1 : IDENTITY_LIMIT);
        onProgress({
          stage: "fit",
          step: step + 1,
          steps,
          losses: result.losses,
          preview: () => picture(frame, result.painted),
        });
      }
    });
    // The steps may have seen the texture at a lower resolution.
    const skin = await timed("texture", async () => {
      await evaluate();
      return textureOfLatent(generator, parameters.latent, networkOptions(options));
    });
    const final = cameraInPicture(movedCamera(camera, parameters.camera), frame.toPhoto);
    const head: TexturedHead = {
      model,
      identity: parameters.identity,
      expression: parameters.expression,
      skin,
      irisColour: irisColourOf(opaque, face.landmarks),
      exposure: exposureOf(opaque, face.landmarks),
    };
    const points = projectedLandmarks(head, landmarks, final);
    return {
      head,
      face,
      segmentation,
      camera: final,
      lighting: light.lighting(parameters.light),
      latent: parameters.latent,
      landmarks: points,
      landmarkError: { stage1: first.error, final: landmarkError(face.landmarks, points) },
      losses,
      timings,
    };
  } finally {
    await graph.dispose();
  }
}

/** Mean distance, in parts of the distance between the pupils. */
function landmarkError(landmarks: Float32Array, points: Float32Array): number {
  const seen = inPlane(landmarks);
  const count = seen.length / 2;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += Math.hypot(points[2 * i]! - seen[2 * i]!, points[2 * i + 1]! - seen[2 * i + 1]!);
  }
  return sum / count / interocularDistance(landmarks);
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

function slide(
  model: MorphableModel,
  sliding: ReturnType<typeof prepareLandmarks>["sliding"],
  { identity, expression }: FitParameters,
  camera: Camera,
): LandmarkFit["landmarks"] {
  const vertices = evaluateModel(model, identity, expression);
  const normals = vertexNormals(vertices, model.triangles);
  const at = (values: Float32Array) => surfacePositions(values, model.triangles, sliding.points);
  return pickLandmarks(sliding, sliding.choose(at(vertices), at(normals), camera.position));
}

function movedCamera(camera: Camera, numbers: Float32Array): Camera {
  const by = Array.from(numbers, (value, i) => value * CAMERA_UNITS[i]!);
  return {
    position: [
      camera.position[0] + by[0]!,
      camera.position[1] + by[1]!,
      camera.position[2] + by[2]!,
    ],
    lookAt: [camera.lookAt[0] + by[3]!, camera.lookAt[1] + by[4]!, camera.lookAt[2] + by[5]!],
    focalLength: camera.focalLength * Math.exp(by[6]!),
    roll: camera.roll + by[7]!,
    principalPoint: camera.principalPoint,
  };
}

function picture({ side, photo, pixels }: FitFrame, painted: Float32Array): Image {
  const planes = photo.slice();
  pixels.forEach((pixel, i) => {
    for (let c = 0; c < 3; c++) planes[c * side * side + pixel] = painted[3 * i + c]!;
  });
  return fromTensor(planes, side, side, { scale: 1 / 255 });
}

function startLatent({ prior, latentSize }: TextureGenerator, seed: number): Float32Array {
  return prior === "normal"
    ? new Float32Array(latentSize)
    : Float32Array.from(normals(latentSize, seed));
}

function clamp(values: Float32Array, low: number, high: number): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(high, Math.max(low, values[i]!));
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
