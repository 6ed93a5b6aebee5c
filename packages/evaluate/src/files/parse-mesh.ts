import { GanfitError } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { endingOf } from "./ending.js";
import { parseGlb } from "./glb.js";
import { MAX_MESH_BYTES } from "./limits.js";
import type { MeshOptions } from "./mesh-builder.js";
import { parseObj } from "./obj.js";
import { parsePly } from "./ply.js";
import { parseStl } from "./stl.js";

type Parse = (bytes: Uint8Array, name: string, options: MeshOptions) => Mesh | Promise<Mesh>;

const PARSERS: Readonly<Record<string, Parse>> = {
  ".obj": parseObj,
  ".ply": parsePly,
  ".stl": parseStl,
  ".glb": parseGlb,
};

/** Endings of the files that are read as meshes, in small letters. */
export const MESH_ENDINGS: readonly string[] = Object.keys(PARSERS);

/**
 * Reads a mesh, in the format that the name's ending says.
 *
 * @param name of the file, in letters of either case; also for messages
 * @returns in the file's unit
 * @throws GanfitError `data` for a file that is malformed, cut off, too large, or without vertices; or without
 * triangles, unless `points` allows it
 */
export async function parseMesh(
  bytes: Uint8Array,
  name: string,
  options: MeshOptions = {},
): Promise<Mesh> {
  const ending = endingOf(name);
  const parse = Object.hasOwn(PARSERS, ending) ? PARSERS[ending]! : null;
  if (parse === null) {
    throw new GanfitError(
      "data",
      `${name} is no mesh that can be read: its ending is none of ${MESH_ENDINGS.join(", ")}.`,
    );
  }
  if (bytes.length > MAX_MESH_BYTES) {
    throw new GanfitError(
      "data",
      `${name} has ${bytes.length} bytes, but meshes of at most ${MAX_MESH_BYTES} are read.`,
    );
  }
  return parse(bytes, name, options);
}
