/** Maps of one colour each, for tests of the trainer that take seconds. */
import { randomUniform } from "@ganfit/core";
import type { MapSource } from "../src/training/trainer.js";

export const COLOURS = [
  [0.85, 0.6, 0.45],
  [0.75, 0.7, 0.35],
  [0.8, 0.5, 0.4],
] as const;

export interface ConstantMaps {
  /** Texels with this confidence, in a pattern of columns; 1 everywhere where absent. */
  readonly confidence?: number;
  /** Numbers of a latent that come with every map; none where absent. */
  readonly latentSize?: number;
}

/** Where the trainer gets them from, at any size. */
export function constantMaps({ confidence = 1, latentSize = 0 }: ConstantMaps = {}) {
  return (size: number): MapSource => {
    const filled = (of: (channel: number) => number) =>
      Float32Array.from({ length: 3 * size * size }, (_, i) => of(i % 3));
    return {
      mean: {
        size,
        colour: filled((c) =>
          COLOURS.reduce((sum, colour) => sum + colour[c]! / COLOURS.length, 0),
        ),
      },
      next(seed) {
        const random = randomUniform(seed);
        const colour = COLOURS[Math.floor(random() * COLOURS.length)]!;
        const map = {
          colour: filled((c) => colour[c]!),
          confidence: Float32Array.from({ length: size * size }, (_, i) =>
            i % 2 ? 1 : confidence,
          ),
        };
        if (latentSize === 0) return map;
        return { ...map, latent: Float32Array.from({ length: latentSize }, () => random() - 0.5) };
      },
    };
  };
}
