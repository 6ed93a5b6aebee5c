import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { crop } from "./crop.js";
import type { Image } from "./image.js";
import { applySimilarity, IDENTITY, type Similarity } from "./similarity.js";
import { warpCoverage, warpMask, warpSimilarity, warpToTensor } from "./warp.js";

const SEED = { seed: 3 };

/** From a function of the pixel centre to R, G and B. */
function picture(width: number, height: number, at: (x: number, y: number) => number[]): Image {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(at(x + 0.5, y + 0.5), 3 * (y * width + x));
  }
  return { width, height, data };
}

const grey = (value: number) => [value, value, value];

/** A picture of reproducible noise. */
function noise(width: number, height: number): Image {
  let state = 12345;
  return picture(width, height, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return [state >>> 24, (state >>> 16) & 255, (state >>> 8) & 255];
  });
}

/** Turned and scaled about the centres of both pictures. */
function centred(
  input: { width: number; height: number },
  output: { width: number; height: number },
  scale: number,
  rotation: number,
): Similarity {
  const turn = { scale, rotation, tx: 0, ty: 0 };
  const [x, y] = applySimilarity(turn, [output.width / 2, output.height / 2]);
  return { scale, rotation, tx: input.width / 2 - x!, ty: input.height / 2 - y! };
}

const placed = fc.record({
  scale: fc.double({ min: 0.2, max: 9, noNaN: true }),
  rotation: fc.double({ min: -3.14, max: 3.14, noNaN: true }),
  tx: fc.double({ min: -60, max: 120, noNaN: true }),
  ty: fc.double({ min: -60, max: 120, noNaN: true }),
});

