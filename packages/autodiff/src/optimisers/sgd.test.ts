import { describe, expect, it } from "vitest";
import { type SgdOptions, sgd } from "./sgd.js";

/** The parameter after each of the first 60 updates of a descent of curvature x^2 / 2 from 1. */
function descend(curvature: number, options: SgdOptions): number[] {
  const x = Float32Array.of(1);
  const optimiser = sgd([{ name: "x", values: x }], options);
  return Array.from({ length: 60 }, () => {
    optimiser.step({ x: Float32Array.of(curvature * x[0]!) });
    return x[0]!;
  });
}

/**
 * The closed form of x(t + 1) = p x(t) - q x(t - 1) from x(0) = 1 and x(1), by the roots of
 * r^2 = p r - q, real or complex.
 */
function recurrence(p: number, q: number, x1: number, t: number): number {
  const discriminant = p * p - 4 * q;
  const root = Math.sqrt(Math.abs(discriminant)) / 2;
  if (discriminant > 0) {
    const [r1, r2] = [p / 2 + root, p / 2 - root];
    const a = (x1 - r2) / (r1 - r2);
    return a * r1 ** t + (1 - a) * r2 ** t;
  }
  const [radius, angle] = [Math.sqrt(q), Math.atan2(root, p / 2)];
  const b = (x1 - radius * Math.cos(angle)) / (radius * Math.sin(angle));
  return radius ** t * (Math.cos(angle * t) + b * Math.sin(angle * t));
}

describe("sgd on a quadratic", () => {
  it("without momentum contracts by 1 - rate * curvature", () => {
    descend(4, { learningRate: 0.1 }).forEach((x, t) => {
      expect(x).toBeCloseTo(0.6 ** (t + 1), 6);
    });
  });

  // Overdamped and underdamped.
  it.each([
    [0.02, 0.5],
    [0.1, 0.9],
  ])("follows the closed form with rate %f and momentum %f", (learningRate, momentum) => {
    const a = 2 * learningRate;
    descend(2, { learningRate, momentum }).forEach((x, t) => {
      expect(x).toBeCloseTo(recurrence(1 + momentum - a, momentum, 1 - a, t + 1), 5);
    });
  });

  // Nesterov's method on a quadratic: y(t + 1) = (1 + mu) (1 - a) y(t) - mu (1 - a) y(t - 1), from
  // x(t + 1) = (1 - a) y(t) and y(t + 1) = x(t + 1) + mu (x(t + 1) - x(t)).
  it.each([
    [0.02, 0.5],
    [0.1, 0.9],
  ])("follows Nesterov's closed form with rate %f and momentum %f", (learningRate, momentum) => {
    const a = 2 * learningRate;
    const [p, q] = [(1 + momentum) * (1 - a), momentum * (1 - a)];
    descend(2, { learningRate, momentum, nesterov: true }).forEach((x, t) => {
      expect(x).toBeCloseTo(recurrence(p, q, 1 - a - momentum * a, t + 1), 5);
    });
  });

  it("applies a schedule to the whole velocity", () => {
    const schedule = (step: number) => [1, 0, 2][step]!;
    const x = Float32Array.of(0);
    const options = { learningRate: 0.5, momentum: 0.5, schedule };
    const optimiser = sgd([{ name: "x", values: x }], options);
    const after = [0, 1, 2].map(() => {
      optimiser.step({ x: Float32Array.of(1) });
      return x[0];
    });
    // Velocities 1, 1.5, 1.75 at rates 0.5, 0, 1.
    expect(after).toEqual([-0.5, -0.5, -2.25]);
    expect(optimiser.state().tensors).toEqual({ "velocity/x": Float32Array.of(1.75) });
  });

  it.each<[SgdOptions, string]>([
    [{ learningRate: -1 }, "sgd: learningRate is -1; it must be finite and at least 0"],
    [{ learningRate: 1, momentum: 1 }, "sgd: momentum is 1; it must be in [0, 1)"],
  ])("%o is an error", (options, message) => {
    expect(() => sgd([], options)).toThrow(new RangeError(message));
  });
});
