import { GanfitError } from "@ganfit/core";
import { readLandmarks } from "../files/read-landmarks.node.js";
import { readMesh } from "../files/read-mesh.node.js";
import { faceFrame } from "../geometry/face-frame.js";
import { pointAt } from "../geometry/points.js";
import type { Score, ScoreTask } from "../score.js";
import { mean, median, populationDeviation } from "../statistics/statistics.js";
import { nowDistances } from "./now-distances.js";
import { NOW_LANDMARKS } from "./now-landmarks.js";
import type { NowSettings } from "./now-settings.js";

/**
 * Distances of one photo's reconstruction: `median`, `mean`, `standardDeviation` (of the population), `points` (vertices of
 * the cropped scan) and `reflected` (1 where the landmarks asked for a mirror image, which speaks of landmarks in the
 * wrong order); the distances are pooled.
 *
 * @throws GanfitError `data` where a file is wrong
 */
export async function scoreNow(task: ScoreTask<NowSettings>): Promise<Score> {
  const [scanFile, scanLandmarksFile, meshFile, meshLandmarksFile] = task.files;
  if (!scanFile || !scanLandmarksFile || !meshFile || !meshLandmarksFile) {
    throw new GanfitError(
      "usage",
      `A task of the NoW benchmark has four files, not ${task.files.length}.`,
    );
  }
  const count = NOW_LANDMARKS.length;
  const scanLandmarks = await readLandmarks(scanLandmarksFile, count);
  const meshLandmarks = await readLandmarks(meshLandmarksFile, count);
  const [scan, mesh] = [await readMesh(scanFile), await readMesh(meshFile)];
  const { unit } = task.settings;
  const found = nowDistances({ scan, scanLandmarks, mesh, meshLandmarks, unit });
  const { crop, distances, reflected } = found;
  const [rightEye, leftEye] = [pointAt(scanLandmarks, 0), pointAt(scanLandmarks, 3)];
  const [rightMouth, leftMouth] = [pointAt(scanLandmarks, 5), pointAt(scanLandmarks, 6)];
  const errors = Float32Array.from(distances);
  return {
    figures: {
      median: median(distances),
      mean: mean(distances),
      standardDeviation: populationDeviation(distances),
      points: distances.length,
      reflected: Number(reflected),
    },
    pooled: errors,
    errorMaps: [
      {
        title: "scan to reconstruction",
        positions: faceFrame(crop.positions, [rightEye, leftEye], [rightMouth, leftMouth]),
        triangles: crop.triangles,
        errors,
      },
    ],
  };
}
