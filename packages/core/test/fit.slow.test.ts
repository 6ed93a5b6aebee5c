/** Fits of many photographs end well, and a head that was drawn is found again. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GanfitError } from "../src/errors.js";
import { fit } from "../src/fit/fit.js";
import { type LoadedFitModels, loadFitModels } from "../src/fit/fit-models.node.js";
import { readImage } from "../src/image/decode.node.js";
import type { Image } from "../src/image/image.js";
import { completeModel } from "../src/models/complete-model.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import { openModel } from "../src/models/readers/open-model.node.js";
import { loadUvFrame } from "../src/models/uv/uv-frame.node.js";
import { portraitCamera } from "../src/portrait/portrait-camera.js";
import { renderHead } from "../src/portrait/render-head.js";
import type { Lighting } from "../src/render/lighting.js";
import { textureOfLatent } from "../src/texture/texture-runner.js";
import { ictFaceKit, needsIct } from "./ict-facekit.js";
import { type Photo, photosOf } from "./photos.node.js";
import { random } from "./sample-model.js";
import { needs, shared } from "./shared.js";

/** Landmarks are where they are after the first stage and a few steps. */
const STEPS = 6;

let models: LoadedFitModels;
beforeAll(async () => {
  models = await loadFitModels();
});
afterAll(() => models.dispose());

async function fitted(photos: readonly Photo[]): Promise<{ errors: number[]; failures: string[] }> {
  const errors: number[] = [];
  const failures: string[] = [];
  for (const { name, path } of photos) {
    try {
      const result = await fit(await readImage(path), models, { steps: STEPS, name });
      errors.push(100 * result.landmarkError.final);
    } catch (error) {
      if (!(error instanceof GanfitError)) throw error;
      failures.push(`${name}: ${error.message}`);
    }
  }
  return { errors, failures };
}

describe.skipIf(!shared("photos"))(needs("photos", "photographs"), () => {
  it("of the people held out and of one person in four pictures: landmarks as close as promised", async () => {
    const heldOut = (["london-neutral", "london-smiling", "canada"] as const)
      .flatMap(photosOf)
      .filter((photo) => photo.heldOut);
    const photos = [...heldOut, ...photosOf("one-person")];
    const { errors, failures } = await fitted(photos);
    expect(failures).toEqual([]);
    expect(errors).toHaveLength(32);
    expect(errors.reduce((sum, value) => sum + value, 0) / errors.length).toBeLessThan(2.5);
    expect(Math.max(...errors)).toBeLessThan(5);
  });

  it("of officials: at least 98 percent end without an error", { timeout: 3_600_000 }, async () => {
    const photos = photosOf("official-portraits");
    const { failures } = await fitted(photos);
    for (const failure of failures) console.log(failure);
    expect(photos).toHaveLength(167);
    expect(failures.length / photos.length).toBeLessThan(0.02);
  });
});

const ict = ictFaceKit();

describe.skipIf(!ict)(needsIct(ict, "ICT-FaceKit"), () => {
  it("is fitted as the embedded head is", async () => {
    const shape = await completeModel(await openModel(ict!), models.faces, await loadUvFrame());
    const photo = await readImage(new URL("fixtures/astronaut.jpg", import.meta.url).pathname);
    const { losses, landmarkError } = await fit(photo, { ...models, shape }, { steps: 20 });
    expect(landmarkError.final).toBeLessThan(0.025);
    expect(losses.at(-1)!.identity).toBeLessThan(0.5 * losses[0]!.identity);
  });
});

describe("a head that was drawn", () => {
  const SIZE = 640;
  const LIGHT: Lighting = {
    kind: "spherical-harmonics",
    coefficients: [0.95, 0.1, 0.1, 0.15, 0, 0, 0, 0, 0].flatMap((c) => [c, c, c]),
  };

  async function drawn(): Promise<{ photo: Image; vertices: Float32Array; mean: Float32Array }> {
    const { shape, generator } = models;
    const next = random(12);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const identity = Float32Array.from(shape.identity.names, () => normal());
    const expression = new Float32Array(shape.expression.names.length);
    const latent = Float32Array.from({ length: generator.latentSize }, () => 0.7 * normal());
    const head = {
      model: shape,
      identity,
      expression,
      skin: await textureOfLatent(generator, latent),
      irisColour: [80, 60, 45] as const,
      exposure: 1,
    };
    const vertices = evaluateModel(shape, identity, expression);
    const camera = portraitCamera(vertices, { yaw: 15, width: SIZE, height: SIZE, fov: 18 });
    const { image } = renderHead(head, {
      camera,
      lighting: LIGHT,
      width: SIZE,
      height: SIZE,
      background: [120, 130, 140],
    });
    return { photo: image, vertices, mean: shape.mean };
  }

  it("is found again: nearer than the mean, its colours within a few percent", async () => {
    const { photo, vertices, mean } = await drawn();
    const result = await fit(photo, models, { steps: 100 });
    const { triangles } = models.shape.landmarks!.mediapipe478!;
    const { model, identity, expression } = result.head;
    const found = evaluateModel(model, identity, expression);
    const before = differenceOfWidths(mean, vertices, triangles, model.triangles);
    const after = differenceOfWidths(found, vertices, triangles, model.triangles);
    expect(after).toBeLessThan(0.6 * before);
    const last = result.losses.at(-1)!;
    expect(last.pixel).toBeLessThan(0.025);
    expect(last.identity).toBeLessThan(0.1);
  });
});

/**
 * How far two heads differ in shape alone: root mean square difference of the distances between pairs of
 * landmarks, millimetres, free of any rigid motion.
 */
function differenceOfWidths(
  a: Float32Array,
  b: Float32Array,
  landmarks: Uint32Array,
  triangles: Uint32Array,
): number {
  const corners = Array.from(landmarks.subarray(0, 468), (t) => 3 * triangles[3 * t]!);
  const between = (v: Float32Array, i: number, j: number) =>
    Math.hypot(...[0, 1, 2].map((k) => v[corners[i]! + k]! - v[corners[j]! + k]!));
  let sum = 0;
  let count = 0;
  for (let i = 0; i < corners.length; i += 7) {
    for (let j = i + 13; j < corners.length; j += 11) {
      sum += (between(a, i, j) - between(b, i, j)) ** 2;
      count++;
    }
  }
  return Math.sqrt(sum / count);
}
