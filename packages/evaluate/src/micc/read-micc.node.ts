/** The files of a score, in millimetres where a unit is given. */
import { GanfitError } from "@ganfit/core";
import { readLandmarks, readVertexIds } from "../files/read-landmarks.node.js";
import { readMesh } from "../files/read-mesh.node.js";
import type { Mesh } from "../geometry/mesh.js";
import { pickPoints, scaled } from "../geometry/points.js";
import { IBUG68_COUNT } from "../ibug68.js";
import type { LandmarkedMesh } from "./landmarked-mesh.js";

export interface Template extends LandmarkedMesh {
  /** 68 vertices, each once, that are the landmarks. */
  readonly ids: Uint32Array;
}

/**
 * @param millimetres to a unit of the file
 * @throws GanfitError `data` where a file is missing or wrong
 */
export async function readTemplate(path: string, ids: string, millimetres = 1): Promise<Template> {
  const [mesh, vertices] = await Promise.all([readMesh(path), readVertexIds(ids)]);
  if (new Set(vertices).size !== vertices.length) {
    throw new GanfitError("data", `${ids} names a vertex twice, but landmarks are 68 vertices.`);
  }
  return { ...withIds(mesh, vertices, { mesh: path, ids }, millimetres), ids: vertices };
}

/** A scan or registered mesh with the landmarks in a file of their own. */
export async function readScan(
  mesh: string,
  landmarks: string,
  millimetres: { readonly mesh: number; readonly landmarks: number },
): Promise<LandmarkedMesh> {
  const [{ positions, triangles }, points] = await Promise.all([
    readMesh(mesh),
    readLandmarks(landmarks, IBUG68_COUNT),
  ]);
  return {
    positions: scaled(positions, millimetres.mesh),
    triangles,
    landmarks: scaled(points, millimetres.landmarks),
  };
}

/**
 * A reconstruction with landmarks: the template's where it has as many vertices, else those that came with it.
 *
 * @throws GanfitError `data` where it has another number of vertices and no landmarks, or a file is wrong
 */
export async function readReconstruction(
  path: string,
  template: Template,
  marks: { readonly kind: "landmarks" | "ids"; readonly path: string } | null,
  millimetres: number,
): Promise<LandmarkedMesh> {
  const mesh = await readMesh(path);
  const files = { mesh: path, ids: marks?.path ?? "" };
  if (mesh.positions.length === template.positions.length) {
    return withIds(mesh, template.ids, files, millimetres);
  }
  if (marks?.kind === "ids") {
    return withIds(mesh, await readVertexIds(marks.path), files, millimetres);
  }
  if (marks) return readScan(path, marks.path, { mesh: millimetres, landmarks: millimetres });
  throw new GanfitError(
    "data",
    `${path} has ${mesh.positions.length / 3} vertices and the template ${template.positions.length / 3}: put the 68 landmarks beside each mesh as <setting>.ljson, .pts, .txt or .json, or one landmark_ids.json in the system's folder.`,
  );
}

function withIds(
  { positions, triangles }: Mesh,
  ids: Uint32Array,
  files: { readonly mesh: string; readonly ids: string },
  millimetres: number,
): LandmarkedMesh {
  if (ids.length !== IBUG68_COUNT) {
    throw new GanfitError("data", `${files.ids} names ${ids.length} vertices instead of 68.`);
  }
  const beyond = ids.find((id) => id >= positions.length / 3);
  if (beyond !== undefined) {
    throw new GanfitError(
      "data",
      `${files.ids} names vertex ${beyond}, but ${files.mesh} has ${positions.length / 3} vertices.`,
    );
  }
  const inMillimetres = scaled(positions, millimetres);
  return { positions: inMillimetres, triangles, landmarks: pickPoints(inMillimetres, ids) };
}
