import { expect, test } from "vitest";
import { crop, fitInside } from "./crop.js";
import { applySimilarity } from "./similarity.js";

const image = {
  width: 3,
  height: 2,
  data: Uint8Array.from({ length: 18 }, (_, i) => i),
  alpha: Uint8Array.of(1, 2, 3, 4, 5, 6),
};

test("a rectangle", () => {
  expect(crop(image, { left: 1, top: 1, width: 2, height: 1 })).toEqual({
    width: 2,
    height: 1,
    data: Uint8Array.of(12, 13, 14, 15, 16, 17),
    alpha: Uint8Array.of(5, 6),
  });
});

test.each([
  { left: -1, top: 0, width: 2, height: 1 },
  { left: 2, top: 0, width: 2, height: 1 },
  { left: 0, top: 0, width: 3, height: 3 },
  { left: 0, top: 0, width: 0, height: 1 },
  { left: 0.5, top: 0, width: 1, height: 1 },
  { left: 0, top: Number.NaN, width: 1, height: 1 },
])("outside: %o", (rectangle) => {
  expect(() => crop(image, rectangle)).toThrow(/do not lie inside a picture of 3 x 2/);
});

test("a picture fitted into a frame touches its longer sides and is centred", () => {
  const transform = fitInside({ width: 400, height: 200 }, { width: 100, height: 100 });
  expect([...applySimilarity(transform, [0, 25, 100, 75, 50, 50])]).toEqual([
    0, 0, 400, 200, 200, 100,
  ]);
});
