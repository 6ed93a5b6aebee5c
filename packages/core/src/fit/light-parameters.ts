// A light as numbers that an optimiser moves, and the light they stand for.

import { type Graph, mul, reshape, slice, type Tensor } from "@ganfit/autodiff";
import type { Lighting } from "../render/lighting.js";
import type { LightingTensors } from "../render/shade.js";

export interface LightParameters {
  readonly kind: Lighting["kind"];
  /** Even light that leaves the texture as it is: where a fit starts, and what its prior pulls to. */
  readonly neutral: Float32Array;
  /** 1 / deviation^2 of each number under the prior. */
  readonly precision: Float32Array;
  readonly tensors: (graph: Graph, numbers: Tensor) => LightingTensors;
  readonly lighting: (numbers: Float32Array) => Lighting;
}

/** Millimetres in a unit of a point light's position. */
const FAR = 1000;

/**
 * Deviations of the spherical harmonics: brightness and colour of the whole could as well be the skin's, so
 * they are held most tightly; then directions by their order.
 */
const HARMONIC_DEVIATIONS = [0.12, 0.35, 0.35, 0.35, 0.15, 0.15, 0.08, 0.15, 0.15];

const harmonics: LightParameters = {
  kind: "spherical-harmonics",
  neutral: Float32Array.from({ length: 27 }, (_, i) => (i < 3 ? 1 : 0)),
  precision: Float32Array.from(
    { length: 27 },
    (_, i) => 1 / HARMONIC_DEVIATIONS[Math.floor(i / 3)]! ** 2,
  ),
  tensors: (_, numbers) => ({
    kind: "spherical-harmonics",
    coefficients: reshape(numbers, [9, 3]),
  }),
  lighting: (numbers) => ({ kind: "spherical-harmonics", coefficients: Array.from(numbers) }),
};

/** Position, colour, ambient: method.md's nine numbers. */
const phong: LightParameters = {
  kind: "phong",
  neutral: Float32Array.of(0, 0.5, 1.5, 0.4, 0.4, 0.4, 0.65, 0.65, 0.65),
  precision: Float32Array.of(1, 1, 1, 25, 25, 25, 60, 60, 60),
  tensors: (_, numbers) => ({
    kind: "phong",
    position: mul(slice(numbers, [0], [3]), FAR),
    colour: slice(numbers, [3], [6]),
    ambient: slice(numbers, [6], [9]),
  }),
  lighting: (numbers) => {
    const three = (from: number) =>
      [numbers[from]!, numbers[from + 1]!, numbers[from + 2]!] as const;
    const [x, y, z] = three(0);
    return {
      kind: "phong",
      position: [FAR * x, FAR * y, FAR * z],
      colour: three(3),
      ambient: three(6),
      specular: 0,
      shininess: 1,
    };
  },
};

export function lightParameters(kind: Lighting["kind"]): LightParameters {
  return kind === "phong" ? phong : harmonics;
}
