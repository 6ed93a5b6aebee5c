import fc from "fast-check";
import { Matrix, solve } from "ml-matrix";
import { expect, test } from "vitest";
import { PoissonSolver } from "./poisson.js";

/** The same least squares problem as normal equations, solved densely. */
function dense(
  width: number,
  height: number,
  weights: Record<"right" | "down" | "screen", readonly number[]>,
  data: Record<"gradientRight" | "gradientDown" | "target", readonly number[]>,
): number[] {
  const n = width * height;
  const a = Matrix.zeros(n, n);
  const b = Matrix.zeros(n, 1);
  const edge = (i: number, j: number, w: number, g: number) => {
    for (const [p, q, sign] of [
      [i, j, -1],
      [j, i, 1],
    ] as const) {
      a.set(p, p, a.get(p, p) + w);
      a.set(p, q, a.get(p, q) - w);
      b.set(p, 0, b.get(p, 0) + sign * w * g);
    }
  };
  for (let i = 0; i < n; i++) {
    if ((i + 1) % width !== 0) edge(i, i + 1, weights.right[i]!, data.gradientRight[i]!);
    if (i + width < n) edge(i, i + width, weights.down[i]!, data.gradientDown[i]!);
    a.set(i, i, a.get(i, i) + weights.screen[i]!);
    b.set(i, 0, b.get(i, 0) + weights.screen[i]! * data.target[i]!);
  }
  return solve(a, b).to1DArray();
}

test("as a dense solution of the normal equations", () => {
  const lists = fc.integer({ min: 1, max: 13 }).chain((width) =>
    fc.integer({ min: 1, max: 9 }).chain((height) => {
      const n = width * height;
      const list = (min: number, max: number) =>
        fc.array(fc.double({ min, max, noNaN: true }), { minLength: n, maxLength: n });
      return fc.record({
        size: fc.constant([width, height] as const),
        right: list(0.01, 1),
        down: list(0.01, 1),
        screen: list(0.001, 2),
        gradientRight: list(-1, 1),
        gradientDown: list(-1, 1),
        target: list(-1, 1),
      });
    }),
  );
  fc.assert(
    fc.property(lists, ({ size: [width, height], right, down, screen, ...data }) => {
      const solver = new PoissonSolver({ width, height, right, down, screen });
      const found = solver.solve(data, { tolerance: 1e-11 });
      const expected = dense(width, height, { right, down, screen }, data);
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 7);
    }),
    { numRuns: 60, seed: 4 },
  );
});

test("a membrane between fixed borders is the harmonic function", () => {
  const size = 128;
  const harmonic = (x: number, y: number) => {
    const [u, v] = [(2 * x) / size - 1, (2 * y) / size - 1];
    return u * u - v * v + 0.5 * u * v + 0.2 * u;
  };
  const ones = new Float64Array(size * size).fill(1);
  const target = new Float64Array(size * size);
  const screen = new Float64Array(size * size);
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    if (x > 0 && y > 0 && x < size - 1 && y < size - 1) continue;
    screen[i] = 1e4;
    target[i] = harmonic(x, y);
  }
  const solver = new PoissonSolver({ width: size, height: size, right: ones, down: ones, screen });
  const found = solver.solve({ target }, { tolerance: 1e-11, iterations: 60 });
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    worst = Math.max(worst, Math.abs(found[i]! - harmonic(i % size, Math.floor(i / size))));
  }
  expect(worst).toBeLessThan(1e-4);
});

test("gradients are kept from one fixed texel on, around holes in the grid", () => {
  const [width, height] = [150, 90];
  const n = width * height;
  const wanted = Float64Array.from({ length: n }, (_, i) => Math.sin(i * 0.7) + Math.cos(i / 31));
  const hole = (i: number) => i % width > 40 && i % width < 60 && i > 20 * width;
  const weight = (i: number, j: number) => (hole(i) || hole(j) ? 0 : 1);
  const list = (f: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => f(i));
  const solver = new PoissonSolver({
    width,
    height,
    right: list((i) => weight(i, i + 1)),
    down: list((i) => weight(i, i + width)),
    screen: list((i) => (i === 7 ? 1 : 0)),
  });
  const found = solver.solve(
    {
      gradientRight: list((i) => (wanted[i + 1] ?? 0) - wanted[i]!),
      gradientDown: list((i) => (wanted[i + width] ?? 0) - wanted[i]!),
      target: list((i) => (i === 7 ? wanted[7]! : 0.25)),
    },
    { tolerance: 1e-9 },
  );
  for (let i = 0; i < n; i++) expect(found[i]).toBeCloseTo(hole(i) ? 0.25 : wanted[i]!, 3);
});

test("weights that make no sense are refused", () => {
  const list = (value: number, length = 4) => new Array<number>(length).fill(value);
  const good = { width: 2, height: 2, right: list(1), down: list(1), screen: list(1) };
  for (const bad of [{ right: list(-1) }, { down: list(Number.NaN) }, { screen: list(1, 3) }]) {
    expect(() => new PoissonSolver({ ...good, ...bad })).toThrow(/Poisson equation on 2 x 2/);
  }
});
