import { randomUniform } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { detailOf, type PhotoMeasures, rejectionOf } from "./photo-checks.js";

const GOOD: PhotoMeasures = {
  landmarkError: 0.01,
  turn: 5,
  pixelsPerTexel: 1.5,
  seen: 0.55,
  detail: 0.02,
  skinTone: [0.7, 0.56, 0.5],
};

describe("rejectionOf", () => {
  it("keeps a good photo", () => {
    expect(rejectionOf(GOOD, 512, [1, 1, 1])).toBeNull();
  });

  const bad: readonly [Partial<PhotoMeasures>, RegExp][] = [
    [{ landmarkError: 0.05 }, /does not fit.* 5\.0 %/],
    [{ turn: 40 }, /turned by 40 degrees/],
    [{ pixelsPerTexel: 0.3 }, /too small for 512 texels: 0\.30 pixels/],
    [{ seen: 0.3 }, /too little of the face is seen: 30\.0 %/],
    [{ detail: 0.004 }, /blurred/],
    [{ skinTone: [0.7, 0.4, 0.4] }, /light is coloured/],
    [{ skinTone: [0.5, 0.5, 0.5] }, /light is coloured/],
  ];
  for (const [change, reason] of bad) {
    it(`says what is wrong with ${JSON.stringify(change)}`, () => {
      expect(rejectionOf({ ...GOOD, ...change }, 512, [1, 1, 1])).toMatch(reason);
    });
  }

  it("looks at the colour after its correction", () => {
    const red = { ...GOOD, skinTone: [0.7, 0.45, 0.5] } as const;
    expect(rejectionOf(red, 512, [1, 1, 1])).toMatch(/coloured/);
    expect(rejectionOf(red, 512, [1, 1.25, 1])).toBeNull();
  });
});

describe("detailOf", () => {
  const size = 32;
  const next = randomUniform(7);
  const noise = Float32Array.from({ length: size * size }, () => 0.5 + 0.1 * next());
  const skin = new Float32Array(size * size).fill(1);

  it("does not depend on how bright the skin is", () => {
    const dark = noise.map((value) => value / 4);
    expect(detailOf(dark, skin, size)).toBeCloseTo(detailOf(noise, skin, size), 6);
  });

  it("is 0 for a ramp, and for no skin at all", () => {
    const ramp = noise.map((_, i) => (i % size) / 64 + Math.floor(i / size) / 128);
    expect(detailOf(ramp, skin, size)).toBeCloseTo(0, 6);
    expect(
      detailOf(
        noise,
        skin.map(() => 0),
        size,
      ),
    ).toBe(0);
  });

  it("falls with blur", () => {
    const blurred = noise.map((value, i) => (value + (noise[i + 1] ?? value)) / 2);
    expect(detailOf(blurred, skin, size)).toBeLessThan(0.8 * detailOf(noise, skin, size));
  });

  it("looks at skin only", () => {
    const half = skin.map((_, i) => (i % size < size / 2 ? 1 : 0));
    const mixed = noise.map((value, i) => (i % size < size / 2 + 1 ? 0.5 : value));
    expect(detailOf(mixed, half, size)).toBe(0);
  });
});
