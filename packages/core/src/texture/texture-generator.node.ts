/** Texture generators from files. */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GraphError, readModelFile } from "@ganfit/autodiff";
import { z } from "zod";
import { GanfitError } from "../errors.js";
import {
  TEXTURE_GENERATOR_URL,
  type TextureGenerator,
  textureGenerator,
} from "./texture-generator.js";

/** A description is a few lines; what is longer is another file. */
const LONGEST = 1 << 20;

const FILE = z.looseObject({ file: z.string().min(1).max(4096) });

/** The generator that comes with the package. */
export async function loadDefaultGenerator(): Promise<TextureGenerator> {
  return openTextureGenerator(fileURLToPath(TEXTURE_GENERATOR_URL));
}

/**
 * A generator from a description in a JSON file, whose entry `file` names the `.onnx` file relative to it;
 * the path of an `.onnx` file stands for the JSON file of the same name beside it.
 *
 * @throws GanfitError `network` when either file cannot be read, is wrong, or does not fit the other
 */
export async function openTextureGenerator(path: string): Promise<TextureGenerator> {
  const described = path.replace(/\.onnx$/i, ".json");
  const wrong = (problem: string, cause?: unknown) =>
    new GanfitError("network", `${described} describes no texture generator: ${problem}.`, {
      cause,
    });
  let json: unknown;
  try {
    const { size } = await stat(described);
    if (size > LONGEST) throw new Error(`it has ${size} bytes`);
    json = JSON.parse(await readFile(described, "utf8"));
  } catch (error) {
    throw wrong((error as Error).message, error);
  }
  const parsed = FILE.safeParse(json);
  if (!parsed.success) throw wrong('it needs an entry "file" with the path of the .onnx file');
  const { file, ...description } = parsed.data;
  try {
    const model = readModelFile(resolve(dirname(described), file));
    return textureGenerator(description, model);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new GanfitError(
      "network",
      `The network ${file} of ${described} cannot be read: ${error.message}.`,
      { cause: error },
    );
  }
}
