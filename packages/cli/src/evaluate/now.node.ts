/** `ganfit evaluate now`. */
import { basename } from "node:path";
import type { MetricalUnit, NowChallenge, NowSet, SystemFolder } from "@ganfit/evaluate";
import { METRICAL_UNITS, NOW_CHALLENGES, NOW_SETS } from "@ganfit/evaluate/choices";
import { Command, Option } from "commander";
import { defined } from "./defined.js";
import { labelled, type RunningOptions, scorePlan, withRunningOptions } from "./session.node.js";
import { withSystems } from "./systems.js";

interface NowOptions extends RunningOptions {
  readonly system: readonly SystemFolder[];
  readonly set: NowSet;
  readonly list?: string;
  readonly challenge?: NowChallenge;
  readonly metrical?: MetricalUnit;
}

export function nowCommand(signal: AbortSignal): Command {
  const command = new Command("now")
    .description("NoW: distances of scans to neutral heads, pooled over photos")
    .argument("<data>", "NoW's folder: scans, scans_lmks_onlypp, imagepathsvalidation.txt")
    .addOption(
      new Option("--set <name>", "which of its lists of photos")
        .choices(NOW_SETS)
        .default("validation"),
    )
    .option("--list <file>", "another list of photos")
    .addOption(new Option("--challenge <name>", "this one alone").choices(NOW_CHALLENGES))
    .addOption(
      new Option(
        "--metrical <unit>",
        "the metrical variant: a unit of the reconstructions",
      ).choices(METRICAL_UNITS),
    );
  return withRunningOptions(withSystems(command)).action((data: string, options: NowOptions) =>
    evaluateNow(data, options, signal),
  );
}

async function evaluateNow(
  data: string,
  { system: systems, set, list, challenge, metrical: unit, ...options }: NowOptions,
  signal: AbortSignal,
): Promise<void> {
  const { planNow, reportNow } = await import("@ganfit/evaluate");
  const plan = await planNow({
    data,
    systems,
    set,
    ...defined({ imageList: list, challenge, unit }),
  });
  const told = {
    set: list === undefined ? set : basename(list),
    ...defined({ unit }),
  };
  await scorePlan(
    plan,
    await labelled(data, (scores, problems) => reportNow(scores, problems, told)),
    options,
    signal,
  );
}
