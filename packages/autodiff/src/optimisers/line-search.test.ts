import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { searchLine } from "./line-search.js";

type Line = (a: number) => { value: number; slope: number };

async function search(line: Line, firstStep: number) {
  const steps: number[] = [];
  const probe = async (step: number) => {
    steps.push(step);
    return { step, ...line(step) };
  };
  const origin = { step: 0, ...line(0) };
  return { origin, point: await searchLine(probe, origin, firstStep), steps };
}

async function expectStrongWolfe(line: Line, firstStep: number) {
  const { origin, point } = await search(line, firstStep);
  expect(point).toBeDefined();
  expect(point!.value).toBeLessThanOrEqual(origin.value + 1e-4 * point!.step * origin.slope);
  expect(Math.abs(point!.slope)).toBeLessThanOrEqual(0.9 * Math.abs(origin.slope));
}

// The test functions of Moré & Thuente, "Line Search Algorithms with Guaranteed Sufficient Decrease"
// (1994), section 5: 5.1, 5.2, 5.3 with 39 wiggles, and 5.4 of Yanai, Ozawa & Kaneko.
const fraction: Line = (a) => {
  const d = a * a + 2;
  return { value: -a / d, slope: (a * a - 2) / (d * d) };
};
const quintic: Line = (a) => {
  const b = a + 0.004;
  return { value: b ** 5 - 2 * b ** 4, slope: 5 * b ** 4 - 8 * b ** 3 };
};
const wiggles: Line = (a) => {
  const [beta, l] = [0.01, 39];
  const far = Math.abs(a - 1) >= beta;
  const base = far ? Math.abs(a - 1) : (a - 1) ** 2 / (2 * beta) + beta / 2;
  const angle = (l * Math.PI * a) / 2;
  return {
    value: base + ((2 * (1 - beta)) / (l * Math.PI)) * Math.sin(angle),
    slope: (far ? Math.sign(a - 1) : (a - 1) / beta) + (1 - beta) * Math.cos(angle),
  };
};
const yanai =
  (b1: number, b2: number): Line =>
  (a) => {
    const gamma = (b: number) => Math.sqrt(1 + b * b) - b;
    const [left, right] = [Math.hypot(1 - a, b2), Math.hypot(a, b1)];
    return {
      value: gamma(b1) * left + gamma(b2) * right,
      slope: (gamma(b1) * (a - 1)) / left + (gamma(b2) * a) / right,
    };
  };

describe("searchLine", () => {
  const lines: [string, Line][] = [
    ["5.1", fraction],
    ["5.2", quintic],
    ["5.3", wiggles],
    ["5.4", yanai(0.001, 0.001)],
    ["5.5", yanai(0.01, 0.001)],
    ["5.6", yanai(0.001, 0.01)],
  ];
  const cases = lines.flatMap(([name, line]) =>
    [1e-3, 1e-1, 1, 10, 1e3].map((step) => [name, step, line] as const),
  );
  it.each(cases)("meets the strong Wolfe conditions on function %s from step %f", (_, step, line) =>
    expectStrongWolfe(line, step),
  );

  it("meets them on any parabola from any step", async () => {
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const parabola = fc.asyncProperty(positive, positive, positive, (slope, curvature, step) =>
      // First steps up to 1e6 times too short or too long.
      expectStrongWolfe(
        (a) => ({ value: (curvature * a * a) / 2 - slope * a, slope: curvature * a - slope }),
        (step * slope) / curvature,
      ),
    );
    await fc.assert(parabola, { seed: 1 });
  });

  it("interpolates: lands on the minimum of a cubic at the second probe", async () => {
    const cubic: Line = (a) => ({ value: a ** 3 / 3 - a, slope: a * a - 1 });
    const { steps, point } = await search(cubic, 2);
    expect(steps).toHaveLength(2);
    expect(point!.step).toBeCloseTo(1, 12);
  });

  it("turns back from a sufficient decrease that is above an earlier one", async () => {
    const table: Record<number, number> = { 0: 0, 1: -10, 4: -5 };
    const { steps } = await search(
      (a) => ({ value: table[a] ?? -12, slope: a in table ? -1 : 0 }),
      1,
    );
    expect(steps).toHaveLength(3);
    expect(steps[2]).toBeGreaterThan(1);
    expect(steps[2]).toBeLessThan(4);
  });

  it("takes the first step where it will do", async () => {
    const { steps } = await search((a) => ({ value: (a - 1) ** 2, slope: 2 * (a - 1) }), 0.5);
    expect(steps).toEqual([0.5]);
  });

  it.each([Infinity, NaN])("backs away from a value of %f", async (wall) => {
    const line: Line = (a) =>
      a > 0.003 ? { value: wall, slope: NaN } : { value: -Math.sqrt(a + 1e-8), slope: -1 / a };
    const { point } = await search((a) => (a === 0 ? { value: 0, slope: -5e3 } : line(a)), 1);
    expect(point!.step).toBeGreaterThan(0);
    expect(point!.step).toBeLessThanOrEqual(0.003);
  });

  it("returns the best point of a line without a minimum", async () => {
    const { point, steps } = await search((a) => ({ value: -a, slope: -1 }), 1);
    expect(steps).toHaveLength(25);
    expect(point!.step).toBe(4 ** 24);
  });

  it("returns undefined where the value only rises", async () => {
    const { point, steps } = await search((a) => ({ value: a, slope: -1 }), 1);
    expect(steps).toHaveLength(25);
    expect(point).toBeUndefined();
  });
});
