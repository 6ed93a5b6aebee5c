import { GanfitError } from "@ganfit/core";
import { readMesh } from "../files/read-mesh.node.js";
import { readText } from "../files/read-text.node.js";
import type { Score, ScoreTask } from "../score.js";
import { readRealyPoints } from "./read-realy-points.node.js";
import { REALY_REGIONS, type RealyRegion } from "./realy-regions.js";
import { scoreRealyPrediction } from "./score-realy.js";
import { readTopology } from "./topology.node.js";
import { parseVertexMask } from "./vertex-mask.js";

/** Where in a task's files what is to be found, and the rest that decides the score. */
export interface RealySettings {
  /** Indices in `files`. */
  readonly roles: {
    readonly prediction: number;
    readonly topologyMesh: number;
    readonly topologyRows: number;
    readonly keypoints: number;
    readonly regions: Readonly<Record<RealyRegion, number>>;
    /** Null where all of the prediction is compared. */
    readonly mask: number | null;
  };
  /** Millimetres in a unit of this subject's scan. */
  readonly millimetres: number;
}

/** @throws GanfitError `data` where a file is missing or wrong, or the prediction cannot be aligned */
export async function scoreRealy({ files, settings }: ScoreTask<RealySettings>): Promise<Score> {
  const { roles, millimetres } = settings;
  const file = (index: number) => {
    const path = files[index];
    if (path === undefined) throw new RangeError(`scoreRealy: the task has no file ${index}`);
    return path;
  };
  const [prediction, topology, truth, ...regions] = await Promise.all([
    readMesh(file(roles.prediction)),
    readTopology(file(roles.topologyMesh), file(roles.topologyRows)),
    readRealyPoints(file(roles.keypoints)),
    ...REALY_REGIONS.map((region) => readMesh(file(roles.regions[region]))),
  ]);
  const mask =
    roles.mask === null
      ? null
      : parseVertexMask(await readText(file(roles.mask)), file(roles.mask));
  const scan = Object.fromEntries(
    REALY_REGIONS.map((region, i) => [region, regions[i]!]),
  ) as Record<RealyRegion, (typeof regions)[number]>;
  try {
    return scoreRealyPrediction({ prediction, topology, mask, truth, scan, millimetres });
  } catch (error) {
    if (!(error instanceof GanfitError)) throw error;
    throw new GanfitError(error.code, `${file(roles.prediction)}: ${error.message}`, {
      cause: error,
    });
  }
}
