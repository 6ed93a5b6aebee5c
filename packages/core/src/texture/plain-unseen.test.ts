import { expect, test } from "vitest";
import { loadUvFrame } from "../models/uv/uv-frame.node.js";
import { faceRegions } from "./face-regions.js";
import { plainUnseen } from "./plain-unseen.js";

const SIZE = 128;
const COUNT = SIZE * SIZE;
const SKIN = [0.7, 0.5, 0.42];
const PATCH = [0.6, 0.3, 0.25];

test("a patch that no photo shows comes near to the skin's tone, one that is seen stays", async () => {
  const regions = faceRegions(await loadUvFrame(), SIZE);
  const inPatch = (i: number, v: number) =>
    Math.hypot((i % SIZE) / SIZE - 0.5, Math.floor(i / SIZE) / SIZE - v) < 0.08;
  const colour = Float32Array.from({ length: 3 * COUNT }, (_, n) => {
    const i = Math.floor(n / 3);
    return (inPatch(i, 0.22) || inPatch(i, 0.86) ? PATCH : SKIN)[n % 3]!;
  });
  const confidence = Float32Array.from({ length: COUNT }, (_, i) => (i / COUNT < 0.4 ? 0 : 1));
  const seen = { size: SIZE, colour, confidence };
  const plain = plainUnseen({ size: SIZE, colour }, seen, regions).colour;
  const at = (v: number) => 3 * (Math.round(v * SIZE) * SIZE + SIZE / 2);
  const away = (values: ArrayLike<number>, from: number, to: readonly number[]) =>
    to.reduce((sum, value, c) => sum + Math.abs(values[from + c]! - value), 0);
  expect(away(plain, at(0.22), SKIN)).toBeLessThan(0.55 * away(PATCH, 0, SKIN));
  expect(away(plain, at(0.86), PATCH)).toBeLessThan(0.01);
  const ratio = (values: ArrayLike<number>, i: number) => values[i]! / values[i + 1]!;
  expect(ratio(plain, at(0.22))).toBeLessThan(0.5 * (ratio(SKIN, 0) + ratio(PATCH, 0)));
  expect(() => plainUnseen({ size: 2, colour: new Float32Array(12) }, seen, regions)).toThrow(
    /2 x 2/,
  );
});
