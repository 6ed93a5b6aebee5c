import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  constant,
  cosineDecay,
  exponentialDecay,
  linearWarmUp,
  product,
  type Schedule,
  sequence,
  stepDecay,
} from "./schedule.js";

const first = (schedule: Schedule, count: number) =>
  Array.from({ length: count }, (_, s) => schedule(s));

describe("schedules", () => {
  it("constant", () => {
    expect(first(constant(), 2)).toEqual([1, 1]);
    expect(first(constant(0.5), 2)).toEqual([0.5, 0.5]);
  });

  it("linear warm-up begins above 0 and stays at 1", () => {
    expect(first(linearWarmUp(4), 6)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  });

  it("cosine decay has the values of a table", () => {
    const root = Math.SQRT1_2;
    const table = [1, (1 + root) / 2, 0.5, (1 - root) / 2, 0, 0];
    first(cosineDecay(4), 6).forEach((value, s) => {
      expect(value).toBeCloseTo(table[s]!, 14);
    });
    expect(cosineDecay(4, 0.2)(2)).toBeCloseTo(0.6, 14);
    expect(cosineDecay(4, 0.2)(100)).toBeCloseTo(0.2, 14);
  });

  it("exponential decay is smooth, step decay is not", () => {
    const smooth = first(exponentialDecay(0.25, 2), 5);
    [1, 0.5, 0.25, 0.125, 0.0625].forEach((value, s) => {
      expect(smooth[s]).toBeCloseTo(value, 14);
    });
    expect(first(stepDecay(0.25, 2), 5)).toEqual([1, 1, 0.25, 0.25, 0.0625]);
  });

  it("compose to the rate ramp of StyleGAN's projector", () => {
    const ramp = product(linearWarmUp(50), sequence(constant(), 750, cosineDecay(250)));
    // lr = min(1, up) * (1 - cos(pi min(1, (1 - t) / 0.25))) / 2, as published, but for the offset
    // of the warm-up by one step.
    for (const step of [0, 10, 49, 50, 400, 750, 800, 999]) {
      const up = Math.min(1, (step + 1) / 50);
      const down = Math.min(1, (1 - step / 1000) / 0.25);
      expect(ramp(step)).toBeCloseTo(up * (0.5 - 0.5 * Math.cos(down * Math.PI)), 12);
    }
  });

  it("product is pointwise, sequence restarts the second's steps", () => {
    const steps = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(steps, steps, fc.nat(3000), (a, b, step) => {
        const [f, g] = [linearWarmUp(a), cosineDecay(b, 0.1)];
        expect(product(f, g)(step)).toBe(f(step) * g(step));
        expect(sequence(f, a, g)(step)).toBe(step < a ? f(step) : g(step - a));
        expect(product()(step)).toBe(1);
      }),
      { seed: 1 },
    );
  });

  it("stay in [0, 1]", () => {
    const steps = fc.integer({ min: 1, max: 1000 });
    const factor = fc.double({ min: 1e-3, max: 1, noNaN: true });
    fc.assert(
      fc.property(steps, factor, fc.nat(1e6), (count, f, step) => {
        const schedules = [linearWarmUp(count), cosineDecay(count, f)];
        for (const s of [...schedules, exponentialDecay(f, count), stepDecay(f, count)]) {
          expect(s(step)).toBeGreaterThanOrEqual(0);
          expect(s(step)).toBeLessThanOrEqual(1);
        }
      }),
      { seed: 2 },
    );
  });

  it.each([
    [() => constant(-1), "constant: multiplier is -1; it must be finite and at least 0"],
    [() => linearWarmUp(0), "linearWarmUp: steps is 0; it must be a positive integer"],
    [() => cosineDecay(1.5), "cosineDecay: steps is 1.5; it must be a positive integer"],
    [() => cosineDecay(5, NaN), "cosineDecay: final is NaN; it must be finite and at least 0"],
    [() => exponentialDecay(0, 1), "exponentialDecay: factor is 0; it must be in (0, 1]"],
    [() => exponentialDecay(1, -1), "exponentialDecay: steps is -1; it must be a positive integer"],
    [() => stepDecay(2, 1), "stepDecay: factor is 2; it must be in (0, 1]"],
    [() => stepDecay(1, NaN), "stepDecay: steps is NaN; it must be a positive integer"],
    [
      () => sequence(constant(), Infinity, constant()),
      "sequence: steps is Infinity; it must be a positive integer",
    ],
  ])("%s is an error", (make, message) => {
    expect(make).toThrow(new RangeError(message));
  });
});
