import { srgbToLinear } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { farthest, paintedMap, regionsOf } from "../../test/painted-face.js";
import { shiftTone } from "./tone-shift.js";

const SIZE = 128;
const regions = regionsOf(SIZE);
const tone = [0.7, 0.5, 0.4] as const;
const map = paintedMap(SIZE, { skin: tone });

describe("shiftTone", () => {
  test("by nothing is the identity", () => {
    expect(farthest(shiftTone(map, tone, [0, 0, 0], regions).colour, map.colour)).toBe(0);
  });

  test("moves the skin's density by the step", () => {
    const step = [0.1, -0.15, 0.3] as const;
    const { colour } = shiftTone(map, tone, step, regions);
    let most = 0;
    regions.skin.forEach((skin, i) => {
      if (skin < 1) return;
      step.forEach((amount, c) => {
        const ratio = srgbToLinear(map.colour[3 * i + c]!) / srgbToLinear(colour[3 * i + c]!);
        most = Math.max(most, Math.abs(Math.log(ratio) - amount));
      });
    });
    expect(most).toBeLessThan(0.005);
  });

  test("more density is darker everywhere, and keeps the order of values", () => {
    const ramp = {
      ...map,
      colour: map.colour.map((_, i) => (Math.floor(i / 3) % SIZE) / (SIZE - 1)),
    };
    const steps = [-0.8, -0.4, -0.1, 0, 0.1, 0.4, 0.8];
    const results = steps.map((s) => shiftTone(ramp, tone, [s, s, s], regions).colour);
    // A row of the forehead, where the mask is 1.
    const row = Math.round(0.3 * SIZE);
    for (let x = 0; x < SIZE; x++) {
      const at = 3 * (row * SIZE + x);
      results.forEach((colour, k) => {
        if (k > 0) expect(colour[at]!).toBeLessThanOrEqual(results[k - 1]![at]! + 1e-6);
        if (x > 0) expect(colour[at]!).toBeGreaterThanOrEqual(colour[at - 3]! - 1e-6);
        expect(colour[at]!).toBeGreaterThanOrEqual(0);
        expect(colour[at]!).toBeLessThanOrEqual(1);
      });
    }
  });

  test("lips move half-way, the eyes stay, hair grows no lighter", () => {
    const { colour } = shiftTone(map, tone, [0.4, 0.4, 0.4], regions);
    const { lips, lids, brows } = regions;
    const lighter = shiftTone(map, tone, [-0.4, -0.4, -0.4], regions).colour;
    for (let i = 0; i < SIZE * SIZE; i++) {
      const before = map.colour[3 * i]!;
      if (lids[i] === 1) expect(colour[3 * i]).toBe(before);
      if (lips[i] === 1) {
        const full = srgbToLinear(before) * Math.exp(-0.4);
        const after = srgbToLinear(colour[3 * i]!);
        expect(after).toBeGreaterThan(full);
        expect(after).toBeLessThan(srgbToLinear(before));
      }
      if (brows[i] === 1) expect(lighter[3 * i]!).toBeLessThan(before + 0.01);
    }
  });
});
