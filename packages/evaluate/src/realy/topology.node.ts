import { basename } from "node:path";
import { readMesh } from "../files/read-mesh.node.js";
import { readText } from "../files/read-text.node.js";
import { makeTopology, parseKeypointRows, type RealyTopology } from "./topology.js";

/**
 * @param mesh path of any mesh of the topology (`<name>.obj`)
 * @param rows path of the keypoint file (`<name>.txt`)
 * @throws GanfitError `data` where a file is missing or wrong, or the two do not belong together
 */
export async function readTopology(mesh: string, rows: string): Promise<RealyTopology> {
  const name = basename(mesh).replace(/\.[^.]*$/, "");
  const keypoints = parseKeypointRows(await readText(rows), rows);
  return makeTopology(name, await readMesh(mesh), keypoints);
}
