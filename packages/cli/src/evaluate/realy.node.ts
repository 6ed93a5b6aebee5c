/** `ganfit evaluate realy`. */
import { join } from "node:path";
import { writeFolder } from "@ganfit/core";
import type { KeptScore, RealyView, SystemFolder } from "@ganfit/evaluate";
import { REALY_VIEWS } from "@ganfit/evaluate/choices";
import { Command, Option } from "commander";
import { defined } from "./defined.js";
import { parsePerSystem } from "./per-system.js";
import { labelled, type RunningOptions, scorePlan, withRunningOptions } from "./session.node.js";
import { withSystems } from "./systems.js";

interface RealyOptions extends RunningOptions {
  readonly system: readonly SystemFolder[];
  readonly topology: ReadonlyMap<string, string>;
  readonly mask?: ReadonlyMap<string, string>;
  readonly view: RealyView;
}

export function realyCommand(signal: AbortSignal): Command {
  const command = new Command("realy")
    .description("REALY: nose, mouth, forehead and cheek apart")
    .argument("<data>", "REALY's data folder: REALY_HIFI3D_keypoints, REALY_scan_region, ...")
    .requiredOption(
      "--topology <name>",
      "of the reconstructions: a name in the data folder (HIFI3D), or a path; system=name for one of several",
      parsePerSystem,
    )
    .option("--mask <file>", "0 or 1 for each vertex of the topology; system=file", parsePerSystem)
    .addOption(
      new Option("--view <name>", "which photos: <id>.obj or <id>_<k>.obj")
        .choices(REALY_VIEWS)
        .default("frontal"),
    );
  return withRunningOptions(withSystems(command)).action((data: string, options: RealyOptions) =>
    evaluateRealy(data, options, signal),
  );
}

async function evaluateRealy(
  data: string,
  { system, topology, mask, view, ...options }: RealyOptions,
  signal: AbortSignal,
): Promise<void> {
  const { planRealy, reportRealy } = await import("@ganfit/evaluate");
  const systems = system.map((each) => ({
    ...each,
    ...defined({
      topology: topology.get(each.name) ?? topology.get(""),
      mask: mask?.get(each.name) ?? mask?.get(""),
    }),
  }));
  const plan = await planRealy({ data, systems, view });
  let kept: readonly KeptScore[] = [];
  try {
    await scorePlan(
      plan,
      await labelled(data, (scores, problems) => {
        kept = scores;
        return reportRealy(scores, problems, { view });
      }),
      options,
      signal,
    );
  } finally {
    await writeErrorFiles(options.out, kept);
  }
}

/** REALY's own `REALY_error.txt` for each system, for those who have tools that read it. */
async function writeErrorFiles(out: string, scores: readonly KeptScore[]): Promise<void> {
  const { realyErrorText } = await import("@ganfit/evaluate");
  for (const name of new Set(scores.map(({ system }) => system))) {
    const text = realyErrorText(scores.filter(({ system }) => system === name));
    const folder = join(out, "realy-error", name.replace(/[^\w.-]/g, "_"));
    await writeFolder(folder, new Map([["REALY_error.txt", new TextEncoder().encode(text)]]));
  }
}
