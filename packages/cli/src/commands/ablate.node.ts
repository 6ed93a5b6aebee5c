/** `ganfit ablate`: what each part of the energy is good for, as the paper's figure and a table. */
import { basename } from "node:path";
import {
  type AblatedFit,
  ablate,
  ablationSheet,
  encodePng,
  type LoadedFitModels,
  loadFitModels,
  type NetworkOptions,
  requireFolder,
  writeFolder,
} from "@ganfit/core";
import { Command } from "commander";
import { type AblatedPhoto, ablationTable, csvOf, rowsOf } from "../ablate/table.js";
import { chosenDevice } from "../device-options.node.js";
import { Exit } from "../exit-codes.js";
import { exitCodeOf, type Failure, failureOf } from "../fit/failures.js";
import { type FitSettings, withFitSettings } from "../fit/options.js";
import { focalLengthOf, type PhotoInput, readPhoto } from "../fit/photo-input.node.js";
import { createReporter, type FitReporter, SILENT } from "../fit/progress.node.js";
import { formatJson, printTable, sentenceOf } from "../print.node.js";

interface AblateOptions extends FitSettings {
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function ablateCommand(signal: AbortSignal): Command {
  const command = new Command("ablate")
    .description("fits photos with each part of the energy left out in turn, and compares")
    .argument("<photos...>", "each showing a face")
    .requiredOption("-o, --out <folder>", "where the results are written; made if absent");
  return withFitSettings(command)
    .option("--json", "print table.json's content instead of the table of means")
    .option("-q, --quiet", "print nothing but errors and the result")
    .addHelpText("after", HELP)
    .action((photos: string[], options: AblateOptions) => ablateAll(photos, options, signal));
}

const HELP = `
Seven fits for each photo, which differ in nothing else: with the whole energy, and without identity, second identity,
content, pixels, landmarks (in the second stage; the first has nothing else) and priors. All wear the generated texture.

What comes out, in the folder:
  sheet.png     for each photo three rows: the face on the photo, the head from the front without expression,
                clay; a column for each fit
  table.json    what was measured, for each photo and in the mean; landmarks in parts of the distance between
                the pupils, colours in [0, 1], the cosine by the network that the fits were made with
  table.csv     the same for spreadsheets

Examples:
  ganfit ablate portrait.jpg --out ablation
  ganfit ablate people/*.jpg --out ablation --quality draft
  ganfit ablate portrait.jpg --out ablation --json | jq '.mean[] | {name, identityCosine}'

Exit codes: 0 done, 2 an option makes no sense, 3 a photo cannot be read, 4 no face, 5 shape model, 6 network or
generator, 7 results cannot be written, 9 some of several photos could not be fitted (where all failed
alike, that reason's code), 130 interrupted.`;

async function ablateAll(
  paths: readonly string[],
  options: AblateOptions,
  signal: AbortSignal,
): Promise<void> {
  const reporter = options.quiet ? SILENT : createReporter();
  try {
    await requireFolder(options.out);
    const network = await chosenDevice(options, signal, reporter.say);
    reporter.stage("loading the model and networks");
    const models = await loadFitModels(options, { ...network, signal });
    try {
      const session = { models, network, options, reporter, signal };
      const done: { photo: PhotoInput; fits: AblatedFit[] }[] = [];
      const failures: Failure[] = [];
      for (const path of paths) {
        try {
          const photo = await readPhoto(path, reporter);
          done.push({ photo, fits: await ablatePhoto(photo, session) });
        } catch (error) {
          if (paths.length === 1 || signal.aborted) throw error;
          reporter.stop();
          process.stderr.write(`ganfit: ${sentenceOf(error)}\n`);
          failures.push(failureOf(path, error));
        }
      }
      if (done.length > 0) await writeResults(done, failures, session);
      if (failures.length > 0) throw new Exit(exitCodeOf(failures, paths.length));
    } finally {
      await models.dispose();
    }
  } finally {
    reporter.stop();
  }
}

interface Session {
  readonly models: LoadedFitModels;
  readonly network: NetworkOptions;
  readonly options: AblateOptions;
  readonly reporter: FitReporter;
  readonly signal: AbortSignal;
}

async function ablatePhoto(
  photo: PhotoInput,
  { models, network, options, reporter, signal }: Session,
): Promise<AblatedFit[]> {
  const { steps, seed, lighting, quality, face } = options;
  const { pixels: focalLength } = await focalLengthOf(photo, options.focalLength);
  let label = "";
  return ablate({ image: photo.image, name: photo.path, face, focalLength }, models, {
    ...network,
    ...Object.fromEntries(
      Object.entries({ steps, seed, lighting, quality }).filter(([, value]) => value !== undefined),
    ),
    signal,
    onAblation: (ablation) => {
      label = ablation.label;
    },
    onProgress: (progress) => reporter.fit(`${photo.name}, ${label}`, progress),
  });
}

async function writeResults(
  done: readonly { readonly photo: PhotoInput; readonly fits: readonly AblatedFit[] }[],
  failures: readonly Failure[],
  { models, options, reporter, signal }: Session,
): Promise<void> {
  reporter.stage("drawing the sheet");
  const sheet = ablationSheet(done.map(({ photo, fits }) => ({ photo: photo.image, fits })));
  const photos: AblatedPhoto[] = done.map(({ photo, fits }) => ({ name: photo.name, fits }));
  const table = {
    ...ablationTable(photos),
    ...(failures.length > 0 && { failures }),
    model: models.shape.name,
    generator: models.generator.name,
    recognition: models.recognition.description.name,
  };
  const text = (content: string) => new TextEncoder().encode(content);
  const files = new Map([
    ["sheet.png", await encodePng(sheet)],
    ["table.json", text(formatJson(table))],
    ["table.csv", text(csvOf(photos))],
  ]);
  await writeFolder(options.out, files, signal);
  reporter.say(`${done.map(({ photo }) => basename(photo.path)).join(", ")}: done`);
  if (options.json) process.stdout.write(formatJson(table));
  else {
    const [header, ...rows] = rowsOf(table.mean);
    printTable(header!, rows);
  }
}
