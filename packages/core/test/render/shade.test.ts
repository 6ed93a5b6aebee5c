/** Light as a graph against light in numbers, also where it is dark, behind or seen from behind. */
import { evaluate, Graph } from "@ganfit/autodiff";
import { describe, expect, it } from "vitest";
import type { Vector3 } from "../../src/render/camera.js";
import type { Lighting } from "../../src/render/lighting.js";
import { shadeColour } from "../../src/render/lighting-evaluate.js";
import { type LightingTensors, shade } from "../../src/render/shade.js";
import { HARMONICS, PHONG, randomNumbers } from "./scenes.js";

const COUNT = 200;
const NEGATIVE: Lighting = {
  ...HARMONICS,
  coefficients: HARMONICS.coefficients.map((c, i) => (i < 3 ? -0.1 : 3 * c)),
};
const VIEWER: Vector3 = [50, -80, 600];

function lightOf(lighting: Lighting, graph: Graph): LightingTensors {
  const vector = (values: readonly number[]) => graph.constant(values, "float64");
  if (lighting.kind === "spherical-harmonics") {
    const coefficients = graph.constant(lighting.coefficients, "float64", [9, 3]);
    return { kind: lighting.kind, coefficients };
  }
  const { kind, specular, shininess } = lighting;
  return {
    kind,
    position: vector(lighting.position),
    colour: vector(lighting.colour),
    ambient: vector(lighting.ambient),
    highlight: { strength: specular, shininess, viewer: vector(VIEWER) },
  };
}

describe("shade", () => {
  it.each([
    ["harmonics", HARMONICS],
    ["harmonics that turn negative", NEGATIVE],
    ["Phong", PHONG],
  ] as const)("gives the colours of shadeColour under %s", (_, lighting) => {
    const random = randomNumbers(9);
    const triples = (value: () => number) => Float64Array.from({ length: 3 * COUNT }, value);
    const albedo = triples(random);
    const positions = triples(() => 400 * random() - 200);
    const normals = triples(() => random() - 0.5);
    for (let i = 0; i < normals.length; i += 3) {
      const length = Math.hypot(...normals.subarray(i, i + 3));
      for (let c = 0; c < 3; c++) normals[i + c]! /= length;
    }
    const graph = new Graph();
    const constant = (data: Float64Array) => graph.constant(data, "float64", [COUNT, 3]);
    const surface = {
      albedo: constant(albedo),
      positions: constant(positions),
      normals: constant(normals),
    };
    const [colours] = evaluate([shade(surface, lightOf(lighting, graph))], new Map());
    const expected = [0, 0, 0];
    for (let i = 0; i < colours!.length; i += 3) {
      const at = (data: Float64Array) => data.subarray(i, i + 3);
      shadeColour(lighting, at(albedo), at(positions), at(normals), VIEWER, expected);
      for (let c = 0; c < 3; c++) expect(colours![i + c]).toBeCloseTo(expected[c]!, 10);
    }
  });

  it("says that Phong's light needs to know where the pixels are", () => {
    const graph = new Graph();
    const pixels = graph.input("pixels", "float64", [4, 3]);
    expect(() => shade({ albedo: pixels, normals: pixels }, lightOf(PHONG, graph))).toThrow(
      "positions",
    );
  });
});
