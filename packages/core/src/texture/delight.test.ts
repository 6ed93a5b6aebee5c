import { beforeAll, expect, test } from "vitest";
import type { MorphableModel } from "../models/morphable-model.js";
import { loadModel } from "../models/store/store.node.js";
import type { UvFrame } from "../models/uv/uv-frame.js";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import { GAMMA, harmonicBasis } from "../render/lighting.js";
import { vertexNormals } from "../render/normals.js";
import { confirmSkin } from "./confirm-skin.js";
import { delightTexture } from "./delight.js";
import { type FaceRegions, faceRegions } from "./face-regions.js";
import { directionsAtTexels, texturePositions } from "./texture-positions.js";

const SIZE = 128;
const COUNT = SIZE * SIZE;

let model: MorphableModel;
let frame: UvFrame;
let regions: FaceRegions;
let normals: Float32Array;
let facing: Float32Array;
beforeAll(async () => {
  model = await loadModel("default");
  frame = await loadUvFrame();
  regions = faceRegions(frame, SIZE);
  const positions = texturePositions(model, SIZE);
  normals = directionsAtTexels(
    positions,
    model.triangles,
    vertexNormals(model.mean, model.triangles),
  );
  facing = Float32Array.from({ length: COUNT }, (_, i) => Math.max(0, normals[3 * i + 2]!));
});

const SKIN = [0.6, 0.45, 0.38];
const LIGHT = [0.75, 0.25, 0.15, 0.2, 0.03, -0.02, 0.03, 0.04, -0.03];

function shadeAt(i: number, light: readonly number[]): number {
  const basis = harmonicBasis(normals[3 * i]!, normals[3 * i + 1]!, normals[3 * i + 2]!);
  const irradiance = basis.reduce((sum, value, k) => sum + value * light[k]!, 0);
  return Math.max(irradiance, 1e-3) ** (1 / GAMMA);
}

/** Skin with dark brows, lips and a beard, under a light from the person's upper left. */
function lit(): Float32Array {
  const colour = new Float32Array(3 * COUNT);
  for (let i = 0; i < COUNT; i++) {
    const [u, v] = [(i % SIZE) / SIZE, Math.floor(i / SIZE) / SIZE];
    const beard = Math.abs(u - 0.5) < 0.12 && v > 0.74 && v < 0.82 ? 0.5 : 1;
    const part = 1 - 0.6 * Math.max(regions.brows[i]!, regions.lips[i]!, regions.eyes[i]!);
    const freckles = 1 + 0.03 * Math.sin(91 * u) * Math.sin(83 * v);
    for (let c = 0; c < 3; c++) {
      colour[3 * i + c] = SKIN[c]! * part * beard * freckles * shadeAt(i, LIGHT);
    }
  }
  return colour;
}

test("a known light is taken out, beard and brows notwithstanding", () => {
  const texture = { size: SIZE, colour: lit(), confidence: facing };
  const result = delightTexture({ texture, normals, regions });
  let [weight, mean] = [0, 0];
  const levels: number[] = [];
  for (let i = 0; i < COUNT; i++) {
    const [u, v] = [(i % SIZE) / SIZE, Math.floor(i / SIZE) / SIZE];
    const bearded = Math.abs(u - 0.5) < 0.14 && v > 0.72 && v < 0.84;
    if (regions.skin[i]! < 0.99 || facing[i]! < 0.4 || bearded) continue;
    levels.push(result.texture.colour[3 * i]! / SKIN[0]!);
    mean += facing[i]! * (texture.colour[3 * i]! / SKIN[0]!);
    weight += facing[i]!;
  }
  const level = levels.reduce((sum, value) => sum + value, 0) / levels.length;
  const spread = Math.sqrt(levels.reduce((sum, v) => sum + (v - level) ** 2, 0) / levels.length);
  // Freckles alone have 1.5 %; under the light it was 9 %.
  expect(spread / level).toBeLessThan(0.03);
  expect(level).toBeCloseTo(mean / weight, 1);
  const [constant] = result.lighting.coefficients;
  const found = LIGHT.map((_, k) => result.lighting.coefficients[3 * k]! / constant!);
  for (const k of [1, 2]) expect(found[k]).toBeCloseTo(LIGHT[k]! / LIGHT[0]!, 1);
});

test("what is expected of the skin is not taken for light", () => {
  const uneven = Float32Array.from({ length: 3 * COUNT }, (_, i) => {
    const u = (Math.floor(i / 3) % SIZE) / SIZE;
    return SKIN[i % 3]! * (0.8 + 0.4 * u);
  });
  const texture = { size: SIZE, colour: uneven, confidence: facing };
  const expected = { size: SIZE, colour: uneven.map((value) => 0.7 * value) };
  const { texture: result } = delightTexture({ texture, normals, regions, expected });
  for (let i = 0; i < COUNT; i++) {
    if (regions.skin[i]! < 0.9) continue;
    expect(result.colour[3 * i]! / uneven[3 * i]!).toBeCloseTo(1, 1);
  }
});

test("without skin to judge by nothing changes", () => {
  const texture = { size: SIZE, colour: lit(), confidence: new Float32Array(COUNT) };
  const { texture: result } = delightTexture({ texture, normals, regions });
  expect(result.colour).toEqual(texture.colour);
  expect(() => delightTexture({ texture, normals: normals.slice(3), regions })).toThrow(
    /128 x 128/,
  );
});

test("regions lie where the landmarks are, mirrored alike, and shut each other out", () => {
  const at = (mask: Float32Array, u: number, v: number) =>
    mask[Math.floor(v * SIZE) * SIZE + Math.floor(u * SIZE)]!;
  const uv = (i: number) => [frame.ibug68.uv[2 * i]!, frame.ibug68.uv[2 * i + 1]!] as const;
  for (const i of [51, 57, 54]) expect(at(regions.lips, ...uv(i))).toBeGreaterThan(0.5);
  for (const i of [36, 39, 43, 46]) expect(at(regions.eyes, ...uv(i))).toBeGreaterThan(0.9);
  for (const i of [18, 25]) expect(at(regions.brows, ...uv(i))).toBeGreaterThan(0.5);
  for (const i of [29, 33]) expect(at(regions.face, ...uv(i))).toBe(1);
  expect(at(regions.skin, 0.3, 0.6)).toBe(1);
  expect(at(regions.face, 0.5, 0.1)).toBe(0);
  for (const mask of Object.values(regions)) {
    if (typeof mask === "number") continue;
    let difference = 0;
    for (let i = 0; i < COUNT; i++) {
      const mirror = i - (i % SIZE) + SIZE - 1 - (i % SIZE);
      difference = Math.max(difference, Math.abs(mask[i]! - mask[mirror]!));
    }
    expect(difference).toBeLessThan(0.2);
  }
});

test("a collar is no neck", () => {
  const colour = Float32Array.from({ length: 3 * COUNT }, (_, i) =>
    // The neck in half shade, and beside it a white collar.
    Math.floor(i / 3 / SIZE) < 0.92 * SIZE
      ? SKIN[i % 3]! * (Math.floor(i / 3 / SIZE) > 0.86 * SIZE ? 0.85 : 1)
      : 0.9,
  );
  const ones = new Float32Array(COUNT).fill(1);
  const { confidence } = confirmSkin({ size: SIZE, colour, confidence: ones }, regions);
  const at = (v: number) => confidence[Math.floor(v * SIZE) * SIZE + SIZE / 2]!;
  expect(at(0.5)).toBe(1);
  expect(at(0.88)).toBe(1);
  expect(at(0.95)).toBe(0);
});
