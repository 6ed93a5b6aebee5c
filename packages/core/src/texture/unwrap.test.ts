import { beforeAll, expect, test } from "vitest";
import { hit, texturedPicture } from "../../test/textured-picture.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { loadModel } from "../models/store/store.node.js";
import type { FaceSegmentation } from "../networks/segmentation.js";
import type { Camera } from "../render/camera.js";
import { atTexels, texturePositions } from "./texture-positions.js";
import { unwrapTexture } from "./unwrap.js";

const SIZE = 256;
const [WIDTH, HEIGHT] = [600, 700];

/** Smooth, with detail of a dozen texels, and asymmetric. */
const known = (u: number, v: number) =>
  [
    0.6 + 0.15 * Math.sin(5 * u + 3 * v) + 0.04 * Math.sin(130 * u) * Math.sin(110 * v),
    0.5 + 0.15 * Math.cos(4 * u - 5 * v) + 0.04 * Math.sin(120 * u + 90 * v),
    0.4 + 0.15 * Math.sin(7 * v - u),
  ] as const;

/** The head turned to its left by an angle in degrees, as seen from 1.2 m. */
function cameraAt(yaw: number, focalLength = 3000): Camera {
  const angle = (-yaw * Math.PI) / 180;
  return {
    position: [1200 * Math.sin(angle), 40, 1200 * Math.cos(angle)],
    lookAt: [0, 10, 0],
    focalLength: focalLength * (WIDTH / 1000),
    roll: 0.1,
    principalPoint: [WIDTH / 2 + 10, HEIGHT / 2 - 5],
  };
}

let model: MorphableModel;
beforeAll(async () => {
  model = await loadModel("default");
});

function unwrapped(camera: Camera, segmentation?: FaceSegmentation, size = SIZE) {
  const photo = texturedPicture(model, model.mean, camera, WIDTH, HEIGHT, known);
  return unwrapTexture({ model, vertices: model.mean, camera, photo, segmentation, size });
}

