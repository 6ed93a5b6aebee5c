/** Folders of reconstructions as the NoW benchmark takes them. */
import { join } from "node:path";
import { GanfitError, writeFolder } from "@ganfit/core";
import { needFolder } from "../files/folders.node.js";
import { npyBytes } from "../files/landmark-text.js";
import { objText } from "../files/obj.js";
import { readLandmarks } from "../files/read-landmarks.node.js";
import { readMesh } from "../files/read-mesh.node.js";
import { ClosestPointSearch } from "../geometry/closest-points.js";
import type { Mesh } from "../geometry/mesh.js";
import { isPathPart, type NowPhoto, photoPath } from "./image-list.js";
import { NOW_LANDMARKS } from "./now-landmarks.js";
import { predictionOf, readImageList } from "./plan-now.node.js";

/**
 * Writes `<folder>/<subject>/<challenge>/<name>.obj` and `.npy`.
 *
 * @param landmarks `7 x 3`, on the mesh and in its unit
 * @throws GanfitError `usage` where the photo's parts cannot be names of files or the landmarks are not seven finite
 *   points, `output` where the files cannot be written
 */
export async function writeNowPrediction(
  folder: string,
  photo: NowPhoto,
  mesh: Mesh,
  landmarks: Float64Array,
): Promise<void> {
  const { subject, challenge, name } = photo;
  for (const part of [subject, challenge, name]) {
    if (!isPathPart(part)) {
      throw new GanfitError(
        "usage",
        `"${part}" cannot be the name of a folder or file; give one without slashes.`,
      );
    }
  }
  const count = NOW_LANDMARKS.length;
  if (landmarks.length !== 3 * count || !landmarks.every(Number.isFinite)) {
    throw new GanfitError(
      "usage",
      `The NoW benchmark takes ${count} landmarks of finite coordinates, not ${landmarks.length} numbers such as these.`,
    );
  }
  const files = new Map([
    [`${name}.obj`, new TextEncoder().encode(objText(mesh))],
    [`${name}.npy`, npyBytes(landmarks)],
  ]);
  await writeFolder(join(folder, subject, challenge), files);
}

export interface NowSubmissionCheck {
  /** Photos of the list. */
  readonly photos: number;
  /** Photos without fault. */
  readonly ready: number;
  /** One sentence for each fault, in the list's order. */
  readonly faults: readonly { readonly photo: string; readonly fault: string }[];
}

/** Landmarks farther from the mesh than this part of the distance of the eyes' outer corners are not on it. */
const FAR = 0.2;

/**
 * Whether a folder has a readable reconstruction with landmarks for each photo of the list, what now_evaluation's
 * `check_predictions` looks at by eye for one: that the files can be read, and that the landmarks lie on the mesh, so
 * that the alignment can work.
 *
 * @param imageList path of `imagepathsvalidation.txt`, `imagepathstest.txt` or another such list
 * @throws GanfitError `data` where folder or list is absent or the list is wrong; the signal's reason
 */
export async function checkNowSubmission(
  folder: string,
  imageList: string,
  signal?: AbortSignal,
): Promise<NowSubmissionCheck> {
  await needFolder(folder, "the reconstructions");
  const photos = await readImageList(imageList);
  const faults: { photo: string; fault: string }[] = [];
  for (const photo of photos) {
    signal?.throwIfAborted();
    const fault = await faultOf(folder, photo);
    if (fault !== null) faults.push({ photo: photoPath(photo), fault });
  }
  return { photos: photos.length, ready: photos.length - faults.length, faults };
}

async function faultOf(folder: string, photo: NowPhoto): Promise<string | null> {
  const files = await predictionOf(folder, photo);
  if (typeof files === "string") return files;
  try {
    const mesh = await readMesh(files.mesh);
    const landmarks = await readLandmarks(files.landmarks, NOW_LANDMARKS.length);
    if (mesh.triangles.length === 0) return `${files.mesh} has no triangles.`;
    const fault = landmarksFault(mesh, landmarks);
    return fault && `${files.landmarks}: ${fault}`;
  } catch (error) {
    if (error instanceof GanfitError && error.code === "data") return error.message;
    throw error;
  }
}

function landmarksFault(mesh: Mesh, landmarks: Float64Array): string | null {
  const eyes = Math.hypot(...[0, 1, 2].map((k) => landmarks[k]! - landmarks[9 + k]!));
  if (!(eyes > 0)) return "the outer corners of both eyes are one point.";
  const { distances } = new ClosestPointSearch(mesh).find(landmarks);
  const [worst = 0] = [...distances.keys()].sort((a, b) => distances[b]! - distances[a]!);
  if (distances[worst]! <= FAR * eyes) return null;
  const { name } = NOW_LANDMARKS[worst]!;
  return `landmark ${worst + 1} (${name}) lies ${distances[worst]!.toPrecision(3)} away from the mesh, in a face with eyes ${eyes.toPrecision(3)} apart; unit, pose or order of the landmarks may be another.`;
}
