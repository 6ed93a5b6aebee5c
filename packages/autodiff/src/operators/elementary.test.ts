import { describe, expect, it } from "vitest";
import { valuesOf } from "../../test/properties.js";
import { type SmoothFunction, testFunction } from "../../test/smooth-function.js";
import { gradients } from "../differentiate/gradients.js";
import { Graph } from "../graph/graph.js";
import * as elementary from "./elementary.js";

/** Area under the bell curve by Simpson's rule. */
function erfByIntegration(x: number): number {
  const steps = 2000;
  const f = (i: number) => Math.exp(-(((x * i) / steps) ** 2));
  let total = f(0) + f(steps);
  for (let i = 1; i < steps; i++) total += f(i) * (i % 2 === 0 ? 2 : 4);
  return (total * x * 2) / (3 * steps * Math.sqrt(Math.PI));
}

const SMOOTH: Readonly<Record<string, SmoothFunction>> = {
  Sqrt: { build: elementary.sqrt, value: Math.sqrt, low: 0.2, high: 3 },
  Reciprocal: {
    build: elementary.reciprocal,
    value: (x) => 1 / x,
    low: -3,
    high: 3,
    kinks: [-0.2, 0, 0.2],
  },
  Exp: { build: elementary.exp, value: Math.exp, low: -2, high: 2 },
  Log: { build: elementary.log, value: Math.log, low: 0.2, high: 3 },
  Tanh: { build: elementary.tanh, value: Math.tanh, low: -3, high: 3 },
  Sigmoid: {
    build: elementary.sigmoid,
    value: (x) => (1 + Math.tanh(x / 2)) / 2,
    low: -5,
    high: 5,
  },
  Erf: { build: elementary.erf, value: erfByIntegration, low: -4, high: 4 },
  Softplus: {
    build: elementary.softplus,
    value: (x) => Math.log(1 + Math.exp(x)),
    low: -5,
    high: 5,
  },
  Softsign: { build: elementary.softsign, value: (x) => x / (1 + Math.abs(x)), kinks: [0] },
  Sin: { build: elementary.sin, value: Math.sin, low: -4, high: 4 },
  Cos: { build: elementary.cos, value: Math.cos, low: -4, high: 4 },
  Tan: { build: elementary.tan, value: Math.tan },
  Asin: { build: elementary.asin, value: Math.asin, low: -0.8, high: 0.8 },
  Acos: { build: elementary.acos, value: Math.acos, low: -0.8, high: 0.8 },
  Atan: { build: elementary.atan, value: Math.atan, low: -3, high: 3 },
  Sinh: { build: elementary.sinh, value: Math.sinh, low: -2, high: 2 },
  Cosh: { build: elementary.cosh, value: Math.cosh, low: -2, high: 2 },
  Abs: { build: elementary.abs, value: Math.abs, kinks: [0] },
};

const STEPS: Readonly<Record<string, SmoothFunction>> = {
  Sign: { build: elementary.sign, value: Math.sign },
  Floor: { build: elementary.floor, value: Math.floor },
  Ceil: { build: elementary.ceil, value: Math.ceil },
  Round: { build: elementary.round, value: elementary.roundHalfEven },
};

const runs = { seed: 21, numRuns: 15 };

it("every function is tested", () => {
  const types = Object.values(elementary).flatMap((value) => ("type" in value ? value.type : []));
  expect(types.sort()).toEqual([...Object.keys(SMOOTH), ...Object.keys(STEPS)].sort());
});

describe.each(Object.entries(SMOOTH))("%s", (_, smooth) => testFunction(smooth, runs));

describe.each(Object.entries(STEPS))("%s", (_, { build, value }) => {
  it("has its value, and nothing flows through it", () => {
    const x = new Graph().input("x", "float64", [8]);
    const data = [-2.5, -1.5, -0.5, 0, 0.5, 1.5, 2.5, 1.2];
    const y = build(x);
    expect(valuesOf(y, [[x, data]])).toEqual(data.map(value));
    const cotangent = x;
    expect(valuesOf(gradients(y, [x], { cotangent })[0]!)).toEqual(data.map(() => 0));
  });
});

it("Round takes halves to even", () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, -2.6].map(elementary.roundHalfEven)).toEqual([
    -2, -2, -0, 0, 2, 2, 2, -3,
  ]);
});

it("the gradient of Abs is 0 at 0", () => {
  const x = new Graph().input("x", "float64", []);
  expect(valuesOf(gradients(elementary.abs(x), [x])[0]!, [[x, [0]]])).toEqual([0]);
});

it("Softplus and Sigmoid do not overflow", () => {
  const x = new Graph().input("x", "float64", [2]);
  expect(valuesOf(elementary.softplus(x), [[x, [-1e3, 1e3]]])).toEqual([0, 1e3]);
  expect(valuesOf(elementary.sigmoid(x), [[x, [-1e3, 1e3]]])).toEqual([0, 1]);
});

it("errors name the operator, the node and the shapes", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [2, 3]);
  expect(() => graph.apply(elementary.Sqrt, [x, x], {}, "root")).toThrow(
    'Sqrt "root": takes 1 inputs, not 2 (inputs [2,3], [2,3])',
  );
});
