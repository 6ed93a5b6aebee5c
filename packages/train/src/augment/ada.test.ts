import { randomUniform } from "@ganfit/core";
import { describe, expect, test } from "vitest";
import { AdaController, criticBoundary } from "./ada.js";

/** Outputs of a discriminator whose r_t falls as p rises: 0.9 at 0 to 0.1 at 1. */
function outputs(p: number, count: number, random: () => number, boundary = 0): Float32Array {
  const positive = (1 + 0.9 - 0.8 * p) / 2;
  return Float32Array.from({ length: count }, () => {
    const size = 0.1 + random();
    return boundary + (random() < positive ? size : -size);
  });
}

describe("AdaController", () => {
  test("settles where the discriminator is as sure as asked", () => {
    const random = randomUniform(3);
    const controller = new AdaController({ length: 40_000 });
    for (let step = 0; step < 6000; step++) controller.update(outputs(controller.p, 16, random));
    let sum = 0;
    for (let step = 0; step < 4000; step++) {
      controller.update(outputs(controller.p, 16, random));
      sum += controller.p / 4000;
    }
    // 0.9 - 0.8 p = 0.6
    expect(sum).toBeCloseTo(0.375, 1);
    expect(Math.abs(controller.p - 0.375)).toBeLessThan(0.15);
  });

  test("rises no faster than its length allows, and not above its most", () => {
    const controller = new AdaController({ length: 1000, interval: 10, most: 0.5 });
    const sure = new Float32Array(10).fill(1);
    for (let step = 0; step < 20; step++) controller.update(sure);
    expect(controller.p).toBeCloseTo(0.2, 6);
    for (let step = 0; step < 100; step++) controller.update(sure);
    expect(controller.p).toBe(0.5);
    for (let step = 0; step < 100; step++) controller.update(sure.map(() => -1));
    expect(controller.p).toBe(0);
  });

  test("goes on from its state as if it had not stopped", () => {
    const random = randomUniform(8);
    const batches = Array.from({ length: 50 }, () => outputs(0, 7, random));
    const options = { length: 2000, interval: 30 };
    const whole = new AdaController(options);
    for (const batch of batches) whole.update(batch);
    const first = new AdaController(options);
    for (const batch of batches.slice(0, 23)) first.update(batch);
    const second = new AdaController(options, JSON.parse(JSON.stringify(first.state)));
    for (const batch of batches.slice(23)) second.update(batch);
    expect(second.state).toEqual(whole.state);
  });

  test("takes a critic's outputs by their distance from half-way to the generated ones", () => {
    const random = randomUniform(4);
    const real = outputs(0, 1000, random, 50);
    const plain = new AdaController({ interval: 1, length: 1e6 });
    const shifted = new AdaController({ interval: 1, length: 1e6 });
    plain.update(real.map((value) => value - 50));
    shifted.update(real, 50);
    expect(shifted.p).toBe(plain.p);
    expect(criticBoundary([3, 5], [-2, 0])).toBe(1.5);
  });

  test("options that make no sense are refused", () => {
    expect(() => new AdaController({ length: 0 })).toThrow(/over 0 images/);
  });
});
