/** `ganfit dataset`: texture maps of photographs, to train texture generators on. */
import { readFile } from "node:fs/promises";
import {
  DEFAULT_MODEL,
  GanfitError,
  loadFaceNetworks,
  loadShape,
  loadUvFrame,
  requireFolder,
} from "@ganfit/core";
import {
  buildDataset,
  type DatasetManifest,
  type DatasetProgress,
  listPhotos,
  MANIFEST_FILE,
  parseNames,
  parseSources,
  SIZES,
} from "@ganfit/train";
import { Command, Option } from "commander";
import { chosenDevice, type DeviceOptions, withDeviceOptions } from "../device-options.node.js";
import { positiveNumber } from "../numbers.js";
import { createProgress } from "../progress.node.js";
import { ganfitVersion } from "../version.node.js";

interface BuildOptions extends DeviceOptions {
  readonly out: string;
  /** Texels. */
  readonly size: string;
  readonly exclude?: string;
  readonly only?: string;
  readonly sources?: string;
  readonly mean?: string;
  readonly model: string;
  readonly limit?: number;
  readonly quiet?: boolean;
}

const EXPONENTS = { least: Math.log2(SIZES.least), most: Math.log2(SIZES.most) } as const;
const ALL_SIZES = Array.from({ length: EXPONENTS.most - EXPONENTS.least + 1 }, (_, i) =>
  String(2 ** (EXPONENTS.least + i)),
);

const STAGES: Readonly<Record<DatasetProgress["stage"], string>> = {
  unwrap: "unwrapping",
  mean: "finding the mean",
  light: "taking out the light",
  complete: "completing",
};

export function datasetCommand(signal: AbortSignal): Command {
  const dataset = new Command("dataset").description(
    "makes texture maps of photos, to train texture generators on",
  );
  const build = dataset
    .command("build")
    .description("unwraps photos, takes their light out and completes the maps")
    .argument("<photos...>", "photos of one face each, and folders of them")
    .requiredOption("-o, --out <folder>", "the dataset; made if absent, brought up to date if not")
    .addOption(new Option("--size <texels>", "side of the maps").choices(ALL_SIZES).default("512"))
    .option("--exclude <file>", "names of photos and people that may not be used, one a line")
    .option("--only <file>", "names of photos and people to use, and no others")
    .option("--sources <file>", "where the photos are from: licences, people, colour casts (JSON)")
    .option("--mean <folder>", "complete by the mean of this dataset instead of the photos' own")
    .option("--model <name>", "shape model", DEFAULT_MODEL)
    .option("--limit <count>", "use the first so many photos", positiveNumber);
  withDeviceOptions(build)
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action((photos: string[], options: BuildOptions) => buildAll(photos, options, signal));
  return dataset;
}

const HELP = `
What goes in: photos of faces from the front, sharp, evenly lit, some 500 pixels wide for maps of 512 texels. Those
that are no use are left out, each with its reason on the terminal and in manifest.json.

A photo is named in --exclude and --only by its folder and file (london/005.jpg) or its file alone, with or
without the extension, or by the person it shows. --sources is a list such as
  [{"folder": "london", "licence": "CC-BY-4.0", "attribution": "who took them",
    "whiteBalance": [0.97, 1.25, 1.2], "person": "/(\\\\d+)\\\\."}]
where person is a regular expression for folder and file, whose first group is the person.

What comes out, in the folder: manifest.json, shard-000.safetensors and so on, mean.safetensors, contact-sheet.png to
look for odd maps, and unwrapped/ with what each photo itself shows. Run again after an interruption or
with other photos, it makes only what is missing.

Examples:
  ganfit dataset build photos --out dataset
  ganfit dataset build photos --exclude holdout.txt --sources sources.json --out train
  ganfit dataset build photos --only holdout.txt --sources sources.json --mean train --out held-out

Exit codes: 0 done, also where photos were left out; 2 an option makes no sense; 3 a photo or folder is not there;
4 no photo can be used; 5 shape model; 7 the dataset cannot be written; 130 interrupted.`;

async function buildAll(
  places: readonly string[],
  options: BuildOptions,
  signal: AbortSignal,
): Promise<void> {
  const { out, quiet } = options;
  const progress = createProgress();
  const say = (line: string) => {
    if (quiet) return;
    progress.stop();
    process.stderr.write(`${line}\n`);
  };
  try {
    await requireFolder(out);
    const lists = await readLists(options);
    const photos = await listPhotos(places, { ...lists, limit: options.limit, except: out });
    const network = await chosenDevice(options, signal, say);
    if (!quiet) progress.stage("loading the model and networks");
    const model = await loadShape(options.model, { ...network, signal });
    const frame = await loadUvFrame();
    const networks = await loadFaceNetworks(network);
    try {
      let stage: DatasetProgress["stage"] | null = null;
      const manifest = await buildDataset({
        photos,
        out,
        size: Number(options.size),
        model,
        frame,
        networks,
        tool: `ganfit ${ganfitVersion()}`,
        meanOf: options.mean,
        signal,
        onProgress({ stage: now, done, total, rejected }) {
          if (quiet) return;
          if (rejected) say(`${rejected.photo} is left out: ${rejected.reason}`);
          if (now !== stage) progress.stop();
          stage = now;
          progress.share(STAGES[now], done, total);
        },
      });
      progress.stop();
      say(summaryOf(manifest));
      if (!quiet) process.stdout.write(`${out}/${MANIFEST_FILE}\n`);
    } finally {
      await networks.dispose();
    }
  } finally {
    progress.stop();
  }
}

async function readLists({ sources, exclude, only }: BuildOptions) {
  const names = async (path: string | undefined) =>
    path === undefined ? undefined : parseNames(await textOf(path));
  return {
    exclude: await names(exclude),
    only: await names(only),
    sources: sources === undefined ? undefined : parseSources(await textOf(sources), sources),
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new GanfitError("usage", `${path} cannot be read (${code}).`, { cause: error });
  }
}

function summaryOf({ maps, rejected }: DatasetManifest): string {
  const people = new Set(maps.map(({ person }) => person)).size;
  const left =
    rejected.length === 0 ? "" : `, ${counted(rejected.length, "photo", "photos")} left out`;
  return `${counted(maps.length, "map", "maps")} of ${counted(people, "person", "people")}${left}`;
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
