import { beforeAll, expect, test } from "vitest";
import type { UvFrame } from "../models/uv/uv-frame.js";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import { GAMMA } from "../render/lighting.js";
import { evenLight } from "./even-light.js";
import { type FaceRegions, faceRegions } from "./face-regions.js";

const SIZE = 256;
const COUNT = SIZE * SIZE;
const SKIN = [0.75, 0.56, 0.47];

let regions: FaceRegions;
let frame: UvFrame;
beforeAll(async () => {
  frame = await loadUvFrame();
  regions = faceRegions(frame, SIZE);
});

const place = (i: number) => [(i % SIZE) / SIZE, Math.floor(i / SIZE) / SIZE] as const;
const pores = (i: number) =>
  1 + 0.03 * Math.sin(2.1 * (i % SIZE)) * Math.sin(1.9 * Math.floor(i / SIZE));

/** 1 at a place of the texture, 0 from `radius` on, parts of the side. */
function spot(i: number, u: number, v: number, radius: number): number {
  const [x, y] = place(i);
  return Math.exp((-3 * ((x - u) ** 2 + (y - v) ** 2)) / radius ** 2);
}

function coloured(at: (i: number, c: number) => number) {
  return {
    size: SIZE,
    colour: Float32Array.from({ length: 3 * COUNT }, (_, n) => at(Math.floor(n / 3), n % 3)),
  };
}

function seen(at: (i: number, c: number) => number) {
  return { ...coloured(at), confidence: regions.face.slice() };
}

const EXPECTED = coloured((_, c) => SKIN[c]!);

/** Mean distance of two textures where a spot is, of 255. */
function distance(a: Float32Array, b: Float32Array, u: number, v: number, radius: number): number {
  let [sum, weight] = [0, 0];
  for (let i = 0; i < COUNT; i++) {
    const share = spot(i, u, v, radius) * regions.skin[i]!;
    for (let c = 0; c < 3; c++) sum += share * 255 * Math.abs(a[3 * i + c]! - b[3 * i + c]!);
    weight += 3 * share;
  }
  return sum / weight;
}

const [U, V, RADIUS] = [0.38, 0.6, 0.06];

test("shine on skin is taken out, and the detail below stays", () => {
  const truth = coloured((i, c) => SKIN[c]! * pores(i));
  const shining = seen((i, c) => {
    const mirrored = 0.25 * spot(i, U, V, RADIUS);
    return ((SKIN[c]! * pores(i)) ** GAMMA + mirrored) ** (1 / GAMMA);
  });
  const { colour } = evenLight(shining, EXPECTED, regions);
  const before = distance(shining.colour, truth.colour, U, V, RADIUS);
  expect(before).toBeGreaterThan(15);
  expect(distance(colour, truth.colour, U, V, RADIUS)).toBeLessThan(0.4 * before);
});

test("a slow shadow of the skin's own colour becomes fainter", () => {
  const truth = coloured((i, c) => SKIN[c]! * pores(i));
  const shaded = seen((i, c) => SKIN[c]! * pores(i) * (1 - 0.3 * spot(i, U, V, 0.12)));
  const { colour } = evenLight(shaded, EXPECTED, regions);
  const before = distance(shaded.colour, truth.colour, U, V, 0.12);
  expect(distance(colour, truth.colour, U, V, 0.12)).toBeLessThan(0.6 * before);
});

test("pigment stays: a mole, and a flush or beard of another colour", () => {
  const pigmented = seen((i, c) => {
    const mole = spot(i, 0.62, 0.6, 0.008);
    const beard = spot(i, 0.5, 0.82, 0.1);
    const flush = spot(i, 0.38, 0.6, 0.08);
    return (
      SKIN[c]! *
      (1 - 0.6 * mole) *
      (1 - [0.5, 0.4, 0.28][c]! * beard) *
      (1 - [0, 0.15, 0.12][c]! * flush)
    );
  });
  const { colour } = evenLight(pigmented, EXPECTED, regions);
  for (const [u, v, radius] of [
    [0.62, 0.6, 0.008],
    [0.5, 0.82, 0.05],
    [0.38, 0.6, 0.04],
  ] as const) {
    const contrast = distance(pigmented.colour, EXPECTED.colour, u, v, radius);
    expect(distance(colour, pigmented.colour, u, v, radius)).toBeLessThan(0.2 * contrast);
  }
});

test("even skin stays as it is, and sizes must agree", () => {
  const plain = seen((i, c) => 0.8 * SKIN[c]! * pores(i));
  const { colour, confidence } = evenLight(plain, EXPECTED, regions);
  expect(distance(colour, plain.colour, 0.5, 0.5, 1)).toBeLessThan(0.5);
  expect(confidence).toEqual(plain.confidence);
  const small = { size: 2, colour: new Float32Array(12) };
  expect(() => evenLight(plain, small, regions)).toThrow(/256 x 256 texels/);
});
