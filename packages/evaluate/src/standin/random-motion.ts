/** Random similarities of space. */
import { randomNormals, randomUniform } from "@ganfit/core";
import { rotationOf } from "../geometry/similarity-algebra.js";
import type { Similarity3 } from "../geometry/similarity3.js";

export interface MotionRange {
  /** Largest angle, at most 180; the axis may be any. */
  readonly degrees: number;
  /** Largest shift along each axis, in the unit of the points. */
  readonly shift: number;
  /** Smallest and largest factor, log-uniform between them; 1 where not given. */
  readonly scale?: readonly [low: number, high: number];
}

/** A motion that the seed decides, about the origin. */
export function randomMotion(
  seed: number,
  { degrees, shift, scale: [low, high] = [1, 1] }: MotionRange,
): Similarity3 {
  const next = randomUniform(seed);
  const between = (least: number, most: number) => least + (most - least) * next();
  const angle = (between(-degrees, degrees) * Math.PI) / 180;
  const direction = Array.from(randomNormals(3, seed));
  const axis = direction.map((value) => value / Math.hypot(...direction));
  const translation = [0, 1, 2].map(() => between(-shift, shift)) as [number, number, number];
  return {
    scale: low * (high / low) ** next(),
    rotation: rotationOf(axis.map((value) => angle * value)),
    translation,
  };
}
