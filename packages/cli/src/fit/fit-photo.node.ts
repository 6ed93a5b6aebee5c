import { basename, join } from "node:path";
import {
  believableFocalLength,
  decodeImage,
  encodePng,
  type FitReport,
  fit,
  fitReport,
  flatten,
  focalLengthInPixels,
  type Image,
  type LoadedFitModels,
  type NetworkOptions,
  readFocalLength,
  readImageBytes,
  sha256,
  writeFolder,
} from "@ganfit/core";
import type { versions } from "../version.node.js";
import type { FitCommandOptions } from "./options.js";
import { makeFiles, makeSkin, TEXTURE_FILE } from "./outputs.node.js";
import type { FitReporter } from "./progress.node.js";

/** What is the same for every photo of a command. */
export interface FitSession {
  readonly models: LoadedFitModels;
  readonly network: NetworkOptions;
  readonly options: FitCommandOptions;
  readonly versions: Awaited<ReturnType<typeof versions>>;
  readonly reporter: FitReporter;
  readonly signal: AbortSignal;
}

/** Larger photos are scaled down to this many pixels: a fit compares far fewer, and memory is what they cost. */
export const MOST_PIXELS = 2 ** 24;

/** A photo as it was read. */
export interface PhotoInput {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Opaque. */
  readonly image: Image;
  /** Pixels of the image per pixel of the file. */
  readonly scale: number;
}

export async function readPhoto(path: string, reporter: FitReporter): Promise<PhotoInput> {
  reporter.stage(`${basename(path)}: reading`);
  const bytes = await readImageBytes(path);
  const decoded = await decodeImage(bytes, { name: path, maxPixels: MOST_PIXELS });
  return { path, bytes, image: flatten(decoded), scale: decoded.scale };
}

/**
 * Fits one photo and writes its files into a folder.
 *
 * @returns the report, and the paths that were written
 */
export async function fitPhoto(
  { path, bytes, image, scale }: PhotoInput,
  folder: string,
  { models, network, options, versions, reporter, signal }: FitSession,
): Promise<{ report: FitReport; paths: string[] }> {
  const name = basename(path);
  const { width, height } = image;
  const focal = await focalLength(options.focalLength, bytes, width, height);
  signal.throwIfAborted();
  const { steps, seed, lighting, face } = options;
  const given = { steps, seed, lighting, face, focalLength: focal.pixels };
  const fitOptions = {
    ...network,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const result = await fit(image, models, {
    ...fitOptions,
    name: path,
    signal,
    onProgress: (progress) => reporter.fit(name, progress),
  });
  reporter.stage(`${name}: writing`);
  const skin = await makeSkin(image, result, models, options);
  const texture = await encodePng(skin);
  const report = fitReport(result, {
    photo: { name, width, height, scale, sha256: await sha256(bytes) },
    options: fitOptions,
    focalLengthFrom: focal.from,
    texture: {
      source: options.texture,
      size: skin.width,
      file: TEXTURE_FILE,
      sha256: await sha256(texture),
    },
    models,
    hashes: models.hashes,
    versions,
  });
  const dressed = { ...result, head: { ...result.head, skin } };
  const files = await makeFiles(image, dressed, report, texture, options, signal);
  await writeFolder(folder, files, signal);
  const paths = [...files.keys()].map((file) => join(folder, file));
  return { report, paths };
}

async function focalLength(
  in35mm: number | undefined,
  bytes: Uint8Array,
  width: number,
  height: number,
): Promise<{ from: "option" | "exif" | "prior"; pixels: number | undefined }> {
  if (in35mm !== undefined) {
    return { from: "option", pixels: focalLengthInPixels(in35mm, width, height) };
  }
  const pixels = believableFocalLength(await readFocalLength(bytes), width, height);
  return pixels === null ? { from: "prior", pixels: undefined } : { from: "exif", pixels };
}
