import { describe, expect, it } from "vitest";
import { byteOfLinear, LINEAR_OF_BYTE, luminance } from "../image/colour.js";
import type { Image } from "../image/image.js";
import type { FaceRegions } from "./face-regions.js";
import { skinRelief } from "./skin-relief.js";

const SIZE = 192;
const TEXEL = 0.3;
const SKIN = [200, 150, 125].map((byte) => LINEAR_OF_BYTE[byte]!);
/** Factors of linear R, G and B by which a change of the luminance's logarithm shows. */
const SHADE = [1, 1, 1];
/** Extinction of melanin at 600, 540 and 450 nm, over that of the luminance. */
const MELANIN = [0.72, 1.04, 1.95];

const everywhere = new Float32Array(SIZE * SIZE).fill(1);
const regions = { size: SIZE, skin: everywhere } as FaceRegions;

function paint(log: (x: number, y: number) => number, per = SHADE): Image {
  const data = new Uint8Array(3 * SIZE * SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const change = log(i % SIZE, Math.floor(i / SIZE));
    for (let c = 0; c < 3; c++) {
      data[3 * i + c] = byteOfLinear(SKIN[c]! * Math.exp(per[c]! * change));
    }
  }
  return { width: SIZE, height: SIZE, data };
}

const strength = (height: Float32Array) =>
  Math.sqrt(height.reduce((sum, value) => sum + value * value, 0) / height.length);

describe("skinRelief", () => {
  it("makes of a wave of brightness the wave of height of the formula, dark deep", () => {
    const [amplitude, wavelength] = [0.15, 5];
    const k = (2 * Math.PI) / wavelength;
    const height = skinRelief({
      skin: paint((x) => amplitude * Math.cos(k * TEXEL * x)),
      regions,
      texel: TEXEL,
    });
    // The black level that logarithms need takes a little of the contrast.
    const light = luminance(SKIN[0]!, SKIN[1]!, SKIN[2]!);
    const contrast = (amplitude * light) / (light + 0.004);
    const pass = (s: number) => Math.exp(-((s * k) ** 2) / 2) - Math.exp(-2 * (s * k) ** 2);
    const expected = [0.35, 0.7, 1.4].reduce((sum, s) => {
      const band = contrast * pass(s);
      const energy = band ** 2 / 2;
      const peak = (2 * Math.PI * s) / Math.sqrt((2 * Math.log(4)) / 3);
      return sum + 0.7 * peak * band * (energy / (energy + 0.012 ** 2));
    }, 0);
    expect(expected).toBeGreaterThan(0.2);
    for (let x = 80; x < 112; x++) {
      const found = height[96 * SIZE + x]!;
      expect(Math.abs(found - expected * Math.cos(k * TEXEL * x))).toBeLessThan(0.06 * expected);
    }
  });

  it("is flat where the texture is, and where it is grain", () => {
    expect(skinRelief({ skin: paint(() => 0), regions, texel: TEXEL }).every((h) => h === 0)).toBe(
      true,
    );
    let state = 1;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32 - 0.5;
    };
    const grain = skinRelief({ skin: paint(() => 0.06 * next()), regions, texel: TEXEL });
    expect(strength(grain)).toBeLessThan(0.003);
  });

  it("takes spots of pigment for less than wrinkles as dark, and grey spots too", () => {
    const wrinkle = (x: number) => -0.4 * Math.exp(-(((x % 32) - 16) ** 2) / 12);
    const spot = (x: number, y: number) =>
      -0.4 * Math.exp(-(((x % 32) - 16) ** 2 + ((y % 32) - 16) ** 2) / 12);
    const relief = (skin: Image) => skinRelief({ skin, regions, texel: TEXEL });
    const deepest = (height: Float32Array) => -Math.min(...height);
    const grooves = relief(paint(wrinkle));
    expect(deepest(grooves)).toBeGreaterThan(0.2);
    expect(deepest(relief(paint(wrinkle, MELANIN)))).toBeLessThan(0.4 * deepest(grooves));
    expect(deepest(relief(paint(spot)))).toBeLessThan(0.3 * deepest(grooves));
    expect(deepest(relief(paint(spot, MELANIN)))).toBeLessThan(0.1 * deepest(grooves));
  });

  it("is 0 on unseen texels and lets nothing of them in", () => {
    const wave = (x: number) => 0.15 * Math.cos(0.4 * x);
    const confidence = Float32Array.from({ length: SIZE * SIZE }, (_, i) =>
      i % SIZE < 60 ? 0 : 1,
    );
    const relief = (skin: Image) => skinRelief({ skin, regions, confidence, texel: TEXEL });
    const height = relief(paint(wave));
    for (let i = 0; i < height.length; i++) if (i % SIZE < 61) expect(height[i]).toBe(0);
    expect(Math.abs(height[96 * SIZE + 140]!)).toBeGreaterThan(0);
    const beside = relief(paint((x) => (x < 60 ? -2 : wave(x))));
    expect(beside).toEqual(height);
  });

  it("gives the same again, and refuses sizes that differ", () => {
    const skin = paint((x, y) => 0.1 * Math.sin(0.3 * x + 0.1 * y));
    expect(skinRelief({ skin, regions, texel: TEXEL })).toEqual(
      skinRelief({ skin, regions, texel: TEXEL }),
    );
    expect(() => skinRelief({ skin, regions: { ...regions, size: 64 }, texel: TEXEL })).toThrow(
      /Regions of 64 texels/,
    );
    expect(() => skinRelief({ skin, regions, texel: 0 })).toThrow(/0 mm wide/);
  });
});
