/** `ganfit train`: texture generators out of datasets. */
import { requireFolder } from "@ganfit/core";
import {
  type Configuration,
  PROGRESSIVE_RECIPE,
  REGIONAL_RECIPE,
  type TrainingReport,
  trainTexture,
} from "@ganfit/train";
import { Command, Option } from "commander";
import { chosenDevice, type DeviceOptions, withDeviceOptions } from "../device-options.node.js";
import { integerWithin, numberWithin, positiveNumber } from "../numbers.js";
import { createTrainingProgress } from "../train/progress.node.js";

interface TrainOptions extends DeviceOptions {
  readonly data: string;
  readonly out: string;
  readonly architecture: Configuration["architecture"];
  /** Texels. */
  readonly resolution: string;
  readonly width: number;
  readonly latent: Configuration["latent"];
  readonly images: number;
  readonly every: number;
  readonly batch?: number;
  readonly phase: number;
  readonly encode?: boolean;
  readonly seed: number;
  readonly resume?: boolean;
  readonly quiet?: boolean;
}

const LARGEST_SEED = 2 ** 32 - 1;
const LATENT_SIZE = 512;
/** Of the colours beside a Wasserstein critic's scores, whose slope is 1 over a whole picture. */
const ENCODED_COLOUR = 100;

export function trainCommand(signal: AbortSignal): Command {
  const train = new Command("train").description("trains networks");
  const texture = train
    .command("texture")
    .description("trains a texture generator on a dataset")
    .requiredOption("--data <folder>", "the dataset, of `ganfit dataset build`")
    .requiredOption("-o, --out <folder>", "checkpoints, samples and the generator; made if absent")
    .addOption(
      new Option("--architecture <name>", "the paper's, or one for few people")
        .choices(["progressive", "regional"])
        .default("progressive"),
    )
    .addOption(
      new Option(
        "--resolution <texels>",
        "side of the textures; a generator for fits has 64 or more",
      )
        .choices(["16", "32", "64", "128", "256", "512"])
        .default("512"),
    )
    .option(
      "--width <share>",
      "share of the paper's features (progressive)",
      numberWithin(0.001, 4),
      0.25,
    )
    .addOption(
      new Option("--latent <layout>", "how the latent enters (progressive)")
        .choices(["dense", "local"])
        .default("dense"),
    )
    .option("--images <count>", "maps to show", positiveNumber, 100_000)
    .option("--every <count>", "maps between checkpoints", positiveNumber, 1000)
    .option("--batch <count>", "maps of a step; default: by resolution", positiveNumber)
    .option(
      "--phase <count>",
      "maps while a resolution fades in, and then stands alone (progressive; the paper: 800000)",
      positiveNumber,
      5000,
    )
    .option("--encode", "hold it to the maps by a linear model's latents too (progressive)")
    .option("--seed <number>", "of what is random", integerWithin(0, LARGEST_SEED), 0)
    .option("--resume", "go on from the folder's checkpoint");
  withDeviceOptions(texture)
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action((options: TrainOptions) => run(options, signal));
  return train;
}

const HELP = `
What comes out, in the folder: every so many maps checkpoint.safetensors, samples-IMAGES.png and a line of
log.jsonl with the mean losses; at the end texture-generator.onnx and .json, for \`ganfit fit --generator\` and
\`ganfit sample --generator\`, if the maps were enough to reach the resolution and that has 64 texels or more. Ctrl-C writes
a checkpoint and stops; --resume goes on from there, to the same bits as without the stop. docs/texture-training.md tells
what to expect of how much training.

Examples:
  ganfit train texture --data dataset --out run --resolution 64 --width 0.25
  ganfit train texture --data dataset --out run --resolution 64 --width 0.25 --resume --images 200000
  ganfit train texture --data dataset --out regional --architecture regional --images 5000

Exit codes: 0 done, 2 an option makes no sense or a file is no dataset or checkpoint, 7 results cannot be written,
130 interrupted.`;

async function run(options: TrainOptions, signal: AbortSignal): Promise<void> {
  const { data, out, images, every, resume = false, quiet } = options;
  await requireFolder(out);
  const progress = createTrainingProgress(quiet ? null : process.stderr, images);
  let lacking: string | undefined;
  try {
    const runtime = await chosenDevice(options, signal, (line) => progress.stage(line));
    lacking = await trainTexture({
      data,
      out,
      images,
      every,
      resume,
      signal,
      configuration: configurationOf(options),
      onStage: (stage) => progress.stage(stage),
      onStep: (report: TrainingReport) => progress.step(report),
      ...runtime,
    });
  } finally {
    progress.stop();
  }
  if (lacking && !quiet) process.stderr.write(`${lacking}\n`);
}

function configurationOf(options: TrainOptions): Omit<Configuration, "dataset"> {
  const { architecture, width, latent, seed, batch, phase, encode } = options;
  const resolution = Number(options.resolution);
  const usual = architecture === "regional" ? REGIONAL_RECIPE : PROGRESSIVE_RECIPE;
  const sizes = Array.from({ length: Math.log2(resolution) - 1 }, (_, i) => 2 ** (i + 2));
  const held = encode && architecture === "progressive";
  const encoded = held || usual.encoded;
  return {
    architecture,
    resolution,
    width,
    latent,
    latentSize: LATENT_SIZE,
    seed,
    recipe: {
      ...usual,
      encoded,
      ...(held && { losses: { ...usual.losses, colour: ENCODED_COLOUR } }),
      batch: batch ? Object.fromEntries(sizes.map((size) => [size, batch])) : usual.batch,
      phase: architecture === "regional" ? usual.phase : phase,
    },
  };
}
