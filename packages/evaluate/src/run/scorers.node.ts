/** Who scores what; each protocol's code is loaded when it is first needed. */
import type { Protocol, Score, ScoreTask } from "../score.js";

export type Scorer = (task: ScoreTask) => Promise<Score>;

const SCORERS: Readonly<Record<Protocol, () => Promise<Scorer>>> = {
  micc: async () => (await import("../micc/score-micc.node.js")).scoreMicc as Scorer,
  realy: async () => (await import("../realy/score-realy.node.js")).scoreRealy as Scorer,
  now: async () => (await import("../now/score-now.node.js")).scoreNow as Scorer,
  meshes: async () => (await import("../meshes/score-meshes.node.js")).scoreMeshes as Scorer,
};

export function scorerOf(protocol: Protocol): Promise<Scorer> {
  return SCORERS[protocol]();
}
