import { MAX_LIST_BYTES } from "./limits.js";
import { parseLandmarks } from "./parse-landmarks.js";
import { readBytes } from "./read-bytes.node.js";
import { parseVertexIds } from "./vertex-ids.js";

/**
 * Reads a file of landmarks: `.ljson`, `.pts`, `.txt`, `.json`, `.pp` or `.npy`.
 *
 * @returns `count x 3`, in the file's unit and order
 * @throws GanfitError `data`, as `parseLandmarks` does, and where there is no such file
 */
export async function readLandmarks(path: string, count: number): Promise<Float64Array> {
  return parseLandmarks(await readBytes(path, MAX_LIST_BYTES), path, count);
}

/**
 * Reads a file of vertex indices (from 0): `.pkl`, `.json` or `.txt`.
 *
 * @throws GanfitError `data`, as `parseVertexIds` does, and where there is no such file
 */
export async function readVertexIds(path: string): Promise<Uint32Array> {
  return parseVertexIds(await readBytes(path, MAX_LIST_BYTES), path);
}
