import { GanfitError } from "@ganfit/core";
import { readLandmarks, readVertexIds } from "../files/read-landmarks.node.js";
import { readMesh } from "../files/read-mesh.node.js";
import { faceFrame } from "../geometry/face-frame.js";
import type { Mesh } from "../geometry/mesh.js";
import { pickPoints, pointAt, scaled } from "../geometry/points.js";
import { IBUG68_COUNT, NOSE_TIP } from "../ibug68.js";
import type { ErrorMap, Score, ScoreTask } from "../score.js";
import { mean, percentiles } from "../statistics/statistics.js";
import { compareMeshes, type MeshDistances } from "./compare-meshes.js";
import type { LandmarkKind, MeshesSettings } from "./meshes-settings.js";

/**
 * Distances between one reconstruction and the truth: of the truth's vertices `mean`, `median`, `rms` (root mean square),
 * `p95` and `max`, of the reconstruction's vertices `meshToTruth` (their mean), and `points`, how many vertices of
 * the truth were measured; the truth's distances are pooled.
 *
 * @throws GanfitError `data` where a file is wrong or vertices should correspond and do not
 */
export async function scoreMeshes(task: ScoreTask<MeshesSettings>): Promise<Score> {
  const { align, radius } = task.settings;
  const { truth, mesh, landmarks } = await readPair(task);
  if (radius !== null && landmarks?.truth.length !== 3 * IBUG68_COUNT) {
    throw new GanfitError(
      "usage",
      "A radius about the nose tip needs 68 landmarks of the ground truth.",
    );
  }
  const found = compareMeshes({
    truth,
    mesh,
    landmarks: align === "none" ? null : correspondences(truth, mesh, landmarks),
    align,
    region: radius === null ? null : { centre: pointAt(landmarks!.truth, NOSE_TIP), radius },
  });
  const [median, p95, max] = percentiles(found.truthToMesh, [50, 95, 100]);
  return {
    figures: {
      mean: mean(found.truthToMesh),
      median: median!,
      rms: Math.sqrt(mean(found.truthToMesh.map((distance) => distance ** 2))),
      p95: p95!,
      max: max!,
      meshToTruth: mean(found.meshToTruth),
      points: found.vertices.length,
    },
    pooled: Float32Array.from(found.truthToMesh),
    errorMaps: [errorMap(truth, found, landmarks?.truth ?? null)],
  };
}

interface Landmarks {
  readonly truth: Float64Array;
  /** Null where nothing is moved. */
  readonly mesh: Float64Array | null;
}

/** Meshes and landmarks in millimetres. */
async function readPair({ files, settings }: ScoreTask<MeshesSettings>) {
  const [truthFile, meshFile, ofTruth, ofMesh] = files;
  if (!truthFile || !meshFile) {
    throw new GanfitError("usage", "A comparison of meshes needs two files.");
  }
  const { millimetresPerUnit } = settings;
  const truth = inMillimetres(await readMesh(truthFile), millimetresPerUnit);
  const mesh = inMillimetres(await readMesh(meshFile), millimetresPerUnit);
  if (settings.landmarks === null) return { truth, mesh, landmarks: null };
  const { count, truth: truthKind, mesh: meshKind } = settings.landmarks;
  const read = async (on: Mesh, kind: LandmarkKind, path: string | undefined) => {
    if (!path) throw new GanfitError("usage", "A file of landmarks is missing from the task.");
    return kind === "ids"
      ? verticesOf(on, await readVertexIds(path), path)
      : scaled(await readLandmarks(path, count), millimetresPerUnit);
  };
  const landmarks: Landmarks = {
    truth: await read(truth, truthKind, ofTruth),
    mesh: meshKind && (await read(mesh, meshKind, ofMesh)),
  };
  return { truth, mesh, landmarks };
}

function inMillimetres({ positions, triangles }: Mesh, millimetresPerUnit: number): Mesh {
  return { positions: scaled(positions, millimetresPerUnit), triangles };
}

function verticesOf({ positions }: Mesh, ids: Uint32Array, path: string): Float64Array {
  const count = positions.length / 3;
  const beyond = ids.find((id) => id >= count);
  if (beyond !== undefined) {
    throw new GanfitError(
      "data",
      `${path} names vertex ${beyond} of a mesh with ${count} vertices.`,
    );
  }
  return pickPoints(positions, ids);
}

/** Pairs of points that the pose is found from: landmarks, or else all vertices. */
function correspondences(truth: Mesh, mesh: Mesh, landmarks: Landmarks | null) {
  if (landmarks?.mesh) return { truth: landmarks.truth, mesh: landmarks.mesh };
  if (truth.positions.length !== mesh.positions.length) {
    throw new GanfitError(
      "data",
      `The meshes have ${truth.positions.length / 3} and ${mesh.positions.length / 3} vertices, which therefore do not correspond; give landmarks of both.`,
    );
  }
  return { truth: truth.positions, mesh: mesh.positions };
}

/** Faces the viewer where 68 landmarks say which way that is. */
function errorMap(truth: Mesh, found: MeshDistances, landmarks: Float64Array | null): ErrorMap {
  const errors = new Float32Array(truth.positions.length / 3).fill(Number.NaN);
  for (const [i, vertex] of found.vertices.entries()) errors[vertex] = found.truthToMesh[i]!;
  const point = (i: number) => pointAt(landmarks!, i);
  const positions =
    landmarks?.length === 3 * IBUG68_COUNT
      ? faceFrame(truth.positions, [point(36), point(45)], [point(48), point(54)])
      : truth.positions;
  return { title: "truth to reconstruction", positions, triangles: truth.triangles, errors };
}
