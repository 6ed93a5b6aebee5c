/** `ganfit render`: pictures of a head that was fitted, from its fit.json and texture.png. */
import { basename, dirname, extname, join } from "node:path";
import {
  type Camera,
  type Colour,
  DEFAULT_MODEL,
  decodeImage,
  evaluateModel,
  type FitReport,
  flatten,
  GanfitError,
  type Image,
  listModels,
  loadDefaultGenerator,
  loadShape,
  MOST_PHOTO_PIXELS,
  type NetworkOptions,
  openTextureGenerator,
  portraitCamera,
  readFitReport,
  readImageBytes,
  rebuildHead,
  rebuildTexture,
  renderHead,
  requireFolder,
  sha256,
  writeImage,
} from "@ganfit/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { chosenDevice, type DeviceOptions, withDeviceOptions } from "../device-options.node.js";
import { integerWithin, numberWithin } from "../numbers.js";
import { createProgress } from "../progress.node.js";
import { parseColour } from "../render/colour.js";
import { type ExpressionSetting, parseExpression, withExpressions } from "../render/expressions.js";
import { type LightChoice, lightOf, parseLight } from "../render/light.js";

interface RenderOptions extends DeviceOptions {
  readonly out: string;
  readonly yaw?: number;
  readonly pitch?: number;
  readonly light?: LightChoice;
  readonly expression?: readonly ExpressionSetting[];
  /** Pixels. */
  readonly size?: number;
  readonly clay?: boolean;
  readonly background: Background;
  readonly photo?: string;
  readonly model?: string;
  readonly generator?: string;
  readonly texture?: "photo" | "generated";
}

type Background = "transparent" | "photo" | Colour;

const BACKDROP: Colour = [236, 238, 241];
const SIZE = 1024;
const LARGEST = 4096;
/** Pictures of more pixels than this get one sample for each. */
const FINE = 2048 ** 2;

export function renderCommand(signal: AbortSignal): Command {
  const command = new Command("render")
    .description("draws a fitted head from any side, in any light, with any expression")
    .argument("<fit.json>", "written by `ganfit fit`")
    .requiredOption("-o, --out <file>", "the picture to write, .png or .jpg")
    .option("--yaw <degrees>", "turns the head to its left", numberWithin(-180, 180))
    .option("--pitch <degrees>", "lifts the head's gaze", numberWithin(-85, 85))
    .option(
      "--light <light>",
      "studio, even, photo (as fitted), or a lamp's azimuth,elevation in degrees; default studio",
      parseLight,
    )
    .option(
      "--expression <name=strength>",
      "repeatable: a mode of the model or smile, blink, jaw, ...; neutral takes all away",
      parseExpression,
    )
    .option("--size <pixels>", `width and height; default ${SIZE}`, integerWithin(16, LARGEST))
    .option("--clay", "shape alone, without the texture")
    .addOption(
      new Option("--background <colour>", "#rrggbb, white, black, grey, transparent, or photo")
        .argParser(parseBackground)
        .default(BACKDROP, "a light grey"),
    )
    .option("--photo <file>", "the photo that was fitted, for --background photo")
    .option("--model <name>", "shape model that the fit was made with, where it has moved")
    .option(
      "--generator <file>",
      "texture generator that the fit was made with, if not ganfit's own",
    )
    .addOption(
      new Option(
        "--texture <source>",
        "texture.png beside fit.json, or the generator's; default as fitted",
      ).choices(["photo", "generated"]),
    )
    .addHelpText("after", HELP)
    .action((file: string, options: RenderOptions) => render(file, options, signal));
  return withDeviceOptions(command);
}

const HELP = `
The head looks into the camera; --yaw and --pitch turn it. A lamp's azimuth runs to the right of the picture, its
elevation upwards, and it stays where it is when the head turns. Expressions are set one after the other
over the one in the photo: give neutral first to start without it.

With --background photo the head is drawn where it is in the photo, by the camera of the fit.

Examples:
  ganfit render head/fit.json --yaw 30 --out side.png
  ganfit render head/fit.json --expression neutral --expression smile=0.7 --out smile.png
  ganfit render head/fit.json --light -60,20 --background black --out lamp.jpg
  ganfit render head/fit.json --background photo --photo portrait.jpg --out over.png

Exit codes: 0 done, 2 an option makes no sense, 3 the photo cannot be read, 5 shape model, 6 generator, 7 the
picture cannot be written, 10 fit.json is wrong or was made with another model or generator, 130 interrupted.`;

