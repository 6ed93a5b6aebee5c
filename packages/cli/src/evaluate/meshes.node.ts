/** `ganfit evaluate meshes`. */
import type { MeshAlignment, SystemFolder } from "@ganfit/evaluate";
import { MESH_ALIGNMENTS } from "@ganfit/evaluate/choices";
import { Command, Option } from "commander";
import { integerWithin, numberWithin } from "../numbers.js";
import { defined } from "./defined.js";
import { type RunningOptions, scorePlan, withRunningOptions } from "./session.node.js";
import { withSystems } from "./systems.js";

interface MeshesOptions extends RunningOptions {
  readonly system: readonly SystemFolder[];
  readonly landmarks?: number;
  readonly align: MeshAlignment;
  readonly radius?: number;
  readonly unit: number;
}

export function meshesCommand(signal: AbortSignal): Command {
  const command = new Command("meshes")
    .description("any systems' meshes against any true ones, side by side")
    .argument("<truth>", "folder of true meshes: <name>.obj, .ply, .glb or .stl")
    .option(
      "--landmarks <count>",
      "points beside every mesh (<name>.ljson, .pts, .pp, .npy, .json, .txt); default: equal vertices correspond",
      integerWithin(3, 100_000),
    )
    .addOption(
      new Option("--align <motion>", "how a mesh may be moved on to the truth")
        .choices(MESH_ALIGNMENTS)
        .default("similarity"),
    )
    .option(
      "--radius <mm>",
      "measure so far around the nose tip, landmark 30 of 68; default: everything",
      numberWithin(1, 10_000),
    )
    .option("--unit <mm>", "a unit of all files", numberWithin(1e-6, 1e6), 1);
  return withRunningOptions(withSystems(command)).action((truth: string, options: MeshesOptions) =>
    evaluateMeshes(truth, options, signal),
  );
}

async function evaluateMeshes(
  truth: string,
  { system: systems, landmarks, align, radius, unit, ...options }: MeshesOptions,
  signal: AbortSignal,
): Promise<void> {
  const { planMeshes, reportMeshes } = await import("@ganfit/evaluate");
  const settings = { align, millimetresPerUnit: unit, ...defined({ radius }) };
  const plan = await planMeshes({ truth, systems, ...settings, ...defined({ landmarks }) });
  await scorePlan(
    plan,
    (scores, problems) => reportMeshes(scores, problems, settings),
    options,
    signal,
  );
}
