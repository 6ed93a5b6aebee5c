/** What there is to be compared in folders of meshes. */
import { GanfitError } from "@ganfit/core";
import { MESH_ENDINGS } from "../files/parse-mesh.js";
import { IBUG68_COUNT } from "../ibug68.js";
import type { Plan, Problem, ScoreTask, SystemFolder } from "../score.js";
import { listMeshFolder, type MeshFolder } from "./mesh-folder.node.js";
import type { MeshAlignment, MeshesSettings } from "./meshes-settings.js";

export interface MeshesPlanOptions {
  /** Folder of `<subject>.obj`, `.ply`, `.glb` or `.stl`. */
  readonly truth: string;
  /** Folders of meshes of the same names, with any of the endings. */
  readonly systems: readonly SystemFolder[];
  /**
   * How many landmarks each mesh has: in `<subject>.ljson`, `.pts`, `.pp`, `.npy`, `.json` or `.txt` beside it, or as
   * vertices named by the folder's `landmark_ids.json`, `.txt` or `.pkl`, which say the number where this does not.
   * Without either, vertices of equal numbers correspond.
   */
  readonly landmarks?: number;
  /** Default `similarity`. */
  readonly align?: MeshAlignment;
  /** Millimetres about the truth's nose tip, the landmark 30 of 68; all is measured by default. */
  readonly radius?: number;
  /** Of all the meshes' files; default 1. */
  readonly millimetresPerUnit?: number;
}

/**
 * Looks for each true mesh' reconstruction and landmarks; what is missing is a problem.
 *
 * @throws GanfitError `data` where a folder is absent or the truth's holds no mesh, `usage` where options make no sense
 */
export async function planMeshes(options: MeshesPlanOptions): Promise<Plan<MeshesSettings>> {
  const truth = await listMeshFolder(options.truth, "the true meshes");
  if (truth.stems.length === 0) {
    throw new GanfitError("data", `${options.truth} holds no mesh (${MESH_ENDINGS.join(", ")}).`);
  }
  const tasks: ScoreTask<MeshesSettings>[] = [];
  const problems: Problem[] = [];
  for (const { name: system, folder } of options.systems) {
    const meshes = await listMeshFolder(folder, `the reconstructions of ${system}`);
    const count = landmarkCount(options, truth, meshes);
    checkOptions(options, count);
    for (const subject of truth.stems) {
      const found = findFiles({ truth, meshes, subject, count, options });
      if (typeof found === "string") problems.push({ system, subject, problem: found });
      else tasks.push({ protocol: "meshes", system, subject, ...found });
    }
  }
  return { tasks, problems };
}

/** Null without landmarks. */
function landmarkCount(
  { landmarks }: MeshesPlanOptions,
  truth: MeshFolder,
  meshes: MeshFolder,
): number | null {
  const count = landmarks ?? truth.idCount ?? meshes.idCount;
  for (const { path, idCount } of [truth, meshes]) {
    if (idCount !== null && idCount !== count) {
      throw new GanfitError(
        "data",
        `The file landmark_ids in ${path} names ${idCount} vertices, but ${count} landmarks are to be used.`,
      );
    }
  }
  return count;
}

function checkOptions(options: MeshesPlanOptions, count: number | null): void {
  const { radius, millimetresPerUnit = 1 } = options;
  if (count !== null && !(Number.isInteger(count) && count >= 3)) {
    throw new GanfitError("usage", `${count} landmarks determine no pose; three or more do.`);
  }
  if (!(millimetresPerUnit > 0 && Number.isFinite(millimetresPerUnit))) {
    throw new GanfitError("usage", `${millimetresPerUnit} millimetres per unit make no sense.`);
  }
  if (radius === undefined) return;
  if (!(radius > 0 && Number.isFinite(radius))) {
    throw new GanfitError("usage", `A radius of ${radius} mm makes no sense.`);
  }
  if (count !== IBUG68_COUNT) {
    throw new GanfitError(
      "usage",
      "A radius is about the nose tip, the landmark 30 of 68, and needs 68 landmarks for each mesh.",
    );
  }
}

interface Search {
  readonly truth: MeshFolder;
  readonly meshes: MeshFolder;
  readonly subject: string;
  readonly count: number | null;
  readonly options: MeshesPlanOptions;
}

/** Files and settings, or what is missing. */
function findFiles({ truth, meshes, subject, count, options }: Search) {
  const { align = "similarity", radius = null, millimetresPerUnit = 1 } = options;
  const files = [truth.mesh(subject)!];
  const mesh = meshes.mesh(subject);
  if (mesh === null) {
    return `The reconstruction is missing: ${meshes.path} has no ${subject} with one of the endings ${MESH_ENDINGS.join(", ")}.`;
  }
  files.push(mesh);
  let landmarks: MeshesSettings["landmarks"] = null;
  if (count !== null) {
    const ofTruth = truth.landmarks(subject);
    const ofMesh = align === "none" ? null : meshes.landmarks(subject);
    if (ofTruth === null) return `${truth.path} has no landmarks of ${subject}.`;
    if (ofMesh === null && align !== "none")
      return `${meshes.path} has no landmarks of ${subject}.`;
    files.push(ofTruth.path, ...(ofMesh ? [ofMesh.path] : []));
    landmarks = { count, truth: ofTruth.kind, mesh: ofMesh?.kind ?? null };
  }
  const settings: MeshesSettings = { align, radius, millimetresPerUnit, landmarks };
  return { files, settings };
}
