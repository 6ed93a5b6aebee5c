import { Graph } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import { constantWeights, initialValues, trainableWeights, type WeightSpec } from "./weights.js";

const SPECS = new Map<string, WeightSpec>([
  ["a/weight", { shape: [8, 4], initial: "normal" }],
  ["a/bias", { shape: [8], initial: 0 }],
  ["b/weight", { shape: [8, 4], initial: "normal" }],
  ["b/scale", { shape: [], initial: 0.5 }],
]);

describe("initialValues", () => {
  it("depend on the seed, the name and the size alone", () => {
    const values = initialValues(SPECS, 7);
    expect(Object.keys(values)).toEqual([...SPECS.keys()]);
    const reversed = initialValues(new Map([...SPECS].reverse()), 7);
    expect(reversed).toEqual(values);
    const one = new Map([["b/weight", SPECS.get("b/weight")!]]);
    expect(initialValues(one, 7)["b/weight"]).toEqual(values["b/weight"]);
    expect(initialValues(one, 8)["b/weight"]).not.toEqual(values["b/weight"]);
    expect(values["a/weight"]).not.toEqual(values["b/weight"]);
    // The flat numbers are those of any other shape of the size.
    const flat = new Map<string, WeightSpec>([["b/weight", { shape: [32], initial: "normal" }]]);
    expect(initialValues(flat, 7)["b/weight"]).toEqual(values["b/weight"]);
  });

  it("are normal, or the same number everywhere", () => {
    const large = new Map<string, WeightSpec>([["w", { shape: [10_000], initial: "normal" }]]);
    for (const seed of [0, 1, 2 ** 32 - 1]) {
      const w = initialValues(large, seed).w!;
      const mean = w.reduce((sum, value) => sum + value, 0) / w.length;
      const variance = w.reduce((sum, value) => sum + (value - mean) ** 2, 0) / w.length;
      expect(Math.abs(mean)).toBeLessThan(0.05);
      expect(Math.abs(variance - 1)).toBeLessThan(0.06);
    }
    const values = initialValues(SPECS, 1);
    expect(values["a/bias"]).toEqual(new Float32Array(8));
    expect(values["b/scale"]).toEqual(Float32Array.of(0.5));
  });
});

describe("trainableWeights", () => {
  it("are inputs named with the prefix, one for each name", () => {
    const graph = new Graph();
    const { source, specs, tensors } = trainableWeights(graph, "p/");
    const first = source("w", [2, 3], "normal");
    expect(source("w", [2, 3], "normal")).toBe(first);
    source("b", [2], 0);
    expect(Object.keys(tensors)).toEqual(["p/w", "p/b"]);
    expect([...specs]).toEqual([
      ["p/w", { shape: [2, 3], initial: "normal" }],
      ["p/b", { shape: [2], initial: 0 }],
    ]);
    expect(first.shape).toEqual([2, 3]);
  });
});

it("constantWeights say which weight is absent", () => {
  const source = constantWeights(new Graph(), "p/", { "p/w": Float32Array.of(1, 2) });
  expect(source("w", [2], 0).data).toEqual(Float32Array.of(1, 2));
  expect(() => source("b", [2], 0)).toThrow(
    expect.objectContaining({ code: "usage", message: "The weights have no p/b." }),
  );
});
