import fc from "fast-check";
import { expect, test } from "vitest";
import { clampedByte, fromTensor, toTensor } from "./tensor.js";

const image = { width: 2, height: 1, data: Uint8Array.of(10, 20, 30, 40, 50, 60) };

test("order of the values", () => {
  expect([...toTensor(image)]).toEqual([10, 40, 20, 50, 30, 60]);
  expect([...toTensor(image, { order: "bgr" })]).toEqual([30, 60, 20, 50, 10, 40]);
  expect([...toTensor(image, { layout: "hwc" })]).toEqual([10, 20, 30, 40, 50, 60]);
  const both = toTensor(image, { layout: "hwc", order: "bgr" });
  expect([...both]).toEqual([30, 20, 10, 60, 50, 40]);
});

test("mean and scale belong to R, G and B whatever the order", () => {
  const options = { mean: [10, 20, 30], scale: [1, 2, 3] } as const;
  expect([...toTensor(image, options)]).toEqual([0, 30, 0, 60, 0, 90]);
  expect([...toTensor(image, { ...options, order: "bgr" })]).toEqual([0, 90, 0, 60, 0, 30]);
  expect(toTensor(image, { mean: 127.5, scale: 1 / 127.5 })[0]).toBeCloseTo(-0.92157, 5);
});

test("there and back", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 36, maxLength: 36 }),
      fc.constantFrom("rgb" as const, "bgr" as const),
      fc.constantFrom("chw" as const, "hwc" as const),
      (data, order, layout) => {
        const options = { order, layout, mean: [1, 50, 127.5], scale: [0.01, 1 / 255, 3] } as const;
        const picture = { width: 4, height: 3, data };
        expect(fromTensor(toTensor(picture, options), 4, 3, options)).toEqual(picture);
      },
    ),
    { seed: 3 },
  );
});

test("bytes are rounded and clamped", () => {
  expect([-3, 0.49, 0.5, 254.4, 254.5, 300, Number.NaN].map(clampedByte)).toEqual([
    0, 0, 1, 254, 255, 255, 0,
  ]);
});
