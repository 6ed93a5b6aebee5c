/** The head models whose layouts are compared, with landmarks. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { embedIbug68 } from "../src/models/landmarks/embed-ibug68.js";
import { embedLandmarks } from "../src/models/landmarks/embed-landmarks.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { openModel } from "../src/models/readers/open-model.node.js";
import { surfacePositions } from "../src/models/surface-points.js";
import type { FaceNetworks } from "../src/networks/faces.js";
import { ictFaceKit } from "../test/ict-facekit.js";
import { shared } from "../test/shared.js";

const HEAD = fileURLToPath(new URL("../assets/default-head.gfm", import.meta.url));

/** Paths of the default head, ICT-FaceKit and the Surrey Face Model, as far as they are there. */
export function modelPaths(): string[] {
  const candidates = [existsSync(HEAD) ? HEAD : null, ictFaceKit(), shared("surrey-face-model")];
  return candidates.filter((path) => path !== null);
}

/** The model in a file or folder, with both sets of landmarks. */
export async function openWithLandmarks(
  path: string,
  networks: FaceNetworks,
): Promise<MorphableModel> {
  const model = await openModel(path);
  const mediapipe478 = model.landmarks?.mediapipe478 ?? (await embedLandmarks(model, networks));
  const ibug68 = model.landmarks?.ibug68 ?? embedIbug68(model, mediapipe478);
  return { ...model, landmarks: { mediapipe478, ibug68 } };
}

/** Mean and largest distance in millimetres between two sets of 68 points on a model, by feature. */
export function compareIbug68(model: MorphableModel, a: Float32Array) {
  const b = surfacePositions(model.mean, model.triangles, model.landmarks!.ibug68!);
  const distance = (i: number) =>
    Math.hypot(...[0, 1, 2].map((k) => a[3 * i + k]! - b[3 * i + k]!));
  const mean = (from: number, end: number) => {
    let sum = 0;
    for (let i = from; i < end; i++) sum += distance(i) / (end - from);
    return Number(sum.toFixed(2));
  };
  return {
    jaw: mean(0, 17),
    brows: mean(17, 27),
    nose: mean(27, 36),
    eyes: mean(36, 48),
    lips: mean(48, 68),
    all: mean(0, 68),
  };
}