async function render(file: string, options: RenderOptions, signal: AbortSignal): Promise<void> {
  const { out, background, light } = options;
  if (!/^\.(?:png|jpe?g)$/i.test(extname(out))) {
    throw new GanfitError("usage", `The picture must be named .png or .jpg, not ${out}.`);
  }
  const photoPath = background === "photo" ? requirePhoto(options) : null;
  const progress = createProgress();
  try {
    const report = await readFitReport(file);
    await requireFolder(dirname(out));
    const photo = photoPath === null ? null : await readPhoto(photoPath, report);
    const network = await chosenDevice(options, signal, (what) => progress.stage(what));
    progress.stage("loading the model");
    const name = options.model ?? (await storedName(report));
    const shape = await loadShape(name, { ...network, signal });
    const { skin, normals } = await wornBy(file, report, options, network);
    const head = await rebuildHead(report, shape, skin, normals);
    signal.throwIfAborted();
    const expression = withExpressions(shape, head.expression, options.expression ?? []);
    const picture = photo
      ? { width: photo.width, height: photo.height, camera: report.camera }
      : portrait(evaluateModel(shape, head.identity, expression), options);
    progress.stage("drawing");
    const { image } = renderHead(head, {
      ...picture,
      expression,
      lighting: lightOf(light ?? (photo ? "photo" : "studio"), picture.camera, report.lighting),
      clay: options.clay ?? false,
      supersampling: picture.width * picture.height > FINE ? 1 : 2,
      ...backdrop(background, photo),
    });
    signal.throwIfAborted();
    await writeImage(out, image);
  } finally {
    progress.stop();
  }
}

interface Worn {
  readonly skin: Image;
  readonly normals?: Image;
}

/** The texture and the normal map beside the report, or the texture made anew from the report's latent. */
async function wornBy(
  file: string,
  report: FitReport,
  { texture, generator }: RenderOptions,
  network: NetworkOptions,
): Promise<Worn> {
  // The generator alone cannot make the detail that photos gave its texture.
  const kept = report.options.detail ? "photo" : report.options.texture;
  if ((texture ?? kept) === "generated") {
    const made = await (generator ? openTextureGenerator(generator) : loadDefaultGenerator());
    return { skin: await rebuildTexture(report, made, network) };
  }
  const skin = await readBeside(file, report.texture, "texture");
  if (!report.normals) return { skin };
  return { skin, normals: await readBeside(file, report.normals, "normal map") };
}

/** A picture that was written with the report. */
async function readBeside(
  file: string,
  { file: name, sha256: hash }: FitReport["texture"],
  what: string,
): Promise<Image> {
  // The name stands in a file that may come from anywhere: only a neighbour is read.
  const path = join(dirname(file), basename(name));
  const bytes = await readImageBytes(path).catch(() => null);
  if (bytes === null || (await sha256(bytes)) !== hash) {
    throw new GanfitError(
      "report",
      `${path} is ${bytes === null ? "missing" : `not the ${what} that was written with fit.json`}: put it back, or draw the generator's texture with --texture generated.`,
    );
  }
  return decodeImage(bytes, { name: path });
}

function parseBackground(text: string): Background {
  if (text === "transparent" || text === "photo") return text;
  const colour = parseColour(text);
  if (colour) return colour;
  throw new InvalidArgumentError(
    "It must be a colour such as #eceef1, white, black or grey, or transparent or photo.",
  );
}

/** Where the photo is that is to be drawn over; its camera leaves nothing to choose. */
function requirePhoto({ yaw, pitch, size, photo }: RenderOptions): string {
  if (photo === undefined) {
    throw new GanfitError(
      "usage",
      "With --background photo say where the photo is: --photo <file>.",
    );
  }
  const [chosen] =
    Object.entries({ yaw, pitch, size }).find(([, value]) => value !== undefined) ?? [];
  if (chosen) {
    throw new GanfitError(
      "usage",
      `With --background photo the head is drawn as the photo shows it, which excludes --${chosen}.`,
    );
  }
  return photo;
}

async function readPhoto(path: string, { photo }: FitReport): Promise<Image> {
  const bytes = await readImageBytes(path);
  if ((await sha256(bytes)) !== photo.sha256) {
    throw new GanfitError(
      "usage",
      `${path} is not the photo that was fitted, ${photo.name} with the SHA-256 ${photo.sha256}.`,
    );
  }
  return flatten(await decodeImage(bytes, { name: path, maxPixels: MOST_PHOTO_PIXELS }));
}

/** The name by which the store knows the model of a fit; models of files have to be named by --model. */
async function storedName({ model }: FitReport): Promise<string> {
  const known = (await listModels()).find(({ summary }) => summary?.name === model.name);
  return known?.name ?? DEFAULT_MODEL;
}

function portrait(
  vertices: Float32Array,
  { yaw = 0, pitch = 0, size = SIZE }: RenderOptions,
): { width: number; height: number; camera: Camera } {
  const camera = portraitCamera(vertices, { width: size, height: size, yaw, pitch });
  return { width: size, height: size, camera };
}

function backdrop(chosen: Background, photo: Image | null): { background?: Image | Colour } {
  if (photo) return { background: photo };
  return typeof chosen === "string" ? {} : { background: chosen };
}
