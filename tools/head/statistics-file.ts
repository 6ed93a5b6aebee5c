// What statistics.ts writes and build.ts reads: the mean and the modes of the head as coefficients of the
// base head's directions, so that building the head needs no photograph.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { GanfitError } from "../../packages/core/src/errors.js";
import type { BaseHead } from "./base-head.js";
import { combine } from "./pca.js";
import { priorDirections } from "./prior.js";

export const STATISTICS_FILE = fileURLToPath(new URL("statistics.json", import.meta.url));

const names = z.array(z.string());
const coefficients = z.array(z.number());

/** What the photographs taught, as coefficients of `priorDirections`. */
const statisticsSchema = z.object({
  /** Number of people that they were learnt from. */
  people: z.int().positive(),
  /** The directions that coefficients of symmetric modes, and of the mean, belong to. */
  symmetric: names,
  antisymmetric: names,
  /** Added to the base head's mean. */
  mean: coefficients,
  /** By falling variance in the face; each makes one standard deviation. */
  modes: z
    .array(
      z.object({
        name: z.string(),
        antisymmetric: z.boolean(),
        coefficients,
        /** Root mean square in the face, millimetres. */
        deviation: z.number().positive(),
      }),
    )
    .min(1),
});

export type Statistics = z.infer<typeof statisticsSchema>;

/** One line for each mode. */
export function formatStatistics({ modes, ...rest }: Statistics): string {
  const head = JSON.stringify(rest).slice(0, -1);
  return `${head},"modes":[\n${modes.map((mode) => JSON.stringify(mode)).join(",\n")}\n]}\n`;
}

export async function readStatistics(file = STATISTICS_FILE): Promise<Statistics> {
  return statisticsSchema.parse(JSON.parse(await readFile(file, "utf8")));
}

/** The mean head and identity modes that statistics describe. */
export function shapeStatistics(
  head: BaseHead,
  statistics: Statistics,
  modeCount = Number.POSITIVE_INFINITY,
) {
  const directions = new Map(
    priorDirections(head).map(({ name, displacement }) => [name, displacement]),
  );
  const fields = (wanted: readonly string[]) =>
    wanted.map((name) => {
      const field = directions.get(name);
      if (field) return field;
      throw new GanfitError(
        "model",
        `tools/head/statistics.json names ${name}, which is no direction of the base head: run tools/head/statistics.ts again.`,
      );
    });
  const symmetric = fields(statistics.symmetric);
  const antisymmetric = fields(statistics.antisymmetric);
  const shift = combine(symmetric, statistics.mean);
  const modes = statistics.modes.slice(0, modeCount);
  const displacements = new Float32Array(modes.length * head.mean.length);
  modes.forEach((mode, k) => {
    displacements.set(
      combine(mode.antisymmetric ? antisymmetric : symmetric, mode.coefficients),
      k * head.mean.length,
    );
  });
  return {
    mean: head.mean.map((value, i) => value + shift[i]!),
    names: modes.map(({ name }) => name),
    displacements,
  };
}
