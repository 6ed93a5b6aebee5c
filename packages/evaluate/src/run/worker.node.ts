/** What worker threads run, and the calling thread where it works alone. */
import { type Registration, registerScan } from "../micc/register-scan.node.js";
import type { KeptScore, Problem } from "../score.js";
import { type ScoreJob, scoreTask } from "./score-task.node.js";

export type Job =
  | ({ readonly kind: "score" } & ScoreJob)
  | ({ readonly kind: "register" } & { readonly registration: Registration });

export default async function work(job: Job): Promise<KeptScore | Problem | null> {
  if (job.kind === "score") return scoreTask(job);
  return registerScan(job.registration);
}
