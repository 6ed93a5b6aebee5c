/** `ganfit fit`: photos or a video in, textured heads out. */
import { basename } from "node:path";
import {
  type FitReport,
  findFace,
  GanfitError,
  loadFitModels,
  requireFolder,
  type VideoFrame,
} from "@ganfit/core";
import { Command } from "commander";
import { chosenDevice } from "../device-options.node.js";
import { EXIT_CODES, Exit } from "../exit-codes.js";
import { exitCodeOf, type Failure, failureOf } from "../fit/failures.js";
import { type FitSession, type FittedHead, fitHead, otherPerson } from "../fit/fit-head.node.js";
import { foldersOf } from "../fit/folders.js";
import { type FitCommandOptions, withFitOptions } from "../fit/options.js";
import { type PhotoInput, readPhoto } from "../fit/photo-input.node.js";
import { createReporter, type FitReporter, SILENT } from "../fit/progress.node.js";
import { framesOf, readFrames } from "../fit/video.node.js";
import { printJson, sentenceOf } from "../print.node.js";
import { versions } from "../version.node.js";

export function fitCommand(signal: AbortSignal): Command {
  const command = new Command("fit")
    .description("makes a textured 3D head of the face in a photo, in several, or in a video")
    .action((photos: string[], options: FitCommandOptions) => fitAll(photos, options, signal));
  return withFitOptions(command);
}

async function fitAll(
  photos: readonly string[],
  options: FitCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const { video, out, samePerson } = options;
  requireInput(photos, options);
  const reporter = options.quiet ? SILENT : createReporter();
  const onePerson = video !== undefined || (samePerson === true && photos.length > 1);
  const folders = onePerson ? [out] : foldersOf(photos, out);
  try {
    for (const folder of folders) await requireFolder(folder);
    // What cannot be read is told of at once where there is nothing else; of several photos, when its turn comes.
    const first = photos.length === 1 ? await readPhoto(photos[0]!, reporter) : null;
    const frames = video === undefined ? [] : await readFrames(video, { reporter, signal });
    const network = await chosenDevice(options, signal, reporter.say);
    reporter.stage("loading the model and networks");
    const models = await loadFitModels(options, { ...network, signal });
    try {
      const session = { models, network, options, versions: await versions(), reporter, signal };
      if (video !== undefined) await fitVideo(video, frames, session);
      else if (onePerson) await fitOnePerson(photos, session);
      else await fitEach(photos, first, folders, session);
    } finally {
      await models.dispose();
    }
  } finally {
    reporter.stop();
  }
}

function requireInput(photos: readonly string[], { video }: FitCommandOptions): void {
  if (photos.length === 0 && video === undefined) {
    throw new GanfitError("usage", "Say which photo to fit, or which video: --video <file>.");
  }
  if (photos.length > 0 && video !== undefined) {
    throw new GanfitError("usage", "Give photos or --video, not both.");
  }
}

/** A head for each photo. */
async function fitEach(
  photos: readonly string[],
  first: PhotoInput | null,
  folders: readonly string[],
  session: FitSession,
): Promise<void> {
  const { options, reporter, signal } = session;
  const results: (FitReport | Failure)[] = [];
  for (const [i, path] of photos.entries()) {
    try {
      const photo = first ?? (await readPhoto(path, reporter));
      const fitted = await fitHead([photo], folders[i]!, session, null);
      results.push(fitted.report);
      tellDone(path, fitted, session);
    } catch (error) {
      if (photos.length === 1 || signal.aborted) throw error;
      tellProblem(sentenceOf(error), reporter);
      results.push(failureOf(path, error));
    }
  }
  if (options.json) printJson(photos.length === 1 ? results[0] : results);
  const failures = results.filter((result) => "error" in result);
  if (failures.length > 0) throw new Exit(exitCodeOf(failures, photos.length));
}

/** One head of all photos; those that show no face, or somebody else, are told of and left out. */
async function fitOnePerson(paths: readonly string[], session: FitSession): Promise<void> {
  const { models, options, reporter, signal } = session;
  const photos: PhotoInput[] = [];
  const failures: Failure[] = [];
  for (const path of paths) {
    signal.throwIfAborted();
    try {
      const photo = await readPhoto(path, reporter);
      const found = await findFace(photo.image, models.faces, { index: options.face, name: path });
      photos.push({ ...photo, found });
    } catch (error) {
      if (signal.aborted) throw error;
      tellProblem(sentenceOf(error), reporter);
      failures.push(failureOf(path, error));
    }
  }
  if (photos.length === 0) throw new Exit(exitCodeOf(failures, paths.length));
  const problems = failures.map(({ photo, error }) => ({
    name: photo.name,
    report: null,
    problem: error,
  }));
  const name = `${photos.length} photos`;
  const fitted = await fitHead(photos, options.out, session, { name, problems });
  tellOutliers(photos, fitted, reporter);
  tellDone(name, fitted, session);
  if (options.json) printJson(fitted.report);
  if (failures.length + fitted.outliers.length > 0) throw new Exit(EXIT_CODES.some);
}

/** One head of a video's best frames; that others are left alone is no failure. */
async function fitVideo(
  video: string,
  frames: readonly VideoFrame[],
  session: FitSession,
): Promise<void> {
  const { options, reporter } = session;
  const photos = await framesOf(video, frames, session);
  const name = basename(video);
  const times = photos.map(({ seconds }) => seconds!.toFixed(2)).join(", ");
  reporter.say(`${name}: fitting to the frames at ${times} s`);
  const fitted = await fitHead(photos, options.out, session, {
    name,
    problems: [],
    video: { name },
  });
  tellOutliers(photos, fitted, reporter);
  tellDone(video, fitted, session);
  if (options.json) printJson(fitted.report);
}

function tellDone(
  what: string,
  { report, paths }: FittedHead,
  { options, reporter }: FitSession,
): void {
  const error = (100 * report.landmarkError.final).toFixed(1);
  reporter.say(`${what}: done, landmarks off by ${error} % of the distance between the pupils`);
  if (!options.json && !options.quiet) process.stdout.write(`${paths.join("\n")}\n`);
}

function tellOutliers(
  photos: readonly PhotoInput[],
  { outliers }: FittedHead,
  reporter: FitReporter,
): void {
  for (const outlier of outliers) {
    tellProblem(`${photos[outlier.photo]!.path}: ${otherPerson(outlier)}.`, reporter);
  }
}

/** Also where nothing but errors is asked for. */
function tellProblem(sentence: string, reporter: FitReporter): void {
  reporter.stop();
  process.stderr.write(`ganfit: ${sentence}\n`);
}
