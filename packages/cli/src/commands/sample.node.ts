/** `ganfit sample`: random textures of a generator, worn by random heads, on one picture. */
import { stat } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import {
  DEFAULT_MODEL,
  encodeFor,
  encodePng,
  GanfitError,
  loadDefaultGenerator,
  loadShape,
  openTextureGenerator,
  requireFolder,
  sampleNumber,
  sampleSheet,
  TRUNCATION,
  writeFolder,
} from "@ganfit/core";
import { Command, Option } from "commander";
import { chosenDevice, type DeviceOptions, withDeviceOptions } from "../device-options.node.js";
import { integerWithin, numberWithin, wholeNumber } from "../numbers.js";
import { createProgress } from "../progress.node.js";

interface SampleOptions extends DeviceOptions {
  readonly count: number;
  readonly out: string;
  readonly generator?: string;
  readonly seed: number;
  readonly truncation?: number;
  readonly maps?: string;
  readonly shape: "random" | "mean";
  readonly yaw: number;
  readonly model: string;
  /** Pixels. */
  readonly size: number;
  readonly columns?: number;
}

const MOST = 400;
const LARGEST = 1024;

export function sampleCommand(signal: AbortSignal): Command {
  const command = new Command("sample")
    .description("draws random textures of a texture generator on heads")
    .requiredOption("-o, --out <file>", "the picture to write, .png or .jpg")
    .option("--count <number>", "how many heads", integerWithin(1, MOST), 16)
    .option("--generator <file>", "texture generator, .json or .onnx; default: ganfit's own")
    .option("--seed <number>", "of the random numbers", wholeNumber, 0)
    .option(
      "--truncation <factor>",
      `what the latents are multiplied by, 0 for the mean texture, 1 for all the variety there is; default ${TRUNCATION}`,
      numberWithin(0, 3),
    )
    .option("--maps <dir>", "a folder for the textures themselves: 000.png, 001.png, ...")
    .addOption(
      new Option("--shape <kind>", "whose head wears them: random people's, or the mean")
        .choices(["random", "mean"])
        .default("random"),
    )
    .option("--yaw <degrees>", "turns the heads to their left", numberWithin(-180, 180), 0)
    .option("--model <name>", "shape model", DEFAULT_MODEL)
    .option(
      "--size <pixels>",
      "width and height of each head's picture",
      integerWithin(16, LARGEST),
      320,
    )
    .option(
      "--columns <number>",
      "pictures in a row; default: about as many as rows",
      integerWithin(1, MOST),
    )
    .addHelpText("after", HELP)
    .action((options: SampleOptions) => sample(options, signal));
  return withDeviceOptions(command);
}

const HELP = `
The same seed gives the same heads; more of them begin with the same ones. The number below each picture is that of
its texture in the folder of --maps. Where a generator takes no notice of how long a latent is, its textures
cannot be brought nearer to the mean, and --truncation is refused.

Examples:
  ganfit sample --out sheet.png
  ganfit sample --count 64 --seed 7 --truncation 1 --size 192 --out variety.jpg
  ganfit sample --shape mean --yaw 35 --out side.png
  ganfit sample --generator mine.onnx --maps textures --out mine.png

Exit codes: 0 done, 2 an option makes no sense, 5 shape model, 6 generator, 7 a picture cannot be written,
130 interrupted.`;

async function sample(options: SampleOptions, signal: AbortSignal): Promise<void> {
  const { out, count, maps } = options;
  requireNames(options);
  const progress = createProgress();
  try {
    await requireFolder(dirname(out));
    if ((await stat(out).catch(() => null))?.isDirectory()) {
      throw new GanfitError("output", `${out} cannot be written: it is a folder.`);
    }
    if (maps !== undefined) await requireFolder(maps);
    const network = await chosenDevice(options, signal, (what) => progress.stage(what));
    progress.stage("loading the model and the generator");
    const generator = await (options.generator
      ? openTextureGenerator(options.generator)
      : loadDefaultGenerator());
    const shape = await loadShape(options.model, { ...network, signal });
    const textures = new Map<string, Uint8Array>();
    const sheet = await sampleSheet(
      shape,
      generator,
      {
        ...options,
        signal,
        async onSample({ index, head }) {
          if (maps !== undefined) textures.set(mapName(index), await encodePng(head.skin));
          progress.share("drawing", index + 1, count);
        },
      },
      network,
    );
    const picture = await encodeFor(out, sheet);
    if (maps !== undefined) await writeFolder(maps, textures, signal);
    await writeFolder(dirname(out), new Map([[basename(out), picture]]), signal);
  } finally {
    progress.stop();
  }
}

function mapName(index: number): string {
  return `${sampleNumber(index)}.png`;
}

function requireNames({ out, maps, count }: SampleOptions): void {
  if (!/^\.(?:png|jpe?g)$/i.test(extname(out))) {
    throw new GanfitError("usage", `The picture must be named .png or .jpg, not ${out}.`);
  }
  const among = maps !== undefined && resolve(dirname(out)) === resolve(maps);
  if (among && Array.from({ length: count }, (_, i) => mapName(i)).includes(basename(out))) {
    throw new GanfitError("usage", `${out} would be both the sheet and one of the textures.`);
  }
}
