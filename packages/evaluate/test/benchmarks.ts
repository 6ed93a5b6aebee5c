/** Every benchmark on its stand-in, from the disk to the report, as the command runs it. */
import { join } from "node:path";
import {
  type BenchmarkReport,
  type KeptScore,
  makeMiccStandIn,
  makeNowStandIn,
  makeRealyStandIn,
  type Plan,
  type Problem,
  planMicc,
  planNow,
  planRealy,
  planRegistrations,
  reportMicc,
  reportNow,
  reportRealy,
  runJobs,
  runPlan,
  type StandInOptions,
  standInReport,
} from "../src/index.node.js";
import { STAND_IN_SYSTEMS } from "../src/standin/systems.js";

export interface Outcome {
  readonly scores: readonly KeptScore[];
  readonly problems: readonly Problem[];
  readonly report: BenchmarkReport;
}

/** @param systems of the stand-in; all where not given */
export type Benchmark = (
  folder: string,
  out: string,
  systems?: readonly string[],
) => Promise<Outcome>;

/** Of a stand-in, whose systems' errors are known. */
function systemsIn(folder: string, names: readonly string[]) {
  return names.map((name) => ({ name, folder: join(folder, "systems", name) }));
}

export const miccOnStandIn: Benchmark = async (folder, out, systems = STAND_IN_SYSTEMS) => {
  const files = {
    data: join(folder, "dataset"),
    landmarks: join(folder, "landmarks"),
    template: join(folder, "template.obj"),
    templateIds: join(folder, "landmark_ids.json"),
    registered: join(out, "registered"),
  };
  const { registrations, problems } = await planRegistrations(files);
  const jobs = registrations.map((registration) => ({ kind: "register" as const, registration }));
  const registered = await runJobs(jobs, { threads: 1 });
  const unregistered = registered.flatMap((each) => (each && "problem" in each ? each : []));
  const plan = await planMicc({
    ...files,
    protocol: "ganfit",
    systems: systemsIn(folder, systems),
  });
  const all = { ...plan, problems: [...problems, ...unregistered, ...plan.problems] };
  return scored(all, out, (scores, found) => reportMicc(scores, found, { protocol: "ganfit" }));
};

export const deep3dOnStandIn: Benchmark = async (folder, out, systems = STAND_IN_SYSTEMS) => {
  const plan = await planMicc({
    data: join(folder, "dataset"),
    landmarks: join(folder, "landmarks"),
    template: join(folder, "template.obj"),
    templateIds: join(folder, "landmark_ids.json"),
    protocol: "deep3d",
    systems: systemsIn(folder, systems),
  });
  return scored(plan, out, (scores, found) => reportMicc(scores, found, { protocol: "deep3d" }));
};

export const realyOnStandIn: Benchmark = async (folder, out, systems = STAND_IN_SYSTEMS) => {
  const plan = await planRealy({
    data: folder,
    systems: systemsIn(folder, systems),
    topology: "GANFIT",
  });
  return scored(plan, out, (scores, found) => reportRealy(scores, found, { view: "frontal" }));
};

export const nowOnStandIn: Benchmark = async (folder, out, systems = STAND_IN_SYSTEMS) => {
  const plan = await planNow({ data: folder, systems: systemsIn(folder, systems) });
  return scored(plan, out, (scores, found) => reportNow(scores, found, { set: "validation" }));
};

export const STAND_INS: Readonly<
  Record<"micc" | "realy" | "now", (folder: string, options: StandInOptions) => Promise<void>>
> = { micc: makeMiccStandIn, realy: makeRealyStandIn, now: makeNowStandIn };

async function scored(
  plan: Plan,
  out: string,
  toReport: (scores: readonly KeptScore[], problems: readonly Problem[]) => BenchmarkReport,
): Promise<Outcome> {
  const { scores, problems } = await runPlan(plan, { out, most: 5, threads: 1 });
  return { scores, problems, report: standInReport(toReport(scores, problems)) };
}

/** A system's row of a report's first table, by column. */
export function rowOf(
  { tables: [table] }: BenchmarkReport,
  system: string,
): Record<string, string | number | null> {
  const row = table!.rows.find(([name]) => name === system)!;
  return Object.fromEntries(table!.columns.map(({ name }, i) => [name, row[i] ?? null]));
}
