/** Reads a model from disk, with weights that lie in files beside it. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
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
    const file = resolve(folder, location);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return undefined;
    if (!realpathSync(file).startsWith(realpathSync(folder) + sep)) {
      throw new GraphError("readModel", location, "external data lies outside the model's folder");
    }
    const bytes = readFileSync(file);
    files.set(location, bytes);
    return bytes;
  };
  return readModel(read(path), { externalData });
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GraphError("readModel", path, `cannot be read: ${reason}`, [], { cause: error });
  }
}
