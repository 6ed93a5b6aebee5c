/** One task from files to a kept score with its pictures; what a worker thread does. */
import { join } from "node:path";
import { encodePng, GanfitError, writeFolder } from "@ganfit/core";
import { drawErrorMap } from "../report/draw-error-map.js";
import { PICTURES } from "../report/report-folders.js";
import type { ErrorMap, KeptScore, Picture, Problem, ScoreTask } from "../score.js";
import { keepScore, readKeptScore } from "./kept-scores.node.js";
import { scoreKey } from "./score-key.node.js";
import { scorerOf } from "./scorers.node.js";

export interface ScoreJob {
  readonly task: ScoreTask;
  /** Folder of the report. */
  readonly out: string;
  /** Millimetres at the end of the pictures' colour bar. */
  readonly most: number;
}

/** Takes the kept score where nothing has changed since, and scores otherwise. What is wrong with the data is told. */
export async function scoreTask({ task, out, most }: ScoreJob): Promise<KeptScore | Problem> {
  const { system, subject } = task;
  try {
    const key = await scoreKey({ ...task, settings: { settings: task.settings, most } });
    const kept = await readKeptScore(out, key);
    if (kept) return kept;
    const { figures, pooled, errorMaps } = await (await scorerOf(task.protocol))(task);
    const pictures = await drawPictures(errorMaps, key, { out, most });
    const score = { system, subject, figures, pooled, pictures };
    await keepScore(out, key, score);
    return score;
  } catch (error) {
    if (error instanceof GanfitError && error.code !== "output") {
      return { system, subject, problem: error.message };
    }
    throw error;
  }
}

async function drawPictures(
  maps: readonly ErrorMap[],
  key: string,
  { out, most }: Pick<ScoreJob, "out" | "most">,
): Promise<Picture[]> {
  const pictures: Picture[] = [];
  const files = new Map<string, Uint8Array>();
  for (const [i, map] of maps.entries()) {
    const name = `${key.slice(0, 24)}-${i + 1}.png`;
    files.set(name, await encodePng(drawErrorMap(map, { most })));
    pictures.push({ title: map.title, file: `${PICTURES}/${name}` });
  }
  if (files.size > 0) await writeFolder(join(out, PICTURES), files);
  return pictures;
}
