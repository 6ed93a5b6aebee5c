/** `ganfit evaluate predict`. */
import { GanfitError, loadFitModels, type MorphableModel, requireFolder } from "@ganfit/core";
import type { PhotoSet, PredictionWriter } from "@ganfit/evaluate";
import { Argument, Command } from "commander";
import { chosenDevice } from "../device-options.node.js";
import { EXIT_CODES, Exit } from "../exit-codes.js";
import { type FitSettings, withFitSettings } from "../fit/options.js";
import { createReporter, SILENT } from "../fit/progress.node.js";
import { integerWithin } from "../numbers.js";
import { defined } from "./defined.js";

interface Options extends FitSettings {
  readonly out: string;
  readonly frames: number;
  readonly list?: string;
  readonly quiet?: boolean;
}

/** Where a benchmark's photos are, and how it wants heads. */
interface Benchmark {
  photos(folder: string, options: Options): Promise<PhotoSet[]>;
  writer(folder: string, model: MorphableModel): PredictionWriter | Promise<PredictionWriter>;
}

const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  micc: async () => {
    const { miccPhotos: photos, miccWriter: writer } = await import("@ganfit/evaluate");
    return { photos, writer };
  },
  realy: async () => {
    const { realyPhotos: photos, realyWriter: writer } = await import("@ganfit/evaluate");
    return { photos, writer };
  },
  now: async () => {
    const { nowPhotos, nowWriter: writer } = await import("@ganfit/evaluate");
    return { photos: (folder, { list }) => nowPhotos(folder, needList(list)), writer };
  },
};

export function predictCommand(signal: AbortSignal): Command {
  const command = new Command("predict")
    .description("fits heads to a benchmark's photos and writes them as it wants them")
    .addArgument(new Argument("<benchmark>", "which").choices(Object.keys(BENCHMARKS)))
    .argument("<photos>", "folder of its photos")
    .requiredOption("-o, --out <folder>", "the reconstructions; run again, it goes on")
    .option(
      "--frames <count>",
      "photos of each subject, drawn by chance where there are more",
      integerWithin(1, 100),
      5,
    )
    .option("--list <file>", "now: imagepathsvalidation.txt or imagepathstest.txt")
    .option("-q, --quiet", "print nothing but errors");
  return withFitSettings(command).action(async (name: string, photos: string, options: Options) =>
    predict(await BENCHMARKS[name]!(), photos, options, signal),
  );
}

async function predict(
  benchmark: Benchmark,
  folder: string,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const { checkNowSubmission, predictHeads } = await import("@ganfit/evaluate");
  const { out, frames, quiet, list } = options;
  await requireFolder(out);
  const sets = await benchmark.photos(folder, options);
  const reporter = quiet ? SILENT : createReporter();
  let problems = 0;
  try {
    const network = await chosenDevice(options, signal, reporter.say);
    reporter.stage("loading the model and networks");
    const models = await loadFitModels(options, { ...network, signal });
    try {
      const writer = await benchmark.writer(out, models.shape);
      const { steps, seed, lighting, quality } = options;
      let title = "";
      const written = await predictHeads(sets, {
        models,
        fit: {
          ...network,
          ...defined({ steps, seed, lighting, quality }),
          onProgress: (progress) => reporter.fit(title, progress),
        },
        frames,
        seed: seed ?? 0,
        signal,
        writer,
        onSubject: (subject, i, count) => {
          title = `${i + 1}/${count} ${subject}`;
        },
        onProblem: (subject, problem) => {
          problems++;
          reporter.stop();
          process.stderr.write(`ganfit: ${subject}: ${problem}\n`);
        },
      });
      reporter.say(`${out}: ${written} heads written, ${sets.length} asked for`);
    } finally {
      await models.dispose();
    }
  } finally {
    reporter.stop();
  }
  if (list !== undefined) {
    const { faults } = await checkNowSubmission(out, list, signal);
    for (const { photo, fault } of faults) process.stderr.write(`ganfit: ${photo}: ${fault}\n`);
    problems += faults.length;
  }
  if (problems > 0) throw new Exit(EXIT_CODES.some);
}

function needList(list: string | undefined): string {
  if (list !== undefined) return list;
  throw new GanfitError("usage", "Say which photos of NoW: --list imagepathsvalidation.txt.");
}
