/** The options of `ganfit fit`, apart from what it does with them; `ganfit ablate` shares those that say how to fit. */
import {
  FIT_DEFAULTS,
  FIT_QUALITIES,
  type FitQuality,
  type Lighting,
  MOST_STEPS,
} from "@ganfit/core";
import { type Command, Option } from "commander";
import { type DeviceOptions, withDeviceOptions } from "../device-options.node.js";
import { integerWithin, numberWithin, wholeNumber } from "../numbers.js";

/** How a head is fitted to a photo, and with what. */
export interface FitSettings extends DeviceOptions {
  readonly model?: string;
  readonly generator?: string;
  readonly recognition?: string;
  readonly quality?: FitQuality;
  readonly steps?: number;
  readonly seed?: number;
  readonly face?: number;
  readonly lighting?: Lighting["kind"];
  /** Millimetres on 35 mm film. */
  readonly focalLength?: number;
}

export interface FitCommandOptions extends FitSettings {
  readonly out: string;
  readonly samePerson?: boolean;
  readonly video?: string;
  readonly texture: "photo" | "generated";
  /** Texels. */
  readonly textureSize?: string;
  readonly detail?: boolean;
  readonly glb: boolean;
  readonly obj: boolean;
  readonly overlay: boolean;
  /** Where not said, all but drafts have one. */
  readonly sheet?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const LARGEST_SEED = 2 ** 32 - 1;

/** Adds the options of {@link FitSettings}. */
export function withFitSettings(command: Command): Command {
  const { draft, standard } = FIT_QUALITIES;
  command
    .option("--model <name>", "shape model: a name of `ganfit models list`, or a file or folder")
    .option("--generator <file>", "texture generator: its description (.json) or network (.onnx)")
    .option("--recognition <file>", "recognition network that judges likeness: its description")
    .addOption(
      new Option(
        "--quality <preset>",
        `draft: ${draft.steps} steps at ${draft.side} pixels, no sheet; default standard: ${standard.steps} at ${standard.side}`,
      ).choices(Object.keys(FIT_QUALITIES)),
    )
    .option(
      "--steps <count>",
      "iterations after the landmarks are fitted; default: the quality's",
      integerWithin(0, MOST_STEPS),
    )
    .option(
      "--seed <number>",
      `of what is random; default ${FIT_DEFAULTS.seed}`,
      integerWithin(0, LARGEST_SEED),
    )
    .option("--face <index>", "which face where there are several, 0 the largest", wholeNumber)
    .addOption(
      new Option(
        "--lighting <model>",
        `how light is described; default ${FIT_DEFAULTS.lighting}`,
      ).choices(["spherical-harmonics", "phong"]),
    )
    .option(
      "--focal-length <mm>",
      "of the lens, in 35 mm equivalent; default: the photo's EXIF data, or a usual one",
      numberWithin(5, 5000),
    );
  return withDeviceOptions(command);
}

export function withFitOptions(command: Command): Command {
  command
    .argument("[photos...]", "JPEG, PNG, WebP, AVIF, TIFF or GIF, each showing a face")
    .requiredOption("-o, --out <folder>", "where the results are written; made if absent")
    .option("--same-person", "one head of all photos, instead of one for each")
    .option("--video <file>", "one head of the best frames of a video (needs ffmpeg)");
  withFitSettings(command);
  return command
    .addOption(
      new Option(
        "--texture <source>",
        "the photo's own skin where it shows any, or the generator's",
      )
        .choices(["photo", "generated"])
        .default("photo"),
    )
    .addOption(
      new Option(
        "--texture-size <texels>",
        "side of the texture; default: 1024 of the photo's (512 in a draft), else the generator's",
      ).choices(["512", "1024", "2048"]),
    )
    .option("--detail", "adds normal.png, and what the photo shows to a generated texture")
    .option("--no-glb", "do not write head.glb")
    .option("--no-obj", "do not write head.obj, head.mtl and eyes.png")
    .option("--no-overlay", "do not write overlay.png")
    .option("--sheet", "write sheet.png, also in a draft")
    .option("--no-sheet", "do not write sheet.png")
    .option("--json", "print fit.json's content, of several heads as a list")
    .option("-q, --quiet", "print nothing but errors (and what --json prints)")
    .addHelpText("after", HELP);
}

const HELP = `
What goes in: a photo of a face that is at least some 100 pixels wide, lit, not covered and not in profile.
Larger is better up to 500 pixels or so. Hair and what covers the face are left out; the neck, the ears and the
back of the head are the model's guess.

What comes out, in the folder:
  head.glb      for Blender, three.js, game engines: texture, eyes, teeth, every expression as a morph target
                (ARKit's names), in metres
  head.obj      the same shape without expressions, in millimetres, with head.mtl and eyes.png
  texture.png   the skin under even light: the photo's where it shows any, the rest from the texture model
  overlay.png   the fitted face over the photo
  sheet.png     photo, overlay, texture, and the head from three sides with and without its texture
  fit.json      every parameter, the camera, losses, landmarks, versions; \`ganfit render\` draws from it
  normal.png    with --detail: what wrinkles and pores do to the light; head.glb wears it
Several photos get a folder each, named as they are, and one that fails does not stop the others. Files
appear complete or not at all.

One person: with --same-person all photos give one head, better than any of them alone, written into the folder
itself. Each photo has its overlay-2.png, overlay-3.png, ... and a fit-2.json, ... with its own expression, camera and
light; head.glb and head.obj have no expression. Photos without a face, and those that show somebody else, are told of
and left out. --video does the same with up to six frames, which it writes as frame.png, frame-2.png, ...

Examples:
  ganfit fit portrait.jpg --out head
  ganfit fit team/*.jpg --out heads --no-obj
  ganfit fit portrait.jpg --out head --model ict-facekit --texture-size 2048
  ganfit fit group.jpg --face 1 --out second
  ganfit fit --same-person ada-1.jpg ada-2.jpg ada-3.jpg --out ada
  ganfit fit --video clip.mp4 --out ada
  ganfit fit portrait.jpg --out head --quality draft
  ganfit fit portrait.jpg --out head --detail
  ganfit fit portrait.jpg --out head --steps 30 --quiet --json | jq .landmarkError.final

Exit codes: 0 done, 2 an option makes no sense, 3 a photo or video cannot be read (or ffmpeg is missing), 4 no face,
5 shape model, 6 network or generator, 7 results cannot be written, 9 some of several photos could not be fitted
or show somebody else (where all failed alike, that reason's code), 130 interrupted.`;
