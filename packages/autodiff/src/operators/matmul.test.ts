import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkGradients, generator, uniform } from "../../test/finite-differences.js";
import {
  broadcastElement,
  coordinates,
  expectClose,
  shapes,
  typesOf,
  valuesOf,
} from "../../test/properties.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import { range, type Shape } from "../graph/shape.js";
import { mul } from "./arithmetic.js";
import { transpose } from "./layout.js";
import { Gemm, gemm, matmul, matrixTranspose } from "./matmul.js";

const runs = { seed: 28, numRuns: 40 };
const size = fc.integer({ min: 1, max: 4 });

/** Shapes of two operands whose batches broadcast; either may be a vector. */
const products = fc
  .tuple(
    shapes(0, 2, 3),
    fc.tuple(size, size, size),
    fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    fc.tuple(fc.nat(2), fc.nat(2)),
    fc.constantFrom("matrices", "matrices", "row", "column", "both"),
  )
  .map(([batch, [m, k, n], ones, [dropA, dropB], vectors]) => {
    const one = (shape: Shape, at: number, drop: number) =>
      shape.map((dim, i) => (ones[at + i] ? 1 : dim)).slice(drop);
    const row = vectors === "row" || vectors === "both";
    const column = vectors === "column" || vectors === "both";
    return {
      a: row ? [k] : [...one(batch, 0, dropA), m, k],
      b: column ? [k] : [...one(batch, 2, dropB), k, n],
    };
  });

describe("MatMul", () => {
  it("has its value", () => {
    fc.assert(
      fc.property(products, fc.integer(), ({ a: p, b: q }, seed) => {
        const graph = new Graph();
        const random = generator(seed);
        const [a, b] = [graph.input("a", "float64", p), graph.input("b", "float64", q)];
        const [left, right] = [uniform(random, a.size), uniform(random, b.size)];
        const y = matmul(a, b);
        const inner = p.at(-1)!;
        const rows = p.length === 1 ? [1, ...p] : p;
        const columns = q.length === 1 ? [...q, 1] : q;
        const expected = range(y.size).map((flat) => {
          const index = coordinates(flat, y.shape);
          const j = q.length === 1 ? 0 : index.pop()!;
          const i = p.length === 1 ? 0 : index.pop()!;
          return range(inner).reduce(
            (sum, at) =>
              sum +
              broadcastElement(left, rows, [...index, i, at]) *
                broadcastElement(right, columns, [...index, at, j]),
            0,
          );
        });
        const feeds = [[a, left] as const, [b, right] as const];
        expectClose(valuesOf(y, feeds), expected);
      }),
      { ...runs, numRuns: 100 },
    );
  });

  it("has its gradient", () => {
    fc.assert(
      fc.property(products, fc.integer(), ({ a, b }, seed) =>
        checkGradients({
          inputs: { a: { shape: a }, b: { shape: b } },
          build: (x) => {
            const y = matmul(x.a!, x.b!);
            return mul(y, y);
          },
          random: generator(seed),
        }),
      ),
      runs,
    );
  });

  it("of a batch with one matrix has one product as the matrix's gradient", () => {
    const graph = new Graph();
    const [x, w] = [graph.input("x", "float64", [5, 2, 3]), graph.input("w", "float64", [3, 4])];
    const y = matmul(x, w);
    const [g] = gradients(y, [w], { cotangent: graph.input("g", "float64", y.shape) });
    expect(typesOf(g!).filter((type) => type !== "Reshape")).toEqual(["Transpose", "MatMul"]);
  });

  it("turns vectors into matrices", () => {
    const graph = new Graph();
    const [a, b] = [graph.input("a", "float64", [3]), graph.input("b", "float64", [3])];
    expect(matmul(a, b).shape).toEqual([]);
    expect(typesOf(matmul(a, b)).sort()).toEqual(["MatMul", "Reshape", "Reshape", "Reshape"]);
  });

  it("names what does not fit", () => {
    const graph = new Graph();
    const input = (shape: Shape) => graph.input("x", "float32", shape);
    expect(() => matmul(input([2, 3]), input([2, 3]))).toThrow(
      'MatMul "MatMul": inner dimensions differ (inputs [2,3], [2,3])',
    );
    expect(() => matmul(input([2, 1, 3]), input([4, 3, 1]))).toThrow(/batch dimensions/);
    expect(() => matmul(input([]), input([3]))).toThrow(/at least one axis \(inputs \[\], \[3\]\)/);
    const wide = graph.input("wide", "float64", [3, 2]);
    expect(() => matmul(input([2, 3]), wide)).toThrow(/element types differ: float32, float64/);
  });

  it("swaps the last two axes", () => {
    const x = new Graph().input("x", "float64", [2, 3, 4, 5]);
    expect(matrixTranspose(x)).toBe(transpose(x, [0, 1, 3, 2]));
  });
});

