import type { ErrorCode } from "@ganfit/core";

/** What the command's exit code says; `ganfit --help` prints this table. */
export const EXIT_CODES = {
  ok: 0,
  internal: 1,
  usage: 2,
  image: 3,
  "no-face": 4,
  "several-faces": 4,
  "face-cut": 4,
  model: 5,
  network: 6,
  output: 7,
  download: 8,
  some: 9,
  report: 10,
  data: 11,
  cancelled: 130,
} as const satisfies Record<ErrorCode | "ok" | "internal" | "some", number>;

export const EXIT_CODES_HELP = `
Exit codes:
  0    done
  1    a defect in ganfit
  2    an option or argument makes no sense
  3    a picture or video cannot be read
  4    a picture shows no face, several without saying which is meant, or only part of one
  5    a shape model is wrong, truncated, unknown or missing
  6    a network's or texture generator's file is wrong
  7    a result cannot be written
  8    a file could not be fetched
  9    of several photos, subjects or meshes some could not be used, or a photo shows somebody else
  10   a fit.json is wrong, or was made with another model or generator
  11   a benchmark's meshes, landmarks, photos or list are missing or wrong
  130  interrupted`;

/** Ends the command with an exit code when everything there is to say has been said. */
export class Exit extends Error {
  override readonly name = "Exit";

  constructor(readonly exitCode: number) {
    super(`exit code ${exitCode}`);
  }
}
