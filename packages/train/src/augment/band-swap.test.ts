import { describe, expect, test } from "vitest";
import { faceOf, farthest, paintedFace, paintedMap, regionsOf } from "../../test/painted-face.js";
import { bandSwap } from "./band-swap.js";

const SIZE = 256;
const regions = regionsOf(SIZE);

/** A Gaussian blur of one channel, by its definition. */
function gaussian(values: Float32Array, size: number, sigma: number): Float64Array {
  const reach = Math.ceil(4 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) =>
    Math.exp(-((k - reach) ** 2) / (2 * sigma ** 2)),
  );
  const total = kernel.reduce((sum, value) => sum + value, 0);
  const along = (from: ArrayLike<number>, step: number, position: (i: number) => number) =>
    Float64Array.from({ length: from.length }, (_, i) => {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        const at = Math.min(size - 1, Math.max(0, position(i) + k));
        sum += kernel[k + reach]! * from[i + step * (at - position(i))]!;
      }
      return sum / total;
    });
  const rows = along(values, 1, (i) => i % size);
  return along(rows, size, (i) => Math.floor(i / size));
}

const channel = (colour: Float32Array) => colour.filter((_, i) => i % 3 === 0);

describe("bandSwap", () => {
  test("with itself is the identity", () => {
    const face = paintedFace(SIZE);
    const swapped = bandSwap(face, faceOf(paintedMap(SIZE)), regions);
    expect(farthest(swapped.colour, face.map.colour)).toBeLessThan(1e-6);
  });

  test("keeps the receiver's low band, to another blur", () => {
    const receiver = paintedFace(SIZE, { skin: [0.7, 0.5, 0.4], seed: 1 });
    const donor = paintedFace(SIZE, { skin: [0.5, 0.45, 0.42], seed: 2, pores: 0.15 });
    const swapped = bandSwap(receiver, donor, regions);
    const before = gaussian(channel(receiver.map.colour), SIZE, 8);
    const after = gaussian(channel(swapped.colour), SIZE, 8);
    expect(farthest(after, before)).toBeLessThan(0.004);
    // Their textures themselves differ by much more.
    expect(farthest(swapped.colour, receiver.map.colour)).toBeGreaterThan(0.05);
  });

  test("brings the donor's detail to bare skin, in its contrast", () => {
    const receiver = paintedFace(SIZE, { skin: [0.6, 0.6, 0.6], pores: 0 });
    const donor = paintedFace(SIZE, { skin: [0.4, 0.4, 0.4], pores: 0.1, seed: 3 });
    const swapped = bandSwap(receiver, donor, regions);
    let [product, power] = [0, 0];
    regions.skin.forEach((skin, i) => {
      if (skin < 0.999) return;
      const theirs = donor.map.colour[3 * i]! - 0.4;
      product += theirs * (swapped.colour[3 * i]! - 0.6);
      power += theirs * theirs;
    });
    // White noise lies nearly all above the band; contrast is 0.6 / 0.4 of the donor's.
    expect(product / power / 1.5).toBeGreaterThan(0.75);
    expect(product / power / 1.5).toBeLessThan(1.02);
  });

  test("takes nothing that was not seen, and nothing at features", () => {
    const receiver = paintedFace(SIZE, { seed: 4 });
    const donor = paintedFace(SIZE, { seed: 5, pores: 0.2 });
    const unseen = { ...donor, map: { ...donor.map, confidence: new Float32Array(SIZE * SIZE) } };
    expect(farthest(bandSwap(receiver, unseen, regions).colour, receiver.map.colour)).toBe(0);
    const { colour } = bandSwap(receiver, donor, regions);
    const { brows, eyes, lips, nostrils } = regions;
    let strays = 0;
    for (let i = 0; i < SIZE * SIZE; i++) {
      const feature = Math.max(brows[i]!, eyes[i]!, lips[i]!, nostrils[i]!) === 1;
      if (feature && colour[3 * i] !== receiver.map.colour[3 * i]) strays++;
    }
    expect(strays).toBe(0);
  });

  test("leaves maps alone that hold no such detail", () => {
    const receiver = paintedFace(64);
    const swapped = bandSwap(receiver, paintedFace(64, { seed: 9 }), regionsOf(64));
    expect(farthest(swapped.colour, receiver.map.colour)).toBe(0);
  });
});
