/** What there is to be scored in the folders of the NoW benchmark. */
import { join } from "node:path";
import { GanfitError } from "@ganfit/core";
import { firstFile, namesIfAny, needFolder } from "../files/folders.node.js";
import { readText } from "../files/read-text.node.js";
import type { Plan, Problem, ScoreTask, SystemFolder } from "../score.js";
import {
  type ListedPhoto,
  type NowChallenge,
  type NowPhoto,
  parseImageList,
  photoPath,
} from "./image-list.js";
import type { MetricalUnit, NowSet, NowSettings } from "./now-settings.js";

export interface NowPlanOptions {
  /** Holds `scans/<subject>/*.obj`, `scans_lmks_onlypp/<subject>/*.pp` and the lists of photos. */
  readonly data: string;
  /** Folders of `<subject>/<challenge>/<photo>.obj` or `.ply`, with landmarks in `.npy` or `.txt` beside them. */
  readonly systems: readonly SystemFolder[];
  /** Chooses the list, `imagepathsvalidation.txt` (default) or `imagepathstest.txt`. */
  readonly set?: NowSet;
  /** Another list of photos. */
  readonly imageList?: string;
  /** Only this one; all by default. */
  readonly challenge?: NowChallenge;
  /** For the metrical variant: of the reconstructions. */
  readonly unit?: MetricalUnit;
}

/** Path of the list of photos of a set. */
function imageListOf(data: string, set: NowSet): string {
  return join(data, `imagepaths${set}.txt`);
}

/**
 * Looks for scan, reconstruction and landmarks of each photo of the list. What a photo lacks is a problem; it is not
 * scored, as in now_evaluation, which counts it as missing.
 *
 * @throws GanfitError `data` where a folder or the list is absent or the list is wrong
 */
export async function planNow(options: NowPlanOptions): Promise<Plan<NowSettings>> {
  const { data, systems, set = "validation", challenge, unit = null } = options;
  const scans = join(data, "scans");
  const landmarks = join(data, "scans_lmks_onlypp");
  await needFolder(scans, "the scans of the NoW benchmark");
  await needFolder(landmarks, "the landmarks of the NoW benchmark's scans");
  for (const { name, folder } of systems)
    await needFolder(folder, `the reconstructions of ${name}`);
  const listed = await readImageList(options.imageList ?? imageListOf(data, set));
  const photos = listed.filter((photo) => challenge === undefined || photo.challenge === challenge);
  if (photos.length === 0) {
    throw new GanfitError("data", `The list of photos holds none of the challenge ${challenge}.`);
  }
  const truths = new Map<string, Truth | string>();
  for (const { subject } of photos) {
    if (truths.has(subject)) continue;
    truths.set(subject, await truthOf(join(scans, subject), join(landmarks, subject)));
  }
  const tasks: ScoreTask<NowSettings>[] = [];
  const problems: Problem[] = [];
  for (const { name: system, folder } of systems) {
    for (const photo of photos) {
      const subject = photoPath(photo);
      const truth = truths.get(photo.subject)!;
      const prediction = typeof truth === "string" ? truth : await predictionOf(folder, photo);
      if (typeof truth === "string" || typeof prediction === "string") {
        problems.push({ system, subject, problem: String(prediction) });
        continue;
      }
      const files = [truth.scan, truth.landmarks, prediction.mesh, prediction.landmarks];
      const settings: NowSettings = { challenge: photo.challenge, unit };
      tasks.push({ protocol: "now", system, subject, files, settings });
    }
  }
  return { tasks, problems };
}

/** @throws GanfitError `data` */
export async function readImageList(path: string): Promise<ListedPhoto[]> {
  return parseImageList(await readText(path), path);
}

interface Truth {
  readonly scan: string;
  readonly landmarks: string;
}

/** The subject's scan and landmarks, or what is wrong with them. Each folder's first file counts. */
async function truthOf(scans: string, landmarks: string): Promise<Truth | string> {
  const scan = await firstOf(scans, ".obj");
  if (scan === null) return `The scan is missing: there is no .obj file in ${scans}.`;
  const points = await firstOf(landmarks, ".pp");
  if (points === null) {
    return `The scan's landmarks are missing: there is no .pp file in ${landmarks}.`;
  }
  return { scan, landmarks: points };
}

/** The reconstruction and its landmarks, or what is missing. */
export async function predictionOf(
  folder: string,
  photo: NowPhoto,
): Promise<{ readonly mesh: string; readonly landmarks: string } | string> {
  const stem = join(folder, ...photoPath(photo).split("/"));
  const mesh = await firstFile([`${stem}.obj`, `${stem}.ply`]);
  if (mesh === null) return `The reconstruction is missing: there is no ${stem}.obj or .ply.`;
  const landmarks = await firstFile([`${stem}.npy`, `${stem}.txt`]);
  if (landmarks === null) {
    return `The reconstruction's landmarks are missing: there is no ${stem}.npy or .txt.`;
  }
  return { mesh, landmarks };
}

async function firstOf(folder: string, ending: string): Promise<string | null> {
  const names = (await namesIfAny(folder)) ?? [];
  const name = names.find((each) => each.endsWith(ending) && !each.startsWith("."));
  return name === undefined ? null : join(folder, name);
}
