/** Whether heads are recognised as their person among strangers: the pairs of Labeled Faces in the Wild. */
import { join } from "node:path";
import { GanfitError, requireFolder } from "@ganfit/core";
import type { Judge } from "../photos/judge.js";
import { KeptWork } from "../photos/kept-work.node.js";
import type { PhotoTools } from "../photos/photo-tools.js";
import { isAboutPicture } from "../photos/picture-problems.js";
import { decodePhoto, readPhotoBytes } from "../photos/read-photo.node.js";
import type { Texture } from "../photos/textures.js";
import { writePicture } from "../photos/write-picture.node.js";
import type { BenchmarkReport, SubjectRow } from "../report/report.js";
import { WORK } from "../report/report-folders.js";
import type { Problem } from "../score.js";
import {
  keptFeatures,
  LFW_FEATURES_SCHEMA,
  type LfwFeatures,
  measureLfwPhoto,
} from "./lfw-features.js";
import { findPhotos, readPairs } from "./lfw-folder.node.js";
import { type LfwPair, type LfwPairs, photoName } from "./pairs.js";
import { reportLfw } from "./report-lfw.js";

export interface LfwOptions {
  /** Folder of the people's folders, or of `lfw`, `lfw-deepfunneled` or `lfw_funneled`. */
  readonly data: string;
  /** The list of pairs; `pairs.txt` in the data where absent. */
  readonly pairs?: string | undefined;
  /** The report's folder: `work` and `pictures` in it are written. */
  readonly out: string;
  /** Default `generated`: on its own photo, a head in the photo's own skin is the photo. */
  readonly texture?: Texture;
  /** Only so many folds, the first. */
  readonly folds?: number | undefined;
  /** Only so many pairs of each kind in every fold, the first. */
  readonly limit?: number | undefined;
  /** Name in the report; default `ganfit`. */
  readonly system?: string;
  /** Whether the judge may be the network that heads are fitted with, whose figures flatter them. */
  readonly allowSameNetwork?: boolean;
  /** Of how many pairs pictures are written, the worst; default 40. */
  readonly pictures?: number;
  /** Side of each picture, pixels; default 160. */
  readonly pictureSize?: number;
}

/**
 * Fits a head to each photo that occurs in the pairs, and compares pictures of it with the other photo of the pair.
 * What was measured is kept in `<out>/work`: a run that was interrupted goes on where it was.
 *
 * @throws GanfitError `usage` where the judge is the network that heads are fitted with, or an option makes no sense;
 *   `data` where the list or all photos are missing; `output`, `model`, `network`; the signal's reason. Photos that
 *   are missing, cannot be read or have no face are problems in the report
 */
export async function evaluateLfw(
  options: LfwOptions,
  tools: PhotoTools,
): Promise<BenchmarkReport> {
  const {
    data,
    out,
    texture = "generated",
    system = "ganfit",
    pictures = 40,
    pictureSize = 160,
  } = options;
  const { fitter, judge } = tools;
  requireOtherNetwork(judge, options);
  await requireFolder(out);
  const list = await readPairs(options.pairs ?? join(data, "pairs.txt"));
  const chosen = choosePairs(list, options);
  const { paths, missing } = await findPhotos(data, chosen);
  const problems: Problem[] = [
    ...list.problems.map((problem) => ({ system, subject: "pairs", problem })),
    ...[...missing].map(([subject, problem]) => ({ system, subject, problem })),
  ];
  const run: Run = { ...tools, texture, pictureSize, work: new KeptWork(join(out, WORK)) };
  const features = new Map<string, LfwFeatures>();
  const keys = new Map<string, string>();
  let done = 0;
  for (const [name, path] of paths) {
    tools.signal?.throwIfAborted();
    const result = await measureFile(name, path, run);
    done++;
    const sentences = "problem" in result ? [result.problem] : result.features.problems;
    problems.push(...sentences.map((problem) => ({ system, subject: name, problem })));
    if (!("problem" in result)) {
      features.set(name, result.features);
      keys.set(name, result.key);
    }
    const kept = !("problem" in result) && result.kept;
    const told = sentences[0] === undefined ? {} : { problem: sentences[0] };
    tools.onProgress?.({ done, total: paths.size, name, kept, ...told });
  }
  const pairs = chosen.filter(({ first, second }) =>
    [first, second].every((photo) => features.has(photoName(photo))),
  );
  if (pairs.length === 0) {
    throw new GanfitError("data", `${data} has both photos of none of the pairs.`);
  }
  const report = reportLfw({
    system,
    pairs,
    features,
    problems,
    texture,
    judge,
    fitter: fitter.description,
    choice: choiceOf(pairs.length, list, options),
    pictures,
  });
  await writePictures(report.subjects, keys, run.work, out);
  return report;
}

