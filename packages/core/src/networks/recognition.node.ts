/** Recognition networks from files. */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { GraphError, readModelFile } from "@ganfit/autodiff";
import { z } from "zod";
import { GanfitError } from "../errors.js";
import { readAsset } from "./assets.node.js";
import type { NetworkOptions } from "./network.js";
import {
  openRecognition,
  parseRecognition,
  type Recognition,
  type RecognitionDescription,
  SFACE,
  SFACE_URL,
} from "./recognition.js";

/** A description is a few lines; what is longer is another file. */
const LONGEST = 1 << 20;

const FILE = z.looseObject({ file: z.string().min(1).max(4096) });

/** SFace, which comes with the package. */
export async function loadSface(options: NetworkOptions = {}): Promise<Recognition> {
  return openRecognition(await readAsset(SFACE_URL), SFACE, options);
}

/**
 * A description in a JSON file (docs/recognition.md), and the `.onnx` file that its entry `file`
 * names, relative to it.
 *
 * @returns the description and the model, for `openRecognition` or `importRecognition`
 * @throws GanfitError `network` when either file cannot be read or is wrong
 */
export async function readRecognitionFile(
  path: string,
): Promise<{ description: RecognitionDescription; model: ReturnType<typeof readModelFile> }> {
  const wrong = (problem: string, cause?: unknown) =>
    new GanfitError("network", `${path} describes no recognition network: ${problem}.`, { cause });
  let json: unknown;
  try {
    const { size } = await stat(path);
    if (size > LONGEST) throw new Error(`it has ${size} bytes`);
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw wrong((error as Error).message, error);
  }
  const parsed = FILE.safeParse(json);
  if (!parsed.success) throw wrong('it needs an entry "file" with the path of the .onnx file');
  const { file, ...rest } = parsed.data;
  const description = parseRecognition(rest);
  try {
    return { description, model: readModelFile(resolve(dirname(path), file)) };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new GanfitError(
      "network",
      `The network of ${description.name} cannot be read: ${error.message}.`,
      { cause: error },
    );
  }
}
