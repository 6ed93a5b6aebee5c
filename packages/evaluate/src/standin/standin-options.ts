import { GanfitError } from "@ganfit/core";

/** What all stand-ins are made by. The same options give the same bytes. */
export interface StandInOptions {
  readonly seed: number;
  readonly subjects: number;
  /**
   * Of each scan before something is cut away; default 50,000, as real ones have it. There are a few hundred at
   * least: the triangles that landmarks lie on stay.
   */
  readonly vertices?: number;
  /** Standard deviation along the normals of the scans' noise, millimetres; each stand-in has its default. */
  readonly noise?: number;
  /** Whether photographs are rendered, seconds each; default false. */
  readonly photos?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told of each subject when its files are written. */
  readonly onProgress?: (done: number, total: number) => void;
}

export const STAND_IN_DEFAULTS = { vertices: 50_000, photos: false } as const;

const MOST_SUBJECTS = 999;
const MOST_VERTICES = 500_000;
/** Noisier surfaces fold. */
const MOST_NOISE = 5;

/** @throws GanfitError `usage` where a number makes no sense */
export function checkStandInOptions(options: StandInOptions): void {
  const { seed, subjects, vertices = STAND_IN_DEFAULTS.vertices, noise = 0 } = options;
  const whole = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  if (!whole(seed, 0, Number.MAX_SAFE_INTEGER)) {
    throw new GanfitError("usage", `The seed of a stand-in is a whole number from 0, not ${seed}.`);
  }
  if (!whole(subjects, 1, MOST_SUBJECTS)) {
    throw new GanfitError(
      "usage",
      `A stand-in has 1 to ${MOST_SUBJECTS} subjects, not ${subjects}.`,
    );
  }
  if (!whole(vertices, 1, MOST_VERTICES)) {
    throw new GanfitError(
      "usage",
      `A stand-in's scans have at most ${MOST_VERTICES} vertices, not ${vertices}.`,
    );
  }
  if (!(noise >= 0 && noise <= MOST_NOISE)) {
    throw new GanfitError("usage", `Scans have noise of 0 to ${MOST_NOISE} mm, not ${noise}.`);
  }
}
