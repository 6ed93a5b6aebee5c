import { expect, test } from "vitest";
import { loadModel } from "../models/store/store.node.js";
import {
  doubleTexture,
  imageOfTexture,
  mirrorTexture,
  shrinkPartial,
  shrinkTexture,
  textureOfImage,
} from "./texture-map.js";
import { atTexels, texturePositions } from "./texture-positions.js";

const RAMP = {
  size: 8,
  colour: Float32Array.from({ length: 192 }, (_, i) => {
    const [x, y] = [(Math.floor(i / 3) % 8) + 0.5, Math.floor(i / 24) + 0.5];
    return [x / 8, y / 8, 0.5][i % 3]!;
  }),
};

test("straight ramps stay straight in other sizes, and mirrored they fall", () => {
  const half = shrinkTexture(RAMP, 2);
  const same = doubleTexture(half);
  for (let i = 0; i < 64; i++) {
    const [x, y] = [i % 8, Math.floor(i / 8)];
    // At the border bilinear interpolation repeats the last texel.
    if (x === 0 || y === 0 || x === 7 || y === 7) continue;
    for (let c = 0; c < 3; c++) {
      expect(same.colour[3 * i + c]).toBeCloseTo(RAMP.colour[3 * i + c]!, 6);
    }
  }
  expect(mirrorTexture(RAMP).colour[0]).toBeCloseTo(7.5 / 8, 6);
  expect(textureOfImage(imageOfTexture(RAMP)).colour[3]).toBeCloseTo(1.5 / 8, 2);
});

test("unknown texels lend no colour", () => {
  const confidence = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1 : 0));
  const colour = RAMP.colour.map((_, i) => (Math.floor(i / 3) % 2 === 0 ? 0.25 : 0.9));
  const small = shrinkPartial({ size: 8, colour, confidence }, 2);
  for (const value of small.colour) expect(value).toBeCloseTo(0.25, 4);
  for (const value of small.confidence) expect(value).toBeCloseTo(0.5, 6);
});

test("sizes that do not fit are refused", () => {
  expect(() => shrinkTexture(RAMP, 3)).toThrow(/shrunk by 3/);
  const image = { width: 2, height: 1, data: new Uint8Array(6) };
  expect(() => textureOfImage(image)).toThrow(/not 2 x 1/);
});

test("every place of the skin has its texel, with a margin around", async () => {
  const model = await loadModel("default");
  const size = 128;
  const positions = texturePositions(model, size);
  expect(texturePositions(model, size)).toBe(positions);
  const uv = model.uv!;
  // Texture coordinates as if they were positions must give each texel its own place.
  const corners = new Float32Array(model.mean.length);
  const several = new Set<number>();
  uv.triangles.forEach((index, corner) => {
    const v = model.triangles[corner]!;
    const [x, y] = [uv.coordinates[2 * index]!, uv.coordinates[2 * index + 1]!];
    if (corners[3 * v]! !== 0 && Math.hypot(corners[3 * v]! - x, corners[3 * v + 1]! - y) > 1e-6) {
      several.add(v);
    }
    corners.set([x, y, 1], 3 * v);
  });
  const places = atTexels(positions, model.triangles, corners);
  let margin = 0;
  for (let i = 0; i < size * size; i++) {
    const t = positions.triangle[i]!;
    if (t < 0) continue;
    if ([0, 1, 2].some((c) => several.has(model.triangles[3 * t + c]!))) continue;
    const [x, y] = [((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size];
    const away = size * Math.hypot(places[3 * i]! - x, places[3 * i + 1]! - y);
    if (away > 1e-3) margin++;
    expect(away).toBeLessThan(3);
    expect(places[3 * i + 2]).toBeCloseTo(1, 5);
  }
  expect(margin).toBeLessThan(0.1 * size * size);
  // The middle of the cheek is covered, the corner of the texture is not.
  expect(
    positions.triangle[Math.floor(0.6 * size) * size + Math.floor(0.3 * size)],
  ).toBeGreaterThan(0);
});
