// What the second rendering's views are drawn from: normal distributions (Gecer et al. 2019, section 3.3.1).

import type { Basis } from "../models/morphable-model.js";
import type { SphericalHarmonicsLighting } from "../render/lighting.js";
import { VIEW_STATISTICS } from "./view-statistics.js";

export interface DrawnView {
  /** One coefficient per expression mode. */
  readonly expression: Float32Array;
  /** Degrees: the head's turn to its left. */
  readonly yaw: number;
  /** Degrees: up. */
  readonly pitch: number;
  /** From the camera to the head, millimetres. */
  readonly distance: number;
  readonly lighting: SphericalHarmonicsLighting;
}

/** Standard deviations of the camera. */
const CAMERA = { yaw: 12, pitch: 7, distance: 1200, logDistance: 0.3 } as const;

/** Of modes of a normal prior, in its deviations: expressions of portraits are mild. */
const MILD = 0.4;

/** Blend shapes that portraits do not show, and those of names that only a model of one's own has. */
const AT_REST = { mean: 0, deviation: 0 };

/** Numbers that {@link drawView} takes. */
export function viewNumbers({ names }: Basis): number {
  return 3 + names.length + VIEW_STATISTICS.light.directions.length;
}

/**
 * A view. Expressions are those of portraits, by name of the blend shape, ARKit's; light is that of portraits;
 * the camera goes around the head further than portraits do, so that the sides of the face count too.
 *
 * @param numbers from N(0, 1), {@link viewNumbers} of them
 */
export function drawView(basis: Basis, numbers: ArrayLike<number>): DrawnView {
  const { expression: statistics, light } = VIEW_STATISTICS;
  let at = 3;
  const bounded = basis.prior === "unit-interval";
  const expression = Float32Array.from(basis.names, (name) => {
    const number = numbers[at++]!;
    if (!bounded) return MILD * number;
    const { mean, deviation } = statistics[name] ?? AT_REST;
    return Math.min(1, Math.max(0, mean + deviation * number));
  });
  const coefficients: number[] = [...light.mean];
  for (const direction of light.directions) {
    const number = numbers[at++]!;
    direction.forEach((value, i) => {
      coefficients[i]! += number * value;
    });
  }
  return {
    expression,
    yaw: CAMERA.yaw * numbers[0]!,
    pitch: CAMERA.pitch * numbers[1]!,
    distance: CAMERA.distance * Math.exp(CAMERA.logDistance * numbers[2]!),
    lighting: { kind: "spherical-harmonics", coefficients },
  };
}
