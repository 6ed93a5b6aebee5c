import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADAM_DEFAULTS, type AdamOptions, adam } from "./adam.js";
import { linearWarmUp } from "./schedule.js";

const uniform = fc.integer({ min: -1e6, max: 1e6 }).map((k) => k / 1e6);
const random = (length: number, seed: number) =>
  Float32Array.from(fc.sample(uniform, { numRuns: length, seed }));

/** Algorithm 1 of the paper, word for word, for one parameter in float64; and AdamW's line 12. */
function paper(theta0: number, gradients: readonly number[], options: AdamOptions = {}): number {
  const all = { ...ADAM_DEFAULTS, ...options };
  const { learningRate, schedule, beta1, beta2, epsilon, weightDecay } = all;
  let theta = theta0;
  let m = 0;
  let v = 0;
  let t = 0;
  for (const g of gradients) {
    const alpha = learningRate * schedule(t);
    t = t + 1;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g ** 2;
    const mHat = m / (1 - beta1 ** t);
    const vHat = v / (1 - beta2 ** t);
    theta = theta - ((alpha * mHat) / (Math.sqrt(vHat) + epsilon) + alpha * weightDecay * theta);
  }
  return theta;
}

describe("adam", () => {
  it.each<[string, AdamOptions]>([
    ["the defaults", {}],
    ["a GAN's", { learningRate: 0.0015, beta1: 0, beta2: 0.99 }],
    ["a fit's", { learningRate: 0.01, schedule: linearWarmUp(50), beta2: 0.9, epsilon: 1e-4 }],
    ["weight decay", { learningRate: 0.01, weightDecay: 0.5 }],
  ])("follows the paper's algorithm in float64 with %s", (_, options) => {
    const [size, steps] = [32, 200];
    const values = random(size, 1);
    // Gradients with a mean, and of very different magnitudes from one parameter to the next.
    const gradients = Array.from({ length: steps }, (_, step) =>
      random(size, 100 + step).map((x, i) => (x + 0.3) * 10 ** ((i % 13) - 8)),
    );
    const expected = [...values].map((value, i) => {
      const own = gradients.map((gradient) => gradient[i]!);
      return paper(value, own, options);
    });

    const optimiser = adam([{ name: "x", values }], options);
    for (const x of gradients) optimiser.step({ x });

    // 200 roundings to float32, whose errors add up as a random walk.
    values.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-6);
    });
  });

  it("first moves every parameter by the learning rate, against its gradient", () => {
    fc.assert(
      fc.property(fc.float32Array({ min: -1e6, max: 1e6, noNaN: true }), (gradient) => {
        const values = new Float32Array(gradient.length);
        adam([{ name: "x", values }], { learningRate: 0.25 }).step({ x: gradient });
        gradient.forEach((g, i) => {
          const expected = (-0.25 * g) / (Math.abs(g) + 1e-8);
          expect(values[i]).toBeCloseTo(expected, 6);
          if (Math.abs(g) > 0.1) expect(values[i]).toBeCloseTo(-0.25 * Math.sign(g), 6);
        });
      }),
      { seed: 1 },
    );
  });

  it("does not depend on the scale of the gradients", () => {
    const run = (scale: number) => {
      const values = new Float32Array(16);
      const optimiser = adam([{ name: "x", values }], { epsilon: 1e-30 });
      for (let t = 0; t < 20; t++) optimiser.step({ x: random(16, t).map((x) => x * scale) });
      return values;
    };
    expect(run(2 ** 20)).toEqual(run(1));
    expect(run(2 ** -20)).toEqual(run(1));
  });

  it("bears the largest gradients without losing a parameter", () => {
    const values = Float32Array.of(0);
    const optimiser = adam([{ name: "x", values }], { beta2: 0 });
    optimiser.step({ x: Float32Array.of(-9.9e18) });
    expect(values[0]).toBeCloseTo(1e-3, 8);
    expect(optimiser.state().tensors["v/x"]![0]).toBeLessThan(Infinity);
  });

  it("corrects the bias at steps beyond any run", () => {
    const values = Float32Array.of(0);
    const optimiser = adam([{ name: "x", values }]);
    optimiser.restore({
      step: 2 ** 40,
      tensors: { "m/x": Float32Array.of(1), "v/x": Float32Array.of(1) },
    });
    optimiser.step({ x: Float32Array.of(1) });
    expect(values[0]).toBeCloseTo(-1e-3, 9);
  });

  it("names its state", () => {
    const optimiser = adam([{ name: "x", values: new Float32Array(1) }], {
      beta1: 0.5,
      beta2: 0.75,
    });
    optimiser.step({ x: Float32Array.of(2) });
    expect(optimiser.state()).toEqual({
      step: 1,
      tensors: { "m/x": Float32Array.of(1), "v/x": Float32Array.of(1) },
    });
  });

  it.each<[AdamOptions, string]>([
    [{ learningRate: NaN }, "adam: learningRate is NaN; it must be finite and at least 0"],
    [{ beta1: 1 }, "adam: beta1 is 1; it must be in [0, 1)"],
    [{ beta2: -0.1 }, "adam: beta2 is -0.1; it must be in [0, 1)"],
    [{ epsilon: 0 }, "adam: epsilon is 0; it must be finite and above 0"],
    [{ weightDecay: Infinity }, "adam: weightDecay is Infinity; it must be finite and at least 0"],
  ])("%o is an error", (options, message) => {
    expect(() => adam([], options)).toThrow(new RangeError(message));
  });
});
