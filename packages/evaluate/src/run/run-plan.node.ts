/** A plan's tasks scored side by side, kept on the way. */

import type { KeptScore, Plan, Problem } from "../score.js";
import { type RunOptions, runJobs } from "./run-jobs.node.js";

export interface RunPlanOptions extends RunOptions {
  /** Folder of the report, where scores and pictures are kept. */
  readonly out: string;
  /** Millimetres at the end of the pictures' colour bar. */
  readonly most: number;
}

/**
 * @returns scores in the order of the tasks; the plan's problems and those that came up, in this order
 * @throws GanfitError `output`; the signal's reason
 */
export async function runPlan(
  { tasks, problems }: Plan,
  { out, most, ...options }: RunPlanOptions,
): Promise<{ scores: KeptScore[]; problems: Problem[] }> {
  const jobs = tasks.map((task) => ({ kind: "score" as const, task, out, most }));
  const results = await runJobs(jobs, options);
  const found = results.flatMap((result) => result ?? []);
  return {
    scores: found.filter((each): each is KeptScore => !("problem" in each)),
    problems: [...problems, ...found.filter((each): each is Problem => "problem" in each)],
  };
}