test("a texture that was drawn is found again, and what is hidden is not", () => {
  for (const [yaw, least] of [
    [0, 0.35],
    [40, 0.2],
  ] as const) {
    const camera = cameraAt(yaw);
    const { colour, confidence } = unwrapped(camera);
    const errors: number[] = [];
    for (let i = 0; i < SIZE * SIZE; i++) {
      if (confidence[i]! < 0.5) continue;
      const truth = known(((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE);
      for (let c = 0; c < 3; c++) errors.push(255 * Math.abs(colour[3 * i + c]! - truth[c]!));
    }
    errors.sort((a, b) => a - b);
    expect(errors.length / (3 * SIZE * SIZE)).toBeGreaterThan(least);
    expect(errors.reduce((sum, value) => sum + value, 0) / errors.length).toBeLessThan(1.2);
    expect(errors[Math.floor(0.99 * errors.length)]).toBeLessThan(6);

    const hidden = hiddenTexels(camera);
    expect(hidden.length).toBeGreaterThan(50);
    // Within a nostril a wall can be a millimetre before another.
    const missed = hidden.filter((i) => confidence[i]! > 0.03).length;
    expect(missed).toBeLessThanOrEqual(0.01 * hidden.length);
  }
});

/** Of a sample of the texels those before which rays to the camera meet another surface. */
function hiddenTexels({ position }: Camera): number[] {
  const positions = texturePositions(model, SIZE);
  const places = atTexels(positions, model.triangles, model.mean);
  const lashes = model.parts.filter(({ kind }) => kind === "lashes");
  const isLash = (t: number) => lashes.some(({ start, count }) => t >= start && t < start + count);
  const hidden: number[] = [];
  for (let i = 0; i < SIZE * SIZE; i += 211) {
    if (positions.triangle[i]! < 0) continue;
    const ray = [0, 1, 2].map((k) => position[k]! - places[3 * i + k]!);
    const length = Math.hypot(...ray);
    for (let t = 0; t < model.triangles.length / 3; t++) {
      const found = hit(model.mean, model.triangles, t, places.subarray(3 * i), ray);
      if (!found || Math.min(found[0], found[1], found[2]) < 0 || isLash(t)) continue;
      if (found[3] * length > 4 && found[3] < 1) {
        hidden.push(i);
        break;
      }
    }
  }
  return hidden;
}

test("fine patterns of a large photo are averaged, not sampled", () => {
  const camera = cameraAt(0);
  const grid = (u: number, v: number) => {
    const value = 0.5 + 0.3 * Math.sign(Math.sin(2000 * u) * Math.sin(2000 * v));
    return [value, value, value] as const;
  };
  const photo = texturedPicture(model, model.mean, camera, WIDTH, HEIGHT, grid);
  const size = 64;
  const { colour, confidence } = unwrapTexture({
    model,
    vertices: model.mean,
    camera,
    photo,
    size,
  });
  const values = [...confidence.keys()]
    .filter((i) => confidence[i]! > 0.9)
    .map((i) => colour[3 * i]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(values.length).toBeGreaterThan(500);
  expect(Math.sqrt(variance)).toBeLessThan(0.06);
});

test("only what the masks call skin is trusted, with a margin", () => {
  const camera = cameraAt(0);
  const empty = () => ({ width: 256, height: 256, data: new Float32Array(256 * 256) });
  // The picture's left half is hair.
  const halves = (left: number, right: number) => ({
    ...empty(),
    data: Float32Array.from({ length: 256 * 256 }, (_, i) => (i % 256 < 128 ? left : right)),
  });
  const segmentation: FaceSegmentation = {
    face: halves(0, 1),
    skin: halves(0, 1),
    otherSkin: empty(),
    hair: halves(1, 0),
    beard: empty(),
    glasses: empty(),
    eyes: empty(),
    brows: empty(),
    lips: empty(),
    mouth: empty(),
    toImage: { scale: 2.5, rotation: 0, tx: -20, ty: 30 },
    hasGlasses: false,
  };
  const { confidence } = unwrapped(camera, segmentation);
  const row = Math.round(0.5 * SIZE) * SIZE;
  const at = (u: number) => confidence[row + Math.floor(u * SIZE)]!;
  expect(at(0.3)).toBe(0);
  expect(at(0.45)).toBe(0);
  expect(at(0.65)).toBeGreaterThan(0.9);
});

test("black, burnt out and missing pixels are not trusted", () => {
  const camera = cameraAt(0);
  for (const value of [0, 1]) {
    const photo = texturedPicture(model, model.mean, camera, WIDTH, HEIGHT, () => [
      value,
      value,
      value,
    ]);
    const { confidence } = unwrapTexture({
      model,
      vertices: model.mean,
      camera,
      photo,
      size: SIZE,
    });
    // Beside the eyeballs and the background, which are grey, some texels show those.
    const trusted = confidence.filter((each) => each > 0.01).length;
    expect(trusted / confidence.length).toBeLessThan(0.01);
  }
  const away = { ...camera, principalPoint: [5000, 5000] as const };
  expect(Math.max(...unwrapped(away, undefined, 64).confidence)).toBe(0);
});

test("a model without coordinates and foreign vertices are refused", () => {
  const photo = { width: 4, height: 4, data: new Uint8Array(48) };
  const camera = cameraAt(0);
  const input = { model, vertices: model.mean, camera, photo, size: 16 };
  expect(() => unwrapTexture({ ...input, model: { ...model, uv: null } })).toThrow(
    /no texture coordinates/,
  );
  expect(() => unwrapTexture({ ...input, vertices: new Float32Array(9) })).toThrow(/3 came/);
  expect(() => unwrapTexture({ ...input, size: 1.5 })).toThrow(/1.5 x 1.5 texels/);
});
