import { linearToSrgb, type PartialTexture, randomNormals, randomUniform } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { paintedMap, regionsOf } from "../../test/painted-face.js";
import { type Density, dot } from "./density.js";
import { skinScore, skinStatistics } from "./skin-statistics.js";

const SIZE = 64;
const PEOPLE = 24;
const regions = regionsOf(SIZE);
const unit = ([r, g, b]: Density): Density => {
  const length = Math.hypot(r, g, b);
  return [r / length, g / length, b / length];
};
const MELANIN = unit([0.4, 0.55, 0.75]);
const BLOOD = unit([0.35, 0.75, 0.6]);

/** Skin of two pigments with amounts of their own for each person and each texel, and shading. */
function pigmented(): PartialTexture[] {
  const amounts = randomNormals(2 * PEOPLE, 5);
  return Array.from({ length: PEOPLE }, (_, person) => {
    const random = randomUniform(100 + person);
    // Sparse, as freckles and flushes are.
    const sparse = (most: number) => most * random() ** 6;
    const map = paintedMap(SIZE);
    for (let i = 0; i < SIZE * SIZE; i++) {
      const tan = 0.8 + 0.25 * amounts[2 * person]! + sparse(0.5);
      const blood = 0.5 + 0.1 * amounts[2 * person + 1]! + sparse(0.4);
      const shade = 0.1 * random();
      for (let c = 0; c < 3; c++) {
        const density = tan * MELANIN[c]! + blood * BLOOD[c]! + shade;
        map.colour[3 * i + c] = linearToSrgb(Math.exp(-density));
      }
    }
    return map;
  });
}

describe("skinStatistics", () => {
  const maps = pigmented();
  const statistics = skinStatistics(maps, regions);

  test("finds the pigments that made the skin", () => {
    expect(dot(statistics.melanin.direction, MELANIN)).toBeGreaterThan(0.995);
    expect(dot(statistics.haemoglobin.direction, BLOOD)).toBeGreaterThan(0.99);
    expect(statistics.melanin.spread).toBeGreaterThan(statistics.haemoglobin.spread);
    expect(statistics.melanin.spread).toBeGreaterThan(0.15);
    expect(statistics.melanin.spread).toBeLessThan(0.4);
  });

  test("components are orthonormal, the largest first, and hold all of the tones' variance", () => {
    const { components } = statistics;
    components.forEach((a, i) => {
      components.forEach((b, j) => {
        expect(dot(a.direction, b.direction)).toBeCloseTo(i === j ? 1 : 0, 6);
      });
      if (i > 0) expect(a.spread).toBeLessThanOrEqual(components[i - 1]!.spread);
      expect(a.range[0]).toBeLessThanOrEqual(0);
      expect(a.range[1]).toBeGreaterThanOrEqual(0);
    });
  });

  test("a step in an axis' direction is a score of 1", () => {
    const { mean, components, melanin, haemoglobin } = statistics;
    for (const axis of [...components, melanin, haemoglobin]) {
      const moved = mean.map((value, c) =>
        linearToSrgb(Math.exp(-(value + 0.1 * axis.direction[c]!))),
      ) as [number, number, number];
      expect(skinScore(moved, statistics, axis)).toBeCloseTo(0.1, 4);
    }
  });

  test("one person is no statistic", () => {
    expect(() => skinStatistics(maps.slice(0, 1), regions)).toThrow(/1 maps/);
  });
});
