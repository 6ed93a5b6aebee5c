import { mirrored, type PartialTexture } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { MeanTexture, skinTone, type Tone } from "./mean-texture.js";

const SIZE = 16;
const COUNT = SIZE * SIZE;
const everywhere = new Float32Array(COUNT).fill(1);

/** Of one colour, but for a darker texel, seen where asked. */
function texture(tone: Tone, confidence: Float32Array, spot?: number): PartialTexture {
  const colour = new Float32Array(3 * COUNT);
  for (let i = 0; i < 3 * COUNT; i++)
    colour[i] = tone[i % 3]! * (spot === Math.floor(i / 3) ? 0.5 : 1);
  return { size: SIZE, colour, confidence };
}

describe("MeanTexture", () => {
  it("is the mean tone where people are of one colour each", () => {
    const mean = new MeanTexture(SIZE, everywhere);
    mean.add(texture([0.8, 0.6, 0.4], everywhere));
    mean.add(texture([0.4, 0.2, 0.2], everywhere));
    const { colour } = mean.mean();
    for (let i = 0; i < colour.length; i++)
      expect(colour[i]).toBeCloseTo([0.6, 0.4, 0.3][i % 3]!, 4);
    for (const value of mean.seen()) expect(value).toBe(1);
  });

  it("shares a spot of one person on one side among all and both sides", () => {
    const spot = 8 * SIZE + 3;
    const mean = new MeanTexture(SIZE, everywhere);
    mean.add(texture([0.8, 0.8, 0.8], everywhere, spot));
    mean.add(texture([0.8, 0.8, 0.8], everywhere));
    const { colour } = mean.mean();
    expect(colour[3 * spot]).toBeCloseTo(0.8 * (1 - 0.5 / 4), 2);
    const other = mirrored(colour, SIZE, 3);
    for (let i = 0; i < colour.length; i++) expect(colour[i]).toBeCloseTo(other[i]!, 5);
  });

  it("counts what is seen, on both sides, and fills the rest with skin", () => {
    const left = everywhere.map((_, i) => (i % SIZE < 4 ? 1 : 0));
    const mean = new MeanTexture(SIZE, everywhere);
    mean.add(texture([0.7, 0.5, 0.4], left));
    const seen = mean.seen();
    expect([seen[0], seen[8], seen[15]]).toEqual([0.5, 0, 0.5]);
    const { colour } = mean.mean();
    expect(colour[3 * (8 * SIZE + 8)]).toBeCloseTo(0.7, 2);
  });
});

it("takes the skin's tone from confident skin", () => {
  const { colour } = texture([0.7, 0.5, 0.4], everywhere);
  const confidence = everywhere.map((_, i) => (i < 40 ? 1 : 0.2));
  for (let i = 60; i < COUNT; i++) colour[3 * i] = 0;
  const tone = skinTone({ size: SIZE, colour, confidence }, everywhere);
  tone.forEach((value, c) => {
    expect(value).toBeCloseTo([0.7, 0.5, 0.4][c]!, 6);
  });
});
