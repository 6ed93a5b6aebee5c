import type { Mesh } from "../geometry/mesh.js";
import { MAX_MESH_BYTES } from "./limits.js";
import type { MeshOptions } from "./mesh-builder.js";
import { parseMesh } from "./parse-mesh.js";
import { readBytes } from "./read-bytes.node.js";

/**
 * Reads a mesh file: `.obj`, `.ply`, `.stl` or `.glb`.
 *
 * @returns in the file's unit
 * @throws GanfitError `data`, as `parseMesh` does, and where there is no such file
 */
export async function readMesh(path: string, options: MeshOptions = {}): Promise<Mesh> {
  return parseMesh(await readBytes(path, MAX_MESH_BYTES), path, options);
}
