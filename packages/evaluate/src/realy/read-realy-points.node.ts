import { GanfitError } from "@ganfit/core";
import { readMesh } from "../files/read-mesh.node.js";
import { KEYPOINT_COUNT } from "./realy-regions.js";

/**
 * The keypoints of a scan: an OBJ of 85 vertices.
 *
 * @returns `85 x 3`
 * @throws GanfitError `data` where the file is missing, wrong or has another number of vertices
 */
export async function readRealyPoints(path: string): Promise<Float64Array> {
  const { positions } = await readMesh(path, { points: true });
  if (positions.length !== 3 * KEYPOINT_COUNT) {
    throw new GanfitError(
      "data",
      `${path} has ${positions.length / 3} vertices, but REALY has ${KEYPOINT_COUNT} keypoints.`,
    );
  }
  return positions;
}
