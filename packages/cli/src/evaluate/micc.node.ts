/** `ganfit evaluate micc`. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { requireFolder } from "@ganfit/core";
import type { MiccProtocol, Problem, RegistrationOptions, SystemFolder } from "@ganfit/evaluate";
import { MICC_PROTOCOLS } from "@ganfit/evaluate/choices";
import { Command, Option } from "commander";
import { numberWithin } from "../numbers.js";
import { createProgress } from "../progress.node.js";
import { labelled, type RunningOptions, scorePlan, withRunningOptions } from "./session.node.js";
import { withSystems } from "./systems.js";

interface MiccOptions extends RunningOptions {
  readonly system: readonly SystemFolder[];
  readonly landmarks: string;
  readonly template: string;
  readonly templateIds: string;
  readonly registered?: string;
  readonly protocol: MiccProtocol;
  /** Millimetres. */
  readonly forehead?: number;
  readonly templateUnit: number;
  readonly systemUnit: number;
  readonly scanUnit: number;
}

export function miccCommand(signal: AbortSignal): Command {
  const unit = numberWithin(1e-6, 1e6);
  const command = new Command("micc")
    .description("MICC Florence, as GANFIT's authors measure, or as Deep3D's do")
    .argument("<scans>", "folder with subject_NN/Model/frontal1/obj/*.obj and frontal2")
    .requiredOption("--landmarks <folder>", "68 points of each scan, .ljson in the same layout")
    .requiredOption("--template <file>", "the mesh that scans are registered to")
    .requiredOption(
      "--template-ids <file>",
      "its 68 vertices that are the landmarks (.pkl, .json, .txt)",
    )
    .option("--registered <folder>", "registered scans, made where absent; default: OUT/registered")
    .addOption(
      new Option("--protocol <name>", "whose rules").choices(MICC_PROTOCOLS).default("ganfit"),
    )
    .option(
      "--forehead <mm>",
      "deep3d: cuts the scan so far above the brows; default: it does not",
      numberWithin(-200, 500),
    )
    .option(
      "--template-unit <mm>",
      "a unit of the template, which the authors' has 100 of",
      unit,
      1,
    )
    .option("--system-unit <mm>", "a unit of the reconstructions", unit, 1)
    .option("--scan-unit <mm>", "a unit of the scans", unit, 1);
  return withRunningOptions(withSystems(command)).action((scans: string, options: MiccOptions) =>
    evaluateMicc(scans, options, signal),
  );
}

async function evaluateMicc(
  data: string,
  { system: systems, ...options }: MiccOptions,
  signal: AbortSignal,
): Promise<void> {
  const { planMicc, reportMicc } = await import("@ganfit/evaluate");
  const { landmarks, template, templateIds, protocol, forehead, out } = options;
  await requireFolder(out);
  const registered = options.registered ?? join(out, "registered");
  const files = { data, landmarks, template, templateIds };
  const problems =
    protocol === "ganfit" ? await registerScans({ ...files, registered }, options, signal) : [];
  const { templateUnit, systemUnit, scanUnit } = options;
  const plan = await planMicc({
    ...files,
    registered,
    protocol,
    forehead,
    systems,
    millimetresPerUnit: { template: templateUnit, systems: systemUnit, scans: scanUnit },
  });
  await scorePlan(
    { ...plan, problems: [...problems, ...plan.problems] },
    await labelled(data, (scores, found) => reportMicc(scores, found, { protocol, forehead })),
    options,
    signal,
  );
}

async function registerScans(
  files: RegistrationOptions,
  { quiet, threads = availableParallelism() }: RunningOptions,
  signal: AbortSignal,
): Promise<Problem[]> {
  const { planRegistrations, runJobs } = await import("@ganfit/evaluate");
  const { registrations, problems } = await planRegistrations(files);
  const jobs = registrations.map((registration) => ({ kind: "register" as const, registration }));
  const progress = createProgress();
  try {
    const results = await runJobs(jobs, {
      threads,
      signal,
      onProgress: (done, total) => {
        if (!quiet) progress.share("registering scans", done, total);
      },
    });
    const found = results.flatMap((result) => (result && "problem" in result ? result : []));
    return [...problems, ...found];
  } finally {
    progress.stop();
  }
}