describe("Gemm", () => {
  const gemms = fc.record({
    sizes: fc.tuple(size, size, size),
    transA: fc.constantFrom(0, 1),
    transB: fc.constantFrom(0, 1),
    alpha: fc.constantFrom(1, 0.5, -2),
    beta: fc.constantFrom(1, 0.5, -2, 0),
    addend: fc.constantFrom("none", "scalar", "row", "column", "matrix"),
  });

  it("has its value and gradient, whatever is transposed or added", () => {
    fc.assert(
      fc.property(gemms, fc.integer(), ({ sizes: [m, k, n], addend, ...attributes }, seed) => {
        const random = generator(seed);
        const { transA, transB, alpha, beta } = attributes;
        const a = transA ? [k, m] : [m, k];
        const b = transB ? [n, k] : [k, n];
        const c = { none: [], scalar: [], row: [n], column: [m, 1], matrix: [m, n] }[addend]!;
        const inputs = { a: { shape: a }, b: { shape: b } };
        checkGradients({
          inputs: addend === "none" ? inputs : { ...inputs, c: { shape: c } },
          build: (x) => {
            const y = gemm(x.a!, x.b!, x.c, attributes);
            return mul(y, y);
          },
          random,
        });
        const graph = new Graph();
        const xs = [a, b, c].map((shape, i) => graph.input(`x${i}`, "float64", shape));
        const data = xs.map((x) => uniform(random, x.size));
        const y = gemm(xs[0]!, xs[1]!, addend === "none" ? undefined : xs[2], attributes);
        const expected = range(m * n).map((flat) => {
          const [i, j] = coordinates(flat, [m, n]) as [number, number];
          const product = range(k).reduce(
            (sum, p) =>
              sum +
              broadcastElement(data[0]!, a, transA ? [p, i] : [i, p]) *
                broadcastElement(data[1]!, b, transB ? [j, p] : [p, j]),
            0,
          );
          const added = addend === "none" ? 0 : broadcastElement(data[2]!, c, [i, j]);
          return alpha * product + beta * added;
        });
        expectClose(
          valuesOf(
            y,
            xs.map((x, i) => [x, data[i]!] as const),
          ),
          expected,
        );
      }),
      { ...runs, numRuns: 80 },
    );
  });

  it("names what does not fit", () => {
    const graph = new Graph();
    const input = (shape: Shape) => graph.input("x", "float32", shape);
    expect(() => gemm(input([2, 3]), input([2, 3]))).toThrow(
      'Gemm "Gemm": inner dimensions differ: 3 and 2 (inputs [2,3], [2,3])',
    );
    expect(() => gemm(input([3]), input([3, 2]))).toThrow(/operands must be matrices/);
    expect(() => gemm(input([2, 3]), input([3, 4]), input([2, 2, 4]))).toThrow(
      /the addend does not broadcast to \[2,4\] \(inputs \[2,3\], \[3,4\], \[2,2,4\]\)/,
    );
    expect(() => graph.apply(Gemm, [input([2, 3])], {}, "fc")).toThrow(
      /Gemm "fc": takes 2 to 3 inputs, not 1/,
    );
  });
});
