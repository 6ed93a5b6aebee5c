/** Reads a model from disk, with weights that lie in files beside it. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { GraphError } from "../graph/errors.js";
import { type OnnxModel, readModel } from "./read.js";

/**
 * @throws GraphError when the file cannot be read, is not an ONNX model, or names external data
 *   that lies outside its folder (symbolic links followed).
 */
export function readModelFile(path: string): OnnxModel {
  const folder = dirname(resolve(path));
  const files = new Map<string, Uint8Array>();
  const externalData = (location: string): Uint8Array | undefined => {
    const known = files.get(location);
    if (known) return known;
    const bytes = attempt(location, () => readBelow(folder, location));
    if (bytes) files.set(location, bytes);
    return bytes;
  };
  return readModel(
    attempt(path, () => readFileSync(path)),
    { externalData },
  );
}

function readBelow(folder: string, location: string): Uint8Array | undefined {
  const file = resolve(folder, location);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
  const [way] = relative(realpathSync(folder), realpathSync(file)).split(sep);
  if (way === "..") {
    throw new GraphError("readModel", location, "external data lies outside the model's folder");
  }
  return readFileSync(file);
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof GraphError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new GraphError("readModel", path, `cannot be read: ${reason}`, [], { cause: error });
  }
}
