import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decayOfHalfLife, ema } from "./ema.js";

const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];

describe("ema", () => {
  it("begins at the values and shares nothing with them", () => {
    const values = Float32Array.of(1, 2);
    const { averages } = ema([{ name: "x", values }]);
    values.fill(0);
    expect(averages).toEqual({ x: Float32Array.of(1, 2) });
  });

  it("is the weighted sum of the values so far", () => {
    const values = Float32Array.of(3);
    const average = ema([{ name: "x", values }]);
    const history = fc.sample(fc.integer({ min: -100, max: 100 }), { numRuns: 50, seed: 1 });
    for (const value of history) {
      values[0] = value;
      average.update(0.9);
    }
    const expected = history.reduce(
      (sum, value, i) => sum + 0.1 * 0.9 ** (history.length - 1 - i) * value,
      0.9 ** history.length * 3,
    );
    expect(average.averages.x![0]).toBeCloseTo(expected, 4);
  });

  it("halves the distance to constant values in a half-life, whatever the batch", () => {
    for (const images of [1, 4, 16, 100]) {
      const values = Float32Array.of(0);
      const average = ema([{ name: "x", values }]);
      values[0] = 1;
      for (let seen = 0; seen < 400; seen += images) average.update(decayOfHalfLife(400, images));
      expect(average.averages.x![0]).toBeCloseTo(0.5, 5);
    }
    expect(decayOfHalfLife(0, 1)).toBe(0);
  });

  it("keeps an average equal to the values, and copies them at decay 0, exactly", () => {
    const finite = fc.float32Array({ noNaN: true, max: 2 ** 60, min: -(2 ** 60) });
    fc.assert(
      fc.property(
        finite,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (start, decay) => {
          const values = start.slice();
          const average = ema([{ name: "x", values }]);
          const now = () => average.averages.x!.map((x) => x + 0);
          average.update(decay);
          expect(now()).toEqual(start.map((x) => x + 0));
          values.forEach((x, i) => {
            values[i] = 1 - 3 * x;
          });
          average.update(0);
          expect(now()).toEqual(values.map((x) => x + 0));
        },
      ),
      { seed: 2 },
    );
  });

  it("comes as close to constant values as it says", () => {
    const values = Float32Array.of(0.5);
    const average = ema([{ name: "x", values }]);
    values[0] = 0.9;
    for (let i = 0; i < 50_000; i++) average.update(0.999);
    expect(Math.abs(average.averages.x![0]! - 0.9)).toBeLessThan((0.9 * 2 ** -24) / 0.001);
  });

  it("continues from a restored state with the same bits", () => {
    const values = Float32Array.of(0.1, 0.2);
    const groups = [{ name: "x", values }];
    const whole = ema(groups);
    const advance = (average: typeof whole, from: number, to: number) => {
      for (let i = from; i < to; i++) {
        values.set([Math.sin(i), Math.cos(i)]);
        average.update(0.95);
      }
    };
    advance(whole, 0, 10);
    const state = whole.state();
    const resumed = ema(groups);
    resumed.restore(state);
    advance(whole, 10, 30);
    advance(resumed, 10, 30);
    expect(bits(resumed.averages.x!)).toEqual(bits(whole.averages.x!));
    expect(bits(state.x!)).not.toEqual(bits(whole.averages.x!));
  });

  it("rejects bad arguments", () => {
    const group = { name: "x", values: new Float32Array(2) };
    const average = ema([group]);
    expect(() => ema([group, group])).toThrow('ema: two groups are named "x"');
    expect(() => average.update(1)).toThrow(
      new RangeError("ema: decay is 1; it must be in [0, 1)"),
    );
    expect(() => average.update(NaN)).toThrow("ema: decay is NaN; it must be in [0, 1)");
    expect(() => average.restore({})).toThrow('ema: state for "x" is missing');
    expect(() => average.restore({ ...average.state(), y: group.values })).toThrow(
      'ema: state for unknown "y"',
    );
    expect(() => average.restore({ x: new Float32Array(3) })).toThrow(
      'ema: state for "x" has 3 elements, not 2',
    );
    expect(() => decayOfHalfLife(-1, 1)).toThrow(
      new RangeError("decayOfHalfLife: halfLife is -1; it must be finite and at least 0"),
    );
    expect(() => decayOfHalfLife(1, 0)).toThrow(
      new RangeError("decayOfHalfLife: images is 0; it must be finite and above 0"),
    );
  });
});
