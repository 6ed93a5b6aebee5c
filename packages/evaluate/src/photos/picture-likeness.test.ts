import type { Image, Mask } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { maskedPsnr, maskedSsim, ssimMap } from "./picture-likeness.js";

const WIDTH = 17;
const HEIGHT = 13;
const COUNT = WIDTH * HEIGHT;

const picture = (value: (i: number) => number): Image => ({
  width: WIDTH,
  height: HEIGHT,
  data: Uint8Array.from({ length: 3 * COUNT }, (_, i) => value(i)),
});
const mask = (value: (i: number) => number): Mask => ({
  width: WIDTH,
  height: HEIGHT,
  data: Float32Array.from({ length: COUNT }, (_, i) => value(i)),
});

const first = picture((i) => (i * i * 7 + i * 13) % 251);
const second = picture((i) => Math.floor((first.data[i]! * 3) / 4) + ((i * 31) % 60));
const everywhere = mask(() => 1);

// What scikit-image 0.26 gives for the same pictures: structural_similarity(first, second, channel_axis=2,
// gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255, full=True), and numpy.
describe("beside scikit-image", () => {
  it("the structural similarity is the same, in the middle and at the borders", () => {
    const map = ssimMap(first, second);
    const at = (row: number, column: number) => map[row * WIDTH + column];
    expect(at(0, 0)).toBeCloseTo(0.937801326666713, 5);
    expect(at(0, 16)).toBeCloseTo(0.9100640799937433, 5);
    expect(at(6, 8)).toBeCloseTo(0.9310294059074217, 5);
    expect(at(12, 3)).toBeCloseTo(0.9231076783188037, 5);
    expect(at(12, 16)).toBeCloseTo(0.9412788186742623, 5);
    expect(maskedSsim(first, second, everywhere)).toBeCloseTo(0.928137620947134, 5);
  });

  it("the signal to noise ratio is the same", () => {
    expect(maskedPsnr(first, second, everywhere)).toBeCloseTo(20.271946309048694, 9);
  });
});

it("equal pictures are alike wholly", () => {
  expect(maskedPsnr(first, first, everywhere)).toBe(Infinity);
  expect(maskedSsim(first, first, everywhere)).toBeCloseTo(1, 6);
});

it("only what the mask holds for at least a half counts", () => {
  const half = mask((i) => (i % 2 === 0 ? 0.5 : 0.49));
  const inside = picture((i) => first.data[i]! + (Math.floor(i / 3) % 2 === 0 ? 4 : 0));
  const outside = picture((i) => first.data[i]! + (Math.floor(i / 3) % 2 === 0 ? 0 : 4));
  expect(maskedPsnr(first, inside, half)).toBeCloseTo(20 * Math.log10(255 / 4), 9);
  expect(maskedPsnr(first, outside, half)).toBe(Infinity);
  const map = ssimMap(first, second).filter((_, i) => i % 2 === 0);
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
  expect(maskedSsim(first, second, half)).toBeCloseTo(mean, 6);
});

it("nothing at all has no likeness", () => {
  const nowhere = mask(() => 0);
  expect(maskedPsnr(first, second, nowhere)).toBeNaN();
  expect(maskedSsim(first, second, nowhere)).toBeNaN();
});
