import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySimilarity } from "../image/similarity.js";
import { cropOf, overlapOf, type Region } from "./region.js";

const regions = fc.record({
  x: fc.double({ min: -3, max: 3, noNaN: true }),
  y: fc.double({ min: -3, max: 3, noNaN: true }),
  size: fc.double({ min: 3, max: 8, noNaN: true }),
  rotation: fc.double({ min: -4, max: 4, noNaN: true }),
});

describe("a region", () => {
  it("has its centre in the middle of its crop, and its x axis along the crop's", () => {
    fc.assert(
      fc.property(regions, (region) => {
        const [x, y, right, down] = applySimilarity(cropOf(region, 64), [32, 32, 64, 32]);
        expect(x).toBeCloseTo(region.x, 9);
        expect(y).toBeCloseTo(region.y, 9);
        expect(right! - x!).toBeCloseTo((Math.cos(region.rotation) * region.size) / 2, 9);
        expect(down! - y!).toBeCloseTo((Math.sin(region.rotation) * region.size) / 2, 9);
      }),
      { seed: 1 },
    );
  });

  it("overlaps another by what counting points gives", () => {
    fc.assert(
      fc.property(regions, regions, (a, b) => {
        expect(Math.abs(overlapOf(a, b) - counted(a, b))).toBeLessThan(0.02);
        expect(overlapOf(a, b)).toBeCloseTo(overlapOf(b, a), 9);
      }),
      { seed: 2, numRuns: 50 },
    );
  });

  it("overlaps itself wholly, and its double by a quarter", () => {
    const region = { x: 3, y: 4, size: 2, rotation: 0.3 };
    expect(overlapOf(region, { ...region, rotation: 2 })).toBe(1);
    expect(overlapOf(region, { ...region, size: 4 })).toBeCloseTo(0.25, 12);
  });
});

function counted(a: Region, b: Region): number {
  let [both, either] = [0, 0];
  for (let y = -7; y < 7; y += 0.0613) {
    for (let x = -7; x < 7; x += 0.0613) {
      const inA = Math.hypot(x - a.x, y - a.y) < a.size / 2;
      const inB = Math.hypot(x - b.x, y - b.y) < b.size / 2;
      if (inA && inB) both++;
      if (inA || inB) either++;
    }
  }
  return both / either;
}
