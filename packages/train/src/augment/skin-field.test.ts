import { describe, expect, test } from "vitest";
import { farthest, paintedMap, regionsOf } from "../../test/painted-face.js";
import { FIELD_CELLS, skinField } from "./skin-field.js";

describe("skinField", () => {
  test.each([16, 64, 256])("of plain skin at %i texels is that colour everywhere", (size) => {
    const skin = [0.7, 0.5, 0.4] as const;
    const map = paintedMap(size, { skin, pores: 0, features: false });
    const { log, tone } = skinField(map, regionsOf(size));
    const expected = log.map((_, i) => Math.log(skin[i % 3]!));
    expect(farthest(log, expected)).toBeLessThan(1e-4);
    expect(farthest(tone, skin)).toBeLessThan(1e-5);
  });

  test("hardly sees brows and lips", () => {
    const size = 256;
    const { log } = skinField(paintedMap(size, { pores: 0 }), regionsOf(size));
    const expected = log.map((_, i) => Math.log([0.7, 0.5, 0.4][i % 3]!));
    expect(farthest(log, expected)).toBeLessThan(0.02);
  });

  test("follows a gradient of the skin but not a beard", () => {
    const size = 128;
    const regions = regionsOf(size);
    const graded = paintedMap(size, { pores: 0, features: false });
    graded.colour.forEach((value, i) => {
      graded.colour[i] = value * (0.8 + (0.4 * (Math.floor(i / 3) % size)) / size);
    });
    const middle = (FIELD_CELLS / 2) * FIELD_CELLS;
    const { log } = skinField(graded, regions);
    expect(log[3 * (middle + 11)]!).toBeGreaterThan(log[3 * (middle + 4)]! + 0.1);
    const bearded = paintedMap(size, { pores: 0, features: false });
    bearded.colour.forEach((value, i) => {
      const row = Math.floor(i / 3 / size) / size;
      if (row > 0.74) bearded.colour[i] = 0.3 * value;
    });
    const field = skinField(bearded, regions);
    expect(Math.exp(field.log[3 * (13 * FIELD_CELLS + 8)]!)).toBeCloseTo(0.7, 2);
  });

  test("does not see what is unknown", () => {
    const size = 64;
    const map = paintedMap(size, { pores: 0, features: false });
    for (let i = 0; i < size * size; i++) {
      if (i % size < size / 2) continue;
      map.confidence[i] = 0;
      map.colour.fill(0.65, 3 * i, 3 * i + 3);
    }
    const { log } = skinField(map, regionsOf(size));
    for (let i = 0; i < FIELD_CELLS ** 2; i++)
      expect(Math.exp(log[3 * i + 2]!)).toBeCloseTo(0.4, 2);
  });

  test("sizes without cells are refused", () => {
    expect(() => skinField(paintedMap(24), regionsOf(24))).toThrow(/multiple of 16/);
  });
});