function requireOtherNetwork(judge: Judge, { allowSameNetwork = false }: LfwOptions): void {
  if (!judge.fittedWith || allowSameNetwork) return;
  throw new GanfitError(
    "usage",
    `Heads are fitted with the network ${judge.name}, which cannot judge them as well: give the description of another ` +
      "recognition network as the judge, or allow the same one, whose figures flatter.",
  );
}

function choosePairs({ folds, pairsPerFold, pairs }: LfwPairs, options: LfwOptions): LfwPair[] {
  for (const [name, value, most] of [
    ["folds", options.folds, folds],
    ["limit", options.limit, pairsPerFold],
  ] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new GanfitError(
        "usage",
        `The option ${name} must be a whole number from 1 to ${most}, but is ${value}.`,
      );
    }
  }
  return pairs.filter(
    ({ fold, place }) => fold < (options.folds ?? folds) && place < (options.limit ?? pairsPerFold),
  );
}

function choiceOf(
  compared: number,
  { folds, pairsPerFold }: LfwPairs,
  { folds: wanted = folds, limit = pairsPerFold }: LfwOptions,
): string {
  const all = 2 * folds * pairsPerFold;
  return wanted >= folds && limit >= pairsPerFold
    ? `${compared} of the list's ${all} pairs, in ${folds} folds.`
    : `A PART OF THE BENCHMARK: ${compared} of the list's ${all} pairs, the first ${Math.min(limit, pairsPerFold)} of each ` +
        `kind in the first ${Math.min(wanted, folds)} of ${folds} folds.`;
}

interface Run extends PhotoTools {
  readonly texture: Texture;
  readonly pictureSize: number;
  readonly work: KeptWork;
}

const STRIP = "strip";

/** Measures a photo, or finds what was kept of it; a sentence where it cannot be read. */
async function measureFile(
  name: string,
  path: string,
  { fitter, judge, texture, pictureSize, work, signal }: Run,
): Promise<{ features: LfwFeatures; key: string; kept: boolean } | { problem: string }> {
  try {
    const photo = await readPhotoBytes(path, `${name}.jpg`);
    const key = await work.key({
      what: "lfw",
      photo: photo.sha256,
      fitter: fitter.key,
      judge: judge.sha256,
      texture,
      pictureSize,
    });
    const known = await work.read(key, LFW_FEATURES_SCHEMA, [STRIP]);
    if (known) return { features: known, key, kept: true };
    const decoded = await decodePhoto(photo);
    const { features, strip } = await measureLfwPhoto(decoded, {
      fitter,
      judge,
      texture,
      pictureSize,
      signal,
    });
    await work.keep(key, keptFeatures(features), new Map([[STRIP, strip]]));
    return { features, key, kept: false };
  } catch (error) {
    if (signal?.aborted || !isAboutPicture(error)) throw error;
    return { problem: error.message };
  }
}

/** Copies what was kept to where the report has it. */
async function writePictures(
  rows: readonly SubjectRow[],
  keys: ReadonlyMap<string, string>,
  work: KeptWork,
  out: string,
): Promise<void> {
  const files = new Map(
    rows.flatMap(({ pictures }) => pictures.map(({ title, file }) => [file, title] as const)),
  );
  for (const [file, photo] of files) {
    await writePicture(out, file, await work.picture(keys.get(photo)!, STRIP));
  }
}
