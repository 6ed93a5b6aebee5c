/** Folders of meshes with landmarks beside them. */
import { join } from "node:path";
import { endingOf } from "../files/ending.js";
import { namesIn } from "../files/folders.node.js";
import { LANDMARK_ENDINGS } from "../files/parse-landmarks.js";
import { MESH_ENDINGS } from "../files/parse-mesh.js";
import { readVertexIds } from "../files/read-landmarks.node.js";
import type { LandmarkKind } from "./meshes-settings.js";

const ID_STEM = "landmark_ids";
const ID_ENDINGS = [".json", ".txt", ".pkl"];

export interface LandmarkFile {
  readonly path: string;
  readonly kind: LandmarkKind;
}

export interface MeshFolder {
  readonly path: string;
  /** Names of its meshes without their endings, sorted. */
  readonly stems: readonly string[];
  /** How many vertices its file `landmark_ids` names; null without such a file. */
  readonly idCount: number | null;
  /** Of several of one name, the first by the order of the endings that are read. */
  readonly mesh: (stem: string) => string | null;
  /** The mesh' own file of landmarks, else the folder's `landmark_ids`, else null. */
  readonly landmarks: (stem: string) => LandmarkFile | null;
}

/**
 * Lists a folder.
 *
 * @param what it holds, for messages
 * @throws GanfitError `data` where it cannot be listed or its file `landmark_ids` is wrong
 */
export async function listMeshFolder(path: string, what: string): Promise<MeshFolder> {
  const entries = await namesIn(path, what);
  const names = new Map(entries.map((name) => [normalised(name), name]));
  const find = (stem: string, endings: readonly string[]) => {
    const ending = endings.find((each) => names.has(stem + each));
    return ending === undefined ? null : join(path, names.get(stem + ending)!);
  };
  const ids = find(ID_STEM, ID_ENDINGS);
  const stems = entries
    .filter((name) => MESH_ENDINGS.includes(endingOf(name)) && !name.startsWith("."))
    .map((name) => name.slice(0, -endingOf(name).length));
  return {
    path,
    stems: [...new Set(stems)].sort(),
    idCount: ids === null ? null : (await readVertexIds(ids)).length,
    mesh: (stem) => find(stem, MESH_ENDINGS),
    landmarks: (stem) => {
      const own = find(stem, LANDMARK_ENDINGS);
      if (own !== null) return { path: own, kind: "points" };
      return ids === null ? null : { path: ids, kind: "ids" };
    },
  };
}

/** Endings are known in letters of either case. */
function normalised(name: string): string {
  const ending = endingOf(name);
  return name.slice(0, name.length - ending.length) + ending;
}
