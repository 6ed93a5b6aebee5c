import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError } from "../../errors.js";
import { withFile } from "../compact/compact-file.node.js";
import type { MorphableModel } from "../morphable-model.js";
import { isEosBlendshapes, isEosModel, readEosModel } from "./surrey.js";

/** Files looked at in a folder, and the largest that is read. */
const MAX_FILES = 256;
const MAX_FILE_BYTES = 2 ** 30;

/** Longest text that is searched for landmarks or contours. */
const MAX_TEXT_BYTES = 2 ** 20;

interface Files {
  readonly models: string[];
  readonly blendshapes: string[];
  landmarks?: string;
  contours?: string;
}

/** Whether a folder has a model of eos among its files. */
export async function isEosFolder(directory: string): Promise<boolean> {
  return (await sort(directory)).models.length > 0;
}

/**
 * Reads a folder with a model of eos and what belongs to it, told by their contents: blendshapes, the
 * landmark mapping and the contours.
 *
 * @throws GanfitError `model` where there is no model or more than one, and as {@link readEosModel}
 */
export async function openEosFolder(directory: string): Promise<MorphableModel> {
  const files = await sort(directory);
  const [model, second] = files.models;
  if (model === undefined) {
    throw new GanfitError("model", `${directory} contains no model of eos.`);
  }
  if (second !== undefined || files.blendshapes.length > 1) {
    throw new GanfitError(
      "model",
      `${directory} contains several models or sets of blendshapes of eos (${[
        ...files.models,
        ...files.blendshapes,
      ].join(", ")}): put one of each into a folder of its own.`,
    );
  }
  const [blendshapes] = files.blendshapes;
  return readEosModel(await readWhole(join(directory, model)), {
    ...(blendshapes !== undefined && {
      blendshapes: await readWhole(join(directory, blendshapes)),
    }),
    ...(files.landmarks !== undefined && { landmarks: files.landmarks }),
    ...(files.contours !== undefined && { contours: files.contours }),
  });
}

/** A whole file of bounded size. */
export function readWhole(path: string): Promise<Uint8Array> {
  return withFile(path, (source) => {
    if (source.size > MAX_FILE_BYTES) {
      throw new GanfitError(
        "model",
        `${path} has ${source.size} bytes, and ${MAX_FILE_BYTES} are read at most.`,
      );
    }
    return source.read(0, source.size);
  });
}

async function sort(directory: string): Promise<Files> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  const files: Files = { models: [], blendshapes: [] };
  for (const name of names.sort().slice(0, MAX_FILES)) {
    await withFile(join(directory, name), async (source) => {
      const start = await source.read(0, Math.min(256, source.size));
      if (isEosModel(start, source.size)) files.models.push(name);
      else if (isEosBlendshapes(start)) files.blendshapes.push(name);
      else if (source.size <= MAX_TEXT_BYTES) {
        const text = new TextDecoder().decode(await source.read(0, source.size));
        if (/^\s*\[landmark_mappings\]/m.test(text)) files.landmarks = text;
        else if (/^\s*\{\s*"model_contour"/.test(text)) files.contours = text;
      }
    });
  }
  return files;
}
