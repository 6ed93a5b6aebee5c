import { expect, test } from "vitest";
import { mergeTextures } from "./merge-textures.js";
import type { PartialTexture, TextureMap } from "./texture-map.js";

const SIZE = 128;
const COUNT = SIZE * SIZE;
const SKIN = [0.7, 0.5, 0.42];

const place = (i: number) =>
  [((i % SIZE) + 0.5) / SIZE, (Math.floor(i / SIZE) + 0.5) / SIZE] as const;

function map(at: (u: number, v: number, c: number) => number): TextureMap {
  return {
    size: SIZE,
    colour: Float32Array.from({ length: 3 * COUNT }, (_, n) =>
      at(...place(Math.floor(n / 3)), n % 3),
    ),
  };
}

function observed(
  texture: TextureMap,
  confidence: (u: number, v: number) => number,
  change: (u: number, v: number, c: number) => number = () => 1,
): PartialTexture {
  return {
    size: SIZE,
    colour: texture.colour.map((value, n) => value * change(...place(Math.floor(n / 3)), n % 3)),
    confidence: Float32Array.from({ length: COUNT }, (_, i) => confidence(...place(i))),
  };
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const TRUTH = map((u, v, c) => SKIN[c]! * (1 + 0.05 * Math.sin(90 * u) * Math.sin(80 * v)));
const FLAT = map((_u, _v, c) => SKIN[c]!);
const left = (u: number) => clamp((0.65 - u) / 0.2);
const right = (u: number) => clamp((u - 0.35) / 0.2);

test("one photo stays what it is", () => {
  const texture = observed(TRUTH, left);
  expect(mergeTextures([{ texture, resolution: 1 }], FLAT)).toBe(texture);
});

test("two sides of unequal exposure join without a seam", () => {
  const { colour, confidence } = mergeTextures(
    [
      { texture: observed(TRUTH, left, () => 1.15), resolution: 2 },
      { texture: observed(TRUTH, right, () => 1 / 1.15), resolution: 2 },
    ],
    FLAT,
  );
  expect(Math.min(...confidence)).toBeGreaterThan(0.4);
  let worst = 0;
  for (let i = 0; i < COUNT; i++) {
    for (let c = 0; c < 3; c++) {
      worst = Math.max(worst, Math.abs(colour[3 * i + c]! / TRUTH.colour[3 * i + c]! - 1));
    }
  }
  expect(worst).toBeLessThan(0.04);
});

test("what hides the skin in one photo is filled from the other, the other skin's colour deciding", () => {
  const hair = (u: number, v: number) => (Math.abs(u - 0.4) < 0.05 && v < 0.5 ? 0.35 : 1);
  const merged = mergeTextures(
    [
      { texture: observed(TRUTH, () => 1, hair), resolution: 2 },
      { texture: observed(TRUTH, () => 0.8), resolution: 2 },
    ],
    FLAT,
  );
  const at = 3 * (30 * SIZE + Math.floor(0.4 * SIZE));
  for (let c = 0; c < 3; c++) {
    expect(Math.abs(merged.colour[at + c]! - TRUTH.colour[at + c]!)).toBeLessThan(0.03);
  }
});

test("a mark that both photos show stays, and detail is that of the sharper one", () => {
  const mole = (u: number, v: number) => (Math.hypot(u - 0.5, v - 0.5) < 0.03 ? 0.4 : 1);
  const marked = map(
    (u, v, c) =>
      TRUTH.colour[3 * (Math.floor(v * SIZE) * SIZE + Math.floor(u * SIZE)) + c]! * mole(u, v),
  );
  const dull = map((u, v, c) => SKIN[c]! * mole(u, v));
  const { colour } = mergeTextures(
    [
      { texture: observed(marked, () => 1), resolution: 6 },
      { texture: observed(dull, () => 1), resolution: 1 },
    ],
    FLAT,
  );
  let [ofDetail, ofTruth, palest] = [0, 0, 0];
  for (let i = 0; i < COUNT; i++) {
    const [u, v] = place(i);
    if (mole(u, v) < 1) palest = Math.max(palest, colour[3 * i]! / SKIN[0]!);
    if (Math.hypot(u - 0.5, v - 0.5) < 0.1) continue;
    const detail = TRUTH.colour[3 * i]! - SKIN[0]!;
    ofDetail += detail * (colour[3 * i]! - SKIN[0]!);
    ofTruth += detail * detail;
  }
  expect(palest).toBeLessThan(0.6);
  expect(ofDetail / ofTruth).toBeGreaterThan(0.8);
});

test("without photos, or with sizes that differ, there is an error", () => {
  expect(() => mergeTextures([], FLAT)).toThrow(/128 x 128 texels/);
});
