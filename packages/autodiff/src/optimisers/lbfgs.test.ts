import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LBFGS_DEFAULTS, type LbfgsOptions, lbfgs } from "./lbfgs.js";

const uniform = fc.integer({ min: -1e6, max: 1e6 }).map((k) => k / 1e6);
const random = (length: number, seed: number) => fc.sample(uniform, { numRuns: length, seed });
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);
const times = (matrix: readonly number[][], x: ArrayLike<number>) =>
  matrix.map((row) => dot(row, x));

/** The extended Rosenbrock function, whose minimum is 0 at (1, ..., 1). */
function rosenbrock(x: Float64Array) {
  const gradient = new Float64Array(x.length);
  let value = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [1 - x[i]!, x[i + 1]! - x[i]! ** 2];
    value += a * a + 100 * b * b;
    gradient[i]! -= 2 * a + 400 * b * x[i]!;
    gradient[i + 1]! += 200 * b;
  }
  return { value, gradient };
}

/** x A x / 2 - b x, A with the given eigenvalues and random eigenvectors, and its exact minimum. */
function quadratic(eigenvalues: readonly number[], seed: number) {
  const n = eigenvalues.length;
  let matrix = eigenvalues.map((value, i) => eigenvalues.map((_, j) => (i === j ? value : 0)));
  for (let k = 0; k < n; k++) {
    // A -> Q A Q with the reflection Q = 1 - 2 u u / u . u.
    const u = random(n, seed + k);
    const scale = 2 / dot(u, u);
    const q = u.map((ui, i) => u.map((uj, j) => (i === j ? 1 : 0) - scale * ui * uj));
    const product = q.map((row) => times(matrix, row));
    matrix = product.map((row) => times(q, row));
  }
  const solution = random(n, seed - 1);
  const b = times(matrix, solution);
  const evaluate = (x: Float64Array) => {
    const ax = times(matrix, x);
    return { value: dot(x, ax) / 2 - dot(b, x), gradient: ax.map((value, i) => value - b[i]!) };
  };
  return { evaluate, solution, minimum: -dot(b, solution) / 2 };
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

describe("lbfgs", () => {
  it.each([2, 10])("finds the minimum of Rosenbrock's function of %i variables", async (n) => {
    const x0 = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
    const start = x0.slice();
    const result = await lbfgs(rosenbrock, x0, { gradientTolerance: 1e-8 });
    expect(result.reason).toBe("gradient");
    expect(largestDifference(result.x, new Float64Array(n).fill(1))).toBeLessThan(1e-7);
    expect(result.value).toBeLessThan(1e-14);
    expect(result).toMatchObject(rosenbrock(result.x));
    expect(result.evaluations).toBeGreaterThan(result.iterations);
    expect(result.evaluations).toBeLessThan(40 * Math.sqrt(n));
    expect(x0).toEqual(start);
  });

  // Iterations: a little above those of SciPy's L-BFGS-B on such problems (63, 417 and 2394).
  it.each([
    [1e2, 100, 1e-6],
    [1e4, 600, 1e-4],
    [1e6, 3500, 1e-3],
  ])("solves a random quadratic of condition %f", async (condition, iterations, tolerance) => {
    const eigenvalues = Array.from({ length: 20 }, (_, i) => condition ** (i / 19));
    const { evaluate, solution, minimum } = quadratic(eigenvalues, 50);
    const options = { valueTolerance: 0, maxIterations: iterations };
    const result = await lbfgs(evaluate, new Float64Array(20), options);
    expect(result.reason).not.toBe("iterations");
    expect(Math.abs(result.value - minimum)).toBeLessThan(1e-11 * Math.abs(minimum));
    expect(largestDifference(result.x, solution)).toBeLessThan(tolerance);
  });

  it("solves any small convex quadratic", async () => {
    const eigenvalue = fc.double({ min: 1e-2, max: 1e2, noNaN: true });
    const property = fc.asyncProperty(
      fc.array(eigenvalue, { minLength: 1, maxLength: 5 }),
      fc.nat(1e6),
      async (eigenvalues, seed) => {
        const { evaluate, solution } = quadratic(eigenvalues, seed);
        const x0 = Float64Array.from(random(eigenvalues.length, seed + 99), (x) => 10 * x);
        const { x } = await lbfgs(evaluate, x0, { valueTolerance: 0 });
        expect(largestDifference(x, solution)).toBeLessThan(1e-4);
      },
    );
    await fc.assert(property, { seed: 1, numRuns: 50 });
  });

  it("steps where dense BFGS would from the same corrections", async () => {
    const n = 6;
    const { evaluate } = quadratic([1, 1.2, 1.4, 1.6, 1.8, 2], 7);
    const points: Float64Array[] = [];
    const gradientAt = (x: Float64Array) => evaluate(x).gradient;
    const recorded = (x: Float64Array) => {
      points.push(x.slice());
      return evaluate(x);
    };
    const options = { history: 3, gradientTolerance: 1e-8 };
    const { iterations } = await lbfgs(recorded, new Float64Array(n).fill(0.5), options);
    // So well conditioned that every first probe is taken: the points are the iterates.
    expect(points).toHaveLength(iterations + 1);
    expect(iterations).toBeGreaterThan(5);

    for (let k = 1; k < iterations; k++) {
      const pairs = points.slice(Math.max(1, k - 2), k + 1).map((x, i) => {
        const before = points[Math.max(1, k - 2) - 1 + i]!;
        const g = gradientAt(before);
        return {
          s: [...x].map((value, j) => value - before[j]!),
          y: gradientAt(x).map((value, j) => value - g[j]!),
        };
      });
      const last = pairs.at(-1)!;
      const gamma = dot(last.s, last.y) / dot(last.y, last.y);
      const identity = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
      );
      let h = identity.map((row) => row.map((value) => gamma * value));
      for (const { s, y } of pairs) {
        // Nocedal & Wright, equation 6.17: H = (1 - rho s y) H (1 - rho y s) + rho s s.
        const rho = 1 / dot(s, y);
        const v = identity.map((row, i) => row.map((value, j) => value - rho * s[i]! * y[j]!));
        const vh = v.map((row) =>
          h.map((_, j) =>
            dot(
              row,
              h.map((r) => r[j]!),
            ),
          ),
        );
        h = vh.map((row, i) => v.map((other, j) => dot(row, other) + rho * s[i]! * s[j]!));
      }
      const step = times(h, gradientAt(points[k]!));
      const expected = [...points[k]!].map((value, i) => value - step[i]!);
      expect(largestDifference(points[k + 1]!, expected)).toBeLessThan(1e-12);
    }
  });

  it.each([
    [NaN, 0],
    [Infinity, 0],
    [-Infinity, 0],
    [-1e9, NaN],
    [0, Infinity],
  ])("steps back from a value of %f with a gradient of %f", async (value, slope) => {
    // x - log x in each variable, minimum at 1; the first long step from 30 leads below 0.
    let outsiders = 0;
    const evaluate = (x: Float64Array) => {
      if (x.some((xi) => xi <= 0)) {
        outsiders++;
        return { value, gradient: x.map(() => slope) };
      }
      const sum = x.reduce((total, xi) => total + xi - Math.log(xi), 0);
      return { value: sum, gradient: x.map((xi) => 1 - 1 / xi) };
    };
    const { x } = await lbfgs(evaluate, Float64Array.of(0.6, 9, 30), { valueTolerance: 0 });
    expect(outsiders).toBeGreaterThan(0);
    expect(largestDifference(x, [1, 1, 1])).toBeLessThan(1e-5);
  });

  it("gives the same result for a promise, a scribbled point and a reused buffer", async () => {
    const x0 = Float64Array.of(-1.2, 1);
    const expected = await lbfgs(rosenbrock, x0);
    expect(await lbfgs(async (x) => rosenbrock(x), x0)).toEqual(expected);
    const buffer = new Float64Array(2);
    const careless = (x: Float64Array) => {
      const { value, gradient } = rosenbrock(x);
      buffer.set(gradient);
      x.fill(NaN);
      return { value, gradient: buffer };
    };
    expect(await lbfgs(careless, x0)).toEqual(expected);
  });

  it("first steps by 1 at most", async () => {
    const points: Float64Array[] = [];
    const recorded = (x: Float64Array) => {
      points.push(x);
      return rosenbrock(x);
    };
    await lbfgs(recorded, Float64Array.of(-100, 100), { maxIterations: 1 });
    const [from, to] = points;
    expect(Math.abs(to![0]! - from![0]!) + Math.abs(to![1]! - from![1]!)).toBeCloseTo(1, 8);
  });

  it("starts afresh where its corrections lead nowhere", async () => {
    // More failures in a row than one line search tries.
    let calls = 0;
    const unreliable = (x: Float64Array) => {
      calls++;
      return calls >= 10 && calls < 40 ? { value: NaN, gradient: x } : rosenbrock(x);
    };
    const { reason, x } = await lbfgs(unreliable, Float64Array.of(-1.2, 1));
    expect(reason).toBe("gradient");
    expect(largestDifference(x, [1, 1])).toBeLessThan(1e-5);
  });

  describe("ends", () => {
    const square = ([x]: Float64Array) => ({ value: x! * x!, gradient: [2 * x!] });

    it("at once where the gradient is 0, or where there is nothing to change", async () => {
      const atMinimum = await lbfgs(square, Float64Array.of(0));
      expect(atMinimum).toMatchObject({ reason: "gradient", iterations: 0, evaluations: 1 });
      const empty = await lbfgs(() => ({ value: 1, gradient: [] }), new Float64Array(0));
      expect(empty).toMatchObject({ reason: "gradient", value: 1 });
    });

    it("at the maximum of iterations", async () => {
      const x0 = Float64Array.of(-1.2, 1);
      const result = await lbfgs(rosenbrock, x0, { maxIterations: 3 });
      expect(result).toMatchObject({ reason: "iterations", iterations: 3 });
      expect(result.value).toBeLessThan(rosenbrock(x0).value);
      const none = await lbfgs(rosenbrock, x0, { maxIterations: 0 });
      expect(none).toMatchObject({ reason: "iterations", evaluations: 1, x: x0 });
      expect(none.x).not.toBe(x0);
    });

    it("where the value hardly falls any more", async () => {
      const above = (x: Float64Array) => {
        const { value, gradient } = rosenbrock(x);
        return { value: value + 1000, gradient };
      };
      const options = { gradientTolerance: 0, valueTolerance: 1e-6 };
      const { reason, value } = await lbfgs(above, Float64Array.of(-1.2, 1), options);
      expect(reason).toBe("value");
      expect(value).toBeLessThan(1000 + 5);
    });

    it("where values are noise", async () => {
      const rounded = (x: Float64Array) => {
        const { value, gradient } = rosenbrock(x);
        return { value: Math.fround(value + 1), gradient: Float32Array.from(gradient) };
      };
      const options = { gradientTolerance: 0, valueTolerance: 0 };
      const { reason, x } = await lbfgs(rounded, Float64Array.of(-1.2, 1), options);
      expect(["value", "line search"]).toContain(reason);
      expect(largestDifference(x, [1, 1])).toBeLessThan(1e-2);
    });

    it("where a gradient is wrong", async () => {
      const wrong = ([x]: Float64Array) => ({ value: x! * x!, gradient: [-2 * x!] });
      const result = await lbfgs(wrong, Float64Array.of(1));
      expect(result).toMatchObject({ reason: "line search", iterations: 0, value: 1 });
    });
  });

  it("rejects with the signal's reason, before and during an evaluation", async () => {
    const reason = new Error("enough");
    const count = async (abortAt: number) => {
      const controller = new AbortController();
      if (abortAt === 0) controller.abort(reason);
      let calls = 0;
      const evaluate = async (x: Float64Array) => {
        calls++;
        if (calls === abortAt) controller.abort(reason);
        return rosenbrock(x);
      };
      const { signal } = controller;
      await expect(lbfgs(evaluate, Float64Array.of(-1.2, 1), { signal })).rejects.toBe(reason);
      return calls;
    };
    expect(await count(0)).toBe(0);
    expect(await count(1)).toBe(1);
    expect(await count(7)).toBe(7);
  });

  it("rejects when aborted during what would be the last evaluation", async () => {
    const controller = new AbortController();
    const evaluate = () => {
      controller.abort();
      return { value: 0, gradient: [0] };
    };
    const run = lbfgs(evaluate, Float64Array.of(0), { signal: controller.signal });
    await expect(run).rejects.toThrow("aborted");
  });

  it.each<[LbfgsOptions, string]>([
    [{ history: 0 }, "lbfgs: history is 0; it must be a positive integer"],
    [{ maxIterations: -1 }, "lbfgs: maxIterations is -1; it must be an integer from 0"],
    [
      { gradientTolerance: NaN },
      "lbfgs: gradientTolerance is NaN; it must be finite and at least 0",
    ],
    [{ valueTolerance: -1 }, "lbfgs: valueTolerance is -1; it must be finite and at least 0"],
  ])("%o is an error", async (options, message) => {
    const run = lbfgs(rosenbrock, Float64Array.of(0, 0), { ...LBFGS_DEFAULTS, ...options });
    await expect(run).rejects.toThrow(new RangeError(message));
  });

  it("rejects bad evaluations", async () => {
    const x0 = Float64Array.of(1, 2);
    await expect(lbfgs(() => ({ value: 1, gradient: [1] }), x0)).rejects.toThrow(
      new RangeError("lbfgs: the gradient has 1 elements, not 2"),
    );
    const atStart = "lbfgs: the value or the gradient at x0 is not finite";
    await expect(lbfgs(() => ({ value: NaN, gradient: [1, 1] }), x0)).rejects.toThrow(atStart);
    await expect(lbfgs(() => ({ value: 1, gradient: [1, NaN] }), x0)).rejects.toThrow(atStart);
    const broken = () => {
      throw new Error("out of memory");
    };
    await expect(lbfgs(broken, x0)).rejects.toThrow("out of memory");
  });
});
