/** The common texture layout on the published models: the figures that docs/uv-frame.md promises. */
import { expect, it } from "vitest";
import { disagreement, measureLayout, placesOf } from "../bench/uv-measure.js";
import { openWithLandmarks } from "../bench/uv-models.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { unwrapModel } from "../src/models/uv/uv-unwrap.js";
import { loadFaceNetworks } from "../src/networks/faces.node.js";
import { ictFaceKit, needsIct } from "./ict-facekit.js";
import { needs, shared } from "./shared.js";

async function unwrapped(path: string): Promise<MorphableModel> {
  const networks = await loadFaceNetworks();
  try {
    const model = await openWithLandmarks(path, networks);
    return { ...model, uv: await unwrapModel(model, await loadUvFrame()) };
  } finally {
    await networks.dispose();
  }
}

async function expectFits(model: MorphableModel): Promise<void> {
  const frame = await loadUvFrame();
  const figures = measureLayout(model);
  expect(figures.positive).toBeGreaterThanOrEqual(0.999);
  expect(figures.marginTexels).toBeGreaterThan(0);
  expect(figures.stretch[0]).toBeLessThan(1.5);
  const { ibug68, mediapipe478 } = model.landmarks!;
  expect(disagreement(placesOf(model.uv!, ibug68!), frame.ibug68.uv).mean).toBeLessThan(0.5);
  const face = placesOf(model.uv!, mediapipe478!).subarray(0, 2 * 468);
  expect(disagreement(face, frame.points.uv.subarray(0, 2 * 468)).mean).toBeLessThan(0.5);
}

const ict = ictFaceKit();
const surrey = shared("surrey-face-model");

it.skipIf(ict === null)(needsIct(ict, "ICT-FaceKit wears the common layout"), async () => {
  await expectFits(await unwrapped(ict!));
});

it.skipIf(surrey === null)(
  needs("surrey-face-model", "the Surrey Face Model wears the common layout"),
  async () => {
    await expectFits(await unwrapped(surrey!));
  },
);

it.skipIf(ict === null || surrey === null)(
  needs("surrey-face-model", "the 68 landmarks of ICT-FaceKit and Surrey lie at the same places"),
  async () => {
    const [a, b] = await Promise.all([unwrapped(ict!), unwrapped(surrey!)]);
    const places = [a, b].map((m) => placesOf(m.uv!, m.landmarks!.ibug68!));
    expect(disagreement(places[0]!, places[1]!).mean).toBeLessThanOrEqual(0.5);
  },
);
