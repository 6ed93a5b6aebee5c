import { evaluate, Graph, gradients, type Tensor } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { random } from "../../../test/sample-model.js";
import { contentLoss } from "./content-loss.js";
import { identityLoss } from "./identity-loss.js";
import { landmarkLoss } from "./landmark-loss.js";
import { pixelLoss } from "./pixel-loss.js";
import { coefficientPrior, latentPrior, lightPrior } from "./priors.js";

/** Values of a loss of some inputs, and its gradient by the one named. */
function lossOf(
  data: Readonly<Record<string, readonly number[]>>,
  shapes: Readonly<Record<string, readonly number[]>>,
  build: (inputs: Record<string, Tensor>) => Tensor,
  by: string,
) {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, "float32", shape)]),
  );
  const loss = build(inputs);
  const [slope] = gradients(loss, [inputs[by]!]);
  const at = (changed: Readonly<Record<string, readonly number[]>>, output: Tensor) => {
    const all = { ...data, ...changed };
    const feeds = new Map(Object.entries(inputs).map(([name, tensor]) => [tensor, all[name]!]));
    return evaluate([output], feeds)[0]!;
  };
  const differences = data[by]!.map((value, i) => {
    const moved = (h: number) =>
      at({ [by]: data[by]!.map((v, j) => (j === i ? value + h : v)) }, loss)[0]!;
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });
  return { value: at({}, loss)[0]!, slope: at({}, slope!), differences };
}

const close = (a: ArrayLike<number>, b: readonly number[]) =>
  b.forEach((value, i) => {
    expect(Math.abs(a[i]! - value)).toBeLessThan(1e-6 + 1e-5 * Math.abs(value));
  });

describe("the terms of the energy", () => {
  const next = random(7);
  const numbers = (n: number, scale = 1) => Array.from({ length: n }, () => scale * (next() - 0.5));

  it("identity: 0 for the same features, 1 for a right angle, 2 for opposite ones", () => {
    const value = (b: readonly number[]) =>
      lossOf(
        { a: [0.6, 0.8], b },
        { a: [1, 2], b: [1, 2] },
        ({ a, b }) => identityLoss(a!, b!),
        "b",
      );
    expect(value([0.6, 0.8]).value).toBeCloseTo(0, 12);
    expect(value([-0.8, 0.6]).value).toBeCloseTo(1, 12);
    const { value: opposite, slope, differences } = value([-0.6, -0.8]);
    expect(opposite).toBeCloseTo(2, 12);
    close(slope, differences);
  });

  it("content: each layer's distance over its size, with a slope also where nothing differs", () => {
    const shapes = { a: [1, 2, 1, 2], b: [1, 2, 1, 2], c: [1, 3], d: [1, 3] };
    const data = { a: [1, 2, 3, 4], b: [1, 2, 0, 0], c: numbers(3), d: numbers(3) };
    const of = (by: string, changed = {}) =>
      lossOf(
        { ...data, ...changed },
        shapes,
        ({ a, b, c, d }) => contentLoss([a!, c!], [b!, d!]),
        by,
      );
    const { value, slope, differences } = of("d");
    const distance = Math.hypot(...data.c.map((x, i) => x - data.d[i]!));
    expect(value).toBeCloseTo(5 / 4 + distance / 3, 6);
    close(slope, differences);
    const same = of("b", { b: data.a, d: data.c });
    expect(same.value).toBeLessThan(1e-5);
    expect(same.slope.every(Number.isFinite)).toBe(true);
  });

  it("pixel: the weighted mean of differences that level off; unseen pixels count nothing", () => {
    const photo = [0.1, 0.2, 0.3, 0.9, 0.9, 0.9];
    const rendering = [0.2, 0.2, 0.1, 0, 0, 0];
    const shapes = { photo: [2, 3], rendering: [2, 3], weights: [2, 1] };
    const build = (t: Record<string, Tensor>) => pixelLoss(t.photo!, t.rendering!, t.weights!);
    const half = lossOf({ photo, rendering, weights: [1, 0] }, shapes, build, "rendering");
    const robust = (d: number) => d / (1 + d / 0.4);
    expect(half.value).toBeCloseTo((robust(0.1) + robust(0.2)) / 3, 7);
    close(half.slope, half.differences);
    for (const value of half.slope.slice(3)) expect(Math.abs(value)).toBe(0);
    const both = lossOf({ photo, rendering, weights: [1, 0.5] }, shapes, build, "rendering");
    const second = 1.5 * robust(0.9);
    expect(both.value).toBeCloseTo((robust(0.1) + robust(0.2) + second) / 4.5, 7);
    expect(robust(0.9)).toBeLessThan(0.4);
    const none = lossOf({ photo, rendering, weights: [0, 0] }, shapes, build, "rendering");
    expect(none.value).toBe(0);
  });

  it("landmark: the weighted mean distance", () => {
    const { value, slope, differences } = lossOf(
      { a: [0, 0, 1, 1], b: [3, 4, 1, 3], w: [1, 3] },
      { a: [2, 2], b: [2, 2], w: [2] },
      ({ a, b, w }) => landmarkLoss(a!, b!, w!),
      "b",
    );
    expect(value).toBeCloseTo((5 + 3 * 2) / 4, 6);
    close(slope, differences);
    const same = lossOf(
      { a: [1, 2], b: [1, 2], w: [1] },
      { a: [1, 2], b: [1, 2], w: [1] },
      ({ a, b, w }) => landmarkLoss(a!, b!, w!),
      "b",
    );
    expect(Array.from(same.slope)).toEqual([0, 0]);
  });

  it("priors: negative logarithms of normal distributions", () => {
    const p = numbers(6, 3);
    const squares = p.reduce((sum, v) => sum + v * v, 0);
    const prior = (kind: "normal" | "unit-interval", deviation: number) =>
      lossOf({ p }, { p: [6] }, (t) => coefficientPrior(t.p!, kind, deviation), "p");
    expect(prior("normal", 1).value).toBeCloseTo(squares / 2, 6);
    const pull = p.reduce((sum, v) => sum + Math.abs(v), 0);
    expect(prior("unit-interval", 0.3).value).toBeCloseTo(squares / 0.18 + pull / 0.6, 5);
    const { slope, differences } = prior("unit-interval", 0.3);
    close(slope, differences);

    const latent = lossOf({ p }, { p: [6] }, (t) => latentPrior(t.p!), "p");
    expect(latent.value).toBeCloseTo(squares / 12, 6);
    const light = lossOf(
      { p, neutral: numbers(6), precision: [1, 2, 3, 4, 5, 6] },
      { p: [6], neutral: [6], precision: [6] },
      (t) => lightPrior(t.p!, t.neutral!, t.precision!),
      "p",
    );
    close(light.slope, light.differences);
  });
});