describe("what must come out exactly", () => {
  test("a shift by whole pixels is a crop", () => {
    const image = noise(31, 23);
    expect(warpSimilarity(image, IDENTITY, 31, 23)).toEqual(image);
    const shifted = warpSimilarity(image, { ...IDENTITY, tx: 4, ty: 7 }, 20, 11);
    expect(shifted).toEqual(crop(image, { left: 4, top: 7, width: 20, height: 11 }));
  });

  test("a quarter turn moves pixels and changes none", () => {
    const image = noise(12, 12);
    const turned = warpSimilarity(image, centred(image, image, 1, Math.PI / 2), 12, 12);
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 12; x++) {
        const from = 3 * (x * 12 + (11 - y));
        const to = 3 * (y * 12 + x);
        expect([...turned.data.slice(to, to + 3)]).toEqual([...image.data.slice(from, from + 3)]);
      }
    }
  });

  test("ramps stay straight at every scale and angle", () => {
    const ramp = (x: number, y: number) => [x, y, 0.25 * x + 0.5 * y];
    const width = 200;
    const mask = (channel: number) => ({
      width,
      height: width,
      data: Float32Array.from(
        { length: width * width },
        (_, i) => ramp((i % width) + 0.5, Math.floor(i / width) + 0.5)[channel]!,
      ),
    });
    const masks = [0, 1, 2].map(mask);
    fc.assert(
      fc.property(placed, (transform) => {
        const warped = masks.map((m) => warpMask(m, transform, 9, 7));
        for (let i = 0; i < 63; i++) {
          const centre = [(i % 9) + 0.5, Math.floor(i / 9) + 0.5];
          const [x, y] = applySimilarity(transform, centre) as unknown as [number, number];
          // Far enough inside for the kernel to see nothing but the ramp.
          const margin = 3 * transform.scale + 1;
          if (Math.min(x, y, width - x, width - y) < margin) continue;
          ramp(x, y).forEach((value, c) => {
            expect(Math.abs(warped[c]!.data[i]! - value)).toBeLessThan(2e-4);
          });
        }
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  test("one colour stays that colour, in values and as light, also beyond the border", () => {
    const image = picture(20, 14, () => [10, 128, 250]);
    fc.assert(
      fc.property(placed, fc.boolean(), (transform, linear) => {
        const { data } = warpSimilarity(image, transform, 6, 5, { border: "replicate", linear });
        for (let i = 0; i < 30; i++) {
          expect([...data.slice(3 * i, 3 * i + 3)]).toEqual([10, 128, 250]);
        }
      }),
      SEED,
    );
  });
});

describe("minification", () => {
  test("gratings too fine for the output become their mean", () => {
    // Two pixels a period, in three directions.
    const gratings = [
      (x: number) => Math.floor(x) % 2,
      (_: number, y: number) => Math.floor(y) % 2,
      (x: number, y: number) => (Math.floor(x) + Math.floor(y)) % 2,
    ];
    for (const grating of gratings) {
      const image = picture(256, 256, (x, y) => grey(255 * grating(x, y)));
      for (const scale of [2, 2.7, 2.99, 3, 3.5, 4, 5.3, 6.9, 8]) {
        for (const rotation of [0, 0.2, Math.PI / 4]) {
          const size = Math.floor(150 / scale);
          const output = { width: size, height: size };
          const transform = centred(image, output, scale, rotation);
          const values = warpToTensor(image, transform, size, size);
          const worst = values.reduce((most, value) => Math.max(most, Math.abs(value - 127.5)), 0);
          // Plain bilinear interpolation leaves up to 127.
          expect(worst).toBeLessThan(16);
        }
      }
    }
  });

  test("close to an exact tent in float64", () => {
    const image = noise(160, 160);
    for (const { scale, limit } of [
      { scale: 2, limit: 2 },
      { scale: 2.8, limit: 1.5 },
      { scale: 3.3, limit: 6 },
      { scale: 4, limit: 4.5 },
      { scale: 7, limit: 3 },
    ]) {
      const size = Math.floor(60 / scale);
      const transform = centred(image, { width: size, height: size }, scale, 0.3);
      const values = warpToTensor(image, transform, size, size, { layout: "hwc" });
      let error = 0;
      for (let i = 0; i < size * size; i++) {
        const expected = tent(image, transform, (i % size) + 0.5, Math.floor(i / size) + 0.5);
        for (let c = 0; c < 3; c++) error += (values[3 * i + c]! - expected[c]!) ** 2;
      }
      // Of noise with a standard deviation of 74, most of which the tent takes away.
      expect(Math.sqrt(error / (3 * size * size))).toBeLessThan(limit);
    }
  });

  test("close to libvips' own reduction", async () => {
    const image = picture(240, 180, (x, y) => [
      127 + 120 * Math.sin(x / 7 + y / 19),
      127 + 120 * Math.cos((x * y) / 900),
      127 + 60 * Math.sin(x / 3) + 60 * Math.cos(y / 4),
    ]);
    for (const factor of [2, 3, 4, 6]) {
      const width = 240 / factor;
      const height = 180 / factor;
      const ours = warpSimilarity(image, { ...IDENTITY, scale: factor }, width, height, {
        border: "replicate",
      });
      const theirs = await sharp(image.data, { raw: { width: 240, height: 180, channels: 3 } })
        .resize({ width, height, kernel: "linear" })
        .raw()
        .toBuffer();
      const error = ours.data.reduce((sum, value, i) => sum + (value - theirs[i]!) ** 2, 0);
      expect(Math.sqrt(error / theirs.length)).toBeLessThan(1.6);
    }
  });
});

/** The mean of pixels under a tent of half width 1 output pixel, by dense sampling. */
function tent(image: Image, transform: Similarity, x: number, y: number): number[] {
  const steps = 8 * Math.ceil(transform.scale);
  const sum = [0, 0, 0];
  let total = 0;
  for (let j = 1 - steps; j < steps; j++) {
    for (let i = 1 - steps; i < steps; i++) {
      const weight = (steps - Math.abs(i)) * (steps - Math.abs(j));
      const at = applySimilarity(transform, [x + i / steps, y + j / steps]);
      const from = 3 * (Math.floor(at[1]!) * image.width + Math.floor(at[0]!));
      for (let c = 0; c < 3; c++) sum[c]! += weight * image.data[from + c]!;
      total += weight;
    }
  }
  return sum.map((value) => value / total);
}

describe("borders", () => {
  test("coverage is the share of the kernel inside, and colours follow it", () => {
    const image = picture(33, 21, () => [200, 100, 50]);
    fc.assert(
      fc.property(placed, (transform) => {
        const coverage = warpCoverage(image, transform, 8, 6);
        const values = warpToTensor(image, transform, 8, 6, { border: [0, 255, 50] });
        for (let i = 0; i < 48; i++) {
          const share = coverage.data[i]!;
          expect(share).toBeGreaterThan(-1e-5);
          expect(share).toBeLessThan(1 + 1e-5);
          expect(Math.abs(values[i]! - 200 * share)).toBeLessThan(1e-2);
          expect(Math.abs(values[48 + i]! - (255 - 155 * share))).toBeLessThan(1e-2);
          expect(Math.abs(values[96 + i]! - 50)).toBeLessThan(1e-2);
        }
      }),
      SEED,
    );
  });

  test("replicated pixels are as if the picture went on", () => {
    const small = noise(13, 11);
    const margin = 150;
    const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
    const large = picture(13 + 2 * margin, 11 + 2 * margin, (x, y) => {
      const column = clamp(Math.floor(x) - margin, 13);
      const row = clamp(Math.floor(y) - margin, 11);
      return [...small.data.slice(3 * (row * 13 + column), 3 * (row * 13 + column) + 3)];
    });
    // Where blocks begin depends on the picture's corner: magnified and 1 x 1 blocks do not.
    for (const scale of [0.4, 1, 1.7, 2.4]) {
      const transform = { scale, rotation: 0.4, tx: -9, ty: -12 };
      const moved = { ...transform, tx: -9 + margin, ty: -12 + margin };
      const ours = warpToTensor(small, transform, 30, 30, { border: "replicate" });
      const theirs = warpToTensor(large, moved, 30, 30);
      for (let i = 0; i < ours.length; i++) {
        expect(Math.abs(ours[i]! - theirs[i]!)).toBeLessThan(1e-2);
      }
    }
  });

  test("far outside there is only the border", () => {
    const image = noise(9, 9);
    const transform = { scale: 3, rotation: 1, tx: 1e5, ty: -1e5 };
    const { data } = warpSimilarity(image, transform, 4, 4, { border: [1, 2, 3] });
    expect([...data]).toEqual(Array.from({ length: 16 }, () => [1, 2, 3]).flat());
    expect(warpCoverage(image, transform, 4, 4).data.every((value) => value === 0)).toBe(true);
  });

  test("a picture smaller than one output pixel weighs as much as it covers", () => {
    const image = picture(2, 2, () => [255, 255, 255]);
    const transform = centred(image, { width: 1, height: 1 }, 1e6, 0);
    expect(warpToTensor(image, transform, 1, 1)[0]).toBeLessThan(1e-3);
    expect(warpSimilarity(image, transform, 1, 1, { border: "replicate" }).data[0]).toBe(255);
  });
});

test("transparent pixels lend no colour", () => {
  const image = {
    // Invisible green beside opaque red.
    ...picture(40, 40, (x) => (x < 20 ? [255, 0, 0] : [0, 255, 0])),
    alpha: Uint8Array.from({ length: 1600 }, (_, i) => (i % 40 < 20 ? 255 : 0)),
  };
  for (const scale of [0.5, 1.4, 3]) {
    const output = { width: 9, height: 9 };
    const warped = warpSimilarity(image, centred(image, output, scale, 0), 9, 9);
    for (let i = 0; i < 81; i++) {
      if (warped.alpha![i]! > 0) {
        expect([...warped.data.slice(3 * i, 3 * i + 3)]).toEqual([255, 0, 0]);
      }
    }
    expect(warped.alpha![4]).toBeGreaterThan(100);
    expect(warped.alpha![4]).toBeLessThan(155);
    expect(warped.alpha![0]).toBe(255);
    expect(warped.alpha![8]).toBe(0);
  }
});

test("light is averaged where asked for", () => {
  // Black and white in equal parts are half the light, which is byte 188.
  const image = picture(64, 64, (x, y) => grey(255 * ((Math.floor(x) + Math.floor(y)) % 2)));
  const half = { ...IDENTITY, scale: 4 };
  expect(warpSimilarity(image, half, 16, 16, { linear: true }).data[3 * 120]).toBe(188);
  expect(warpSimilarity(image, half, 16, 16).data[3 * 120]).toBe(128);
  const tensor = warpToTensor(image, half, 16, 16, { linear: true });
  expect(tensor[120]).toBeCloseTo(187.516, 2);
});

test("tensors are the picture before rounding", () => {
  const image = noise(50, 40);
  const transform = { scale: 1.3, rotation: 0.2, tx: 3, ty: 2 };
  const { data } = warpSimilarity(image, transform, 16, 12);
  const tensor = warpToTensor(image, transform, 16, 12, { layout: "hwc" });
  for (let i = 0; i < data.length; i++) {
    expect(Math.abs(tensor[i]! - data[i]!)).toBeLessThanOrEqual(0.5001);
  }
});

test("sizes and transforms that make no sense are refused", () => {
  const image = noise(4, 4);
  const bad: [Similarity, number, number][] = [
    [IDENTITY, 0, 4],
    [IDENTITY, 4, 2.5],
    [{ ...IDENTITY, scale: 0 }, 4, 4],
    [{ ...IDENTITY, scale: -1 }, 4, 4],
    [{ ...IDENTITY, tx: Number.NaN }, 4, 4],
    [{ ...IDENTITY, rotation: Number.POSITIVE_INFINITY }, 4, 4],
  ];
  for (const [transform, width, height] of bad) {
    expect(() => warpSimilarity(image, transform, width, height)).toThrow(/cannot be warped/);
  }
});
