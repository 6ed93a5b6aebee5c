import { expect, test } from "vitest";
import { halved, sampleImage, sampleMask } from "./sample.js";

const image = {
  width: 3,
  height: 2,
  data: Uint8Array.from([0, 0, 0, 90, 0, 0, 0, 60, 0, 0, 0, 30, 10, 20, 40, 200, 200, 200]),
};

test("a pixel's centre gives the pixel, between two their mean, outside the nearest", () => {
  const out = [0, 0, 0];
  sampleImage(image, 1.5 / 3, 0.25, out);
  expect(out).toEqual([90, 0, 0]);
  sampleImage(image, 1 / 3, 0.25, out);
  expect(out[0]).toBeCloseTo(45, 10);
  sampleImage(image, 1 / 3, 0.5, out);
  expect(out).toEqual([25, 5, 17.5].map((value) => expect.closeTo(value, 10)));
  sampleImage(image, 7, 9, out);
  expect(out).toEqual([200, 200, 200]);
  sampleImage(image, -1, -1, out);
  expect(out).toEqual([0, 0, 0]);
});

test("masks alike", () => {
  const mask = { width: 2, height: 2, data: Float32Array.of(0, 1, 0.5, 0.25) };
  expect(sampleMask(mask, 0.75, 0.25)).toBe(1);
  expect(sampleMask(mask, 0.5, 0.5)).toBeCloseTo(0.4375, 6);
  expect(sampleMask(mask, -3, 9)).toBe(0.5);
});

test("at half the size pixels are the means of four; single rows stay", () => {
  const even = {
    width: 2,
    height: 2,
    data: Uint8Array.from([10, 0, 4, 20, 0, 4, 30, 0, 5, 41, 1, 5]),
  };
  expect(halved(even)).toEqual({ width: 1, height: 1, data: Uint8Array.of(25, 0, 5) });
  const row = { width: 4, height: 1, data: Uint8Array.from([0, 0, 0, 8, 8, 8, 2, 2, 2, 4, 4, 4]) };
  expect(halved(row)).toEqual({ width: 2, height: 1, data: Uint8Array.of(4, 4, 4, 3, 3, 3) });
});
