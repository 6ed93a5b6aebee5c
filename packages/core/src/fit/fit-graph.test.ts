import { readFileSync } from "node:fs";
import { readModel } from "@ganfit/autodiff";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PLAIN_LATENT, plainGenerator } from "../../test/plain-generator.js";
import { readImage } from "../image/decode.node.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { loadModel } from "../models/store/store.node.js";
import { loadFaceNetworks } from "../networks/faces.node.js";
import { SFACE, SFACE_URL } from "../networks/recognition.js";
import { normals } from "../random.js";
import { project } from "../render/camera.js";
import { rasterize } from "../render/rasterize.js";
import {
  buildFitGraph,
  type FeedsOfStep,
  type FitGraph,
  type FitGraphSettings,
  type ObservedPhoto,
} from "./fit-graph.js";
import { FIT_DEFAULTS } from "./fit-options.js";
import { type FitParameters, PARAMETER_NAMES } from "./fit-parameters.js";
import { fitLandmarks, type LandmarkFit, prepareLandmarks } from "./landmark-fit.js";
import { lightParameters } from "./light-parameters.js";
import { createSecondViews } from "./second-view.js";
import { type SeenPhoto, seePhoto, targetOf } from "./seen-photo.js";
import { visibleMesh } from "./visible-mesh.js";

const SIDE = 96;
const weights = FIT_DEFAULTS.weights;

let model: MorphableModel;
let settings: FitGraphSettings;
let seen: SeenPhoto;
let first: LandmarkFit;
let parameters: FitParameters;
let feeds: FeedsOfStep;
let graph: FitGraph;
let photo: ObservedPhoto;

beforeAll(async () => {
  model = await loadModel("default");
  const image = await readImage(
    new URL("../../test/fixtures/astronaut.jpg", import.meta.url).pathname,
  );
  const faces = await loadFaceNetworks();
  seen = await seePhoto({ image }, { faces });
  await faces.dispose();
  const prepared = prepareLandmarks(model);
  first = fitLandmarks(model, seen.face.landmarks, image, {}, prepared);
  const mesh = visibleMesh(model, prepared.sliding.points);
  const light = lightParameters("spherical-harmonics");
  const target = targetOf(seen, first, SIDE);
  settings = {
    model,
    mesh,
    generator: plainGenerator(),
    recognition: { description: SFACE, model: readModel(readFileSync(SFACE_URL)) },
    light,
    side: SIDE,
    // More than there are, so that some are filled up.
    capacity: target.frame.pixels.length + 40,
    weights,
    expressionDeviation: 0.3,
    moving: PARAMETER_NAMES,
  };
  const noise = normals(PLAIN_LATENT + 27, 1);
  parameters = {
    identity: first.identity,
    expression: first.expression.map((value) => Math.min(0.9, Math.max(0.02, value))),
    latent: Float32Array.from(noise.subarray(0, PLAIN_LATENT)),
    camera: new Float32Array(8),
    light: light.neutral.map((value, i) => value + 0.05 * noise[PLAIN_LATENT + i]!),
  };
  const vertices = evaluateModel(mesh.shape, parameters.identity, parameters.expression);
  const raster = rasterize({
    positions: project(vertices, target.camera),
    triangles: mesh.opaque,
    width: SIDE,
    height: SIDE,
    cullBack: true,
  });
  const head = { model, irisColour: seen.irisColour, exposure: seen.exposure };
  feeds = {
    ids: Int32Array.from(target.frame.pixels, (pixel) => {
      const triangle = raster.triangle[pixel]!;
      return 3 * triangle < mesh.triangles.length ? triangle : -1;
    }),
    corners: mesh.verticesOf(first.landmarks.triangles),
    barycentric: first.landmarks.barycentric,
    second: createSecondViews(mesh, head, first.landmarks, SFACE, 1).view(0, parameters.identity),
  };
  graph = await buildFitGraph(settings, { threads: 2 });
  photo = await graph.observe(target, parameters, feeds);
});

afterAll(() => graph.dispose());

it("has the slope that its energy has, along the gradient of every group", async () => {
  const { gradients, losses } = await graph.step(parameters, photo, feeds);
  expect(losses.secondIdentity).toBeGreaterThan(0.1);
  expect(losses.content).toBeGreaterThan(0);
  for (const name of PARAMETER_NAMES) {
    const gradient = gradients[name]!;
    const length = Math.hypot(...gradient);
    const at = async (h: number) => {
      const moved = parameters[name].map((value, i) => value + (h * gradient[i]!) / length);
      const result = await graph.step({ ...parameters, [name]: moved }, photo, feeds);
      return result.losses.energy;
    };
    // Far enough that float32 sees a difference, near enough that few of the network's kinks are crossed.
    const h = { identity: 0.02, expression: 0.003, latent: 0.02, camera: 5e-4, light: 5e-3 }[name];
    const slope = ((await at(h)) - (await at(-h))) / (2 * h);
    expect(Math.abs(slope / length - 1), name).toBeLessThan(0.08);
  }
});

it("adds up its terms by their weights", async () => {
  const { losses } = await graph.step(parameters, photo, feeds);
  const sum = Object.entries(weights).reduce(
    (total, [name, weight]) => total + weight * losses[name as keyof typeof weights],
    0,
  );
  expect(losses.energy).toBeCloseTo(sum, 3);
});

it("does not compute terms without weight, and gives the others the same values", async () => {
  const fewer = { ...weights, secondIdentity: 0, content: 0, identity: 0 };
  const plain = await buildFitGraph({ ...settings, weights: fewer }, { threads: 2 });
  try {
    const observed = await plain.observe(photo.target, parameters, feeds);
    const step = { ...feeds, second: null };
    const { losses } = await plain.step(parameters, observed, step);
    const full = (await graph.step(parameters, photo, feeds)).losses;
    expect(losses).toMatchObject({ identity: 0, secondIdentity: 0, content: 0 });
    expect(losses.pixel).toBeCloseTo(full.pixel, 6);
    expect(losses.landmark).toBeCloseTo(full.landmark, 6);
  } finally {
    await plain.dispose();
  }
});

it("asks for a second view where its identity has a weight", async () => {
  await expect(graph.step(parameters, photo, { ...feeds, second: null })).rejects.toThrow(
    /needs a second view/,
  );
});
