import sharp from "sharp";
import { expect, test } from "vitest";
import { blendMask, flatten } from "./composite.js";

const image = {
  width: 3,
  height: 1,
  data: Uint8Array.of(200, 100, 0, 200, 100, 0, 200, 100, 0),
  alpha: Uint8Array.of(255, 128, 0),
};

test("flattened as libvips does", async () => {
  const background = { r: 10, g: 20, b: 250 };
  const rgba = Uint8Array.of(200, 100, 0, 255, 200, 100, 0, 128, 200, 100, 0, 0);
  const expected = await sharp(rgba, { raw: { width: 3, height: 1, channels: 4 } })
    .flatten({ background })
    .raw()
    .toBuffer();
  const flat = flatten(image, [10, 20, 250]);
  expect(flat.alpha).toBeUndefined();
  flat.data.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1);
  });
  const opaque = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
  expect(flatten(opaque)).toBe(opaque);
});

test("a mask tints what it covers", () => {
  const mask = { width: 3, height: 1, data: Float32Array.of(0, 0.5, 7) };
  const tinted = blendMask(image, mask, [0, 0, 100], 0.5);
  expect([...tinted.data]).toEqual([200, 100, 0, 150, 75, 25, 100, 50, 50]);
  expect(tinted.alpha).toBe(image.alpha);
  expect([...image.data.slice(0, 3)]).toEqual([200, 100, 0]);
  expect(() => blendMask(image, { ...mask, width: 1 }, [0, 0, 0])).toThrow(/does not fit/);
});
