/** `ganfit fit`: photos in, textured heads out. */
import { basename } from "node:path";
import { type FitReport, GanfitError, loadFitModels, requireFolder } from "@ganfit/core";
import { Command } from "commander";
import { chosenDevice } from "../device-options.node.js";
import { EXIT_CODES, Exit } from "../exit-codes.js";
import { fitPhoto, readPhoto } from "../fit/fit-photo.node.js";
import { foldersOf } from "../fit/folders.js";
import { type FitCommandOptions, withFitOptions } from "../fit/options.js";
import { createReporter, SILENT } from "../fit/progress.node.js";
import { printJson, sentenceOf } from "../print.node.js";
import { versions } from "../version.node.js";

export function fitCommand(signal: AbortSignal): Command {
  const command = new Command("fit")
    .description("makes a textured 3D head of the face in a photo")
    .action((photos: string[], options: FitCommandOptions) => fitAll(photos, options, signal));
  return withFitOptions(command);
}

/** What `--json` prints of a photo that could not be fitted. */
interface Failure {
  readonly photo: { readonly name: string };
  readonly error: { readonly code: GanfitError["code"] | "internal"; readonly message: string };
}

async function fitAll(
  photos: readonly string[],
  options: FitCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const reporter = options.quiet ? SILENT : createReporter();
  const folders = foldersOf(photos, options.out);
  try {
    for (const folder of folders) await requireFolder(folder);
    // A photo that cannot be read is told of at once; of several, when its turn comes.
    const only = photos.length === 1 ? await readPhoto(photos[0]!, reporter) : null;
    const network = await chosenDevice(options, signal, reporter.say);
    reporter.stage("loading the model and networks");
    const models = await loadFitModels(options, { ...network, signal });
    try {
      const session = { models, network, options, versions: await versions(), reporter, signal };
      const results: (FitReport | Failure)[] = [];
      for (const [i, photo] of photos.entries()) {
        try {
          const { report, paths } = await fitPhoto(
            only ?? (await readPhoto(photo, reporter)),
            folders[i]!,
            session,
          );
          results.push(report);
          const error = (100 * report.landmarkError.final).toFixed(1);
          reporter.say(
            `${photo}: done, landmarks off by ${error} % of the distance between the pupils`,
          );
          if (!options.json && !options.quiet) process.stdout.write(`${paths.join("\n")}\n`);
        } catch (error) {
          if (photos.length === 1 || signal.aborted) throw error;
          reporter.stop();
          process.stderr.write(`ganfit: ${sentenceOf(error)}\n`);
          results.push(failureOf(photo, error));
        }
      }
      if (options.json) printJson(photos.length === 1 ? results[0] : results);
      const failures = results.filter((result) => "error" in result);
      if (failures.length > 0) throw new Exit(exitCodeOf(failures, photos.length));
    } finally {
      await models.dispose();
    }
  } finally {
    reporter.stop();
  }
}

function failureOf(photo: string, error: unknown): Failure {
  const code = error instanceof GanfitError ? error.code : "internal";
  const message = error instanceof Error ? error.message : String(error);
  return { photo: { name: basename(photo) }, error: { code, message } };
}

/** Where all photos failed for one reason that reason's, otherwise that of some failing. */
function exitCodeOf(failures: readonly Failure[], photos: number): number {
  const codes = new Set(failures.map(({ error }) => EXIT_CODES[error.code]));
  const [code] = codes;
  return failures.length === photos && codes.size === 1 ? code! : EXIT_CODES.some;
}
