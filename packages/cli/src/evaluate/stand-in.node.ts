/** `ganfit evaluate stand-in`. */
import type { StandInOptions } from "@ganfit/evaluate";
import { STAND_IN_DEFAULTS } from "@ganfit/evaluate/choices";
import { Argument, Command } from "commander";
import { integerWithin, numberWithin, wholeNumber } from "../numbers.js";
import { createProgress } from "../progress.node.js";
import { defined } from "./defined.js";

interface Options {
  readonly out: string;
  readonly seed: number;
  readonly subjects: number;
  readonly vertices: number;
  readonly noise?: number;
  readonly photos?: boolean;
  readonly quiet?: boolean;
}

type Make = (folder: string, options: StandInOptions) => Promise<void>;

const KINDS: Readonly<Record<string, () => Promise<Make>>> = {
  micc: async () => (await import("@ganfit/evaluate")).makeMiccStandIn,
  realy: async () => (await import("@ganfit/evaluate")).makeRealyStandIn,
  now: async () => (await import("@ganfit/evaluate")).makeNowStandIn,
};

export function standInCommand(signal: AbortSignal): Command {
  return new Command("stand-in")
    .description(
      "makes scans, photos and reconstructions in a benchmark's layout, from random heads",
    )
    .addArgument(new Argument("<benchmark>", "whose layout").choices(Object.keys(KINDS)))
    .requiredOption("-o, --out <folder>", "absent or empty")
    .option("--seed <number>", "of all that is random", wholeNumber, 0)
    .option("--subjects <count>", "people", integerWithin(1, 999), 3)
    .option(
      "--vertices <count>",
      "of each scan before something is cut away",
      integerWithin(1000, 500_000),
      STAND_IN_DEFAULTS.vertices,
    )
    .option("--noise <mm>", "of the scans, along their normals", numberWithin(0, 5))
    .option("--photos", "render photos too, some seconds each")
    .option("-q, --quiet", "print nothing but errors")
    .action((kind: string, options: Options) => makeStandIn(kind, options, signal));
}

async function makeStandIn(
  kind: string,
  { out, noise, quiet, ...options }: Options,
  signal: AbortSignal,
): Promise<void> {
  const progress = createProgress();
  try {
    const make = await KINDS[kind]!();
    await make(out, {
      ...options,
      ...defined({ noise }),
      signal,
      onProgress: (done, total) => {
        if (!quiet) progress.share("making subjects", done, total);
      },
    });
  } finally {
    progress.stop();
  }
  if (!quiet)
    process.stderr.write(
      `${out}: ${options.subjects} ${options.subjects === 1 ? "subject" : "subjects"}, truth in truth.json\n`,
    );
}
