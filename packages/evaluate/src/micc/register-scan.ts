/** A MICC scan in a template's topology, as GANFIT's authors register it (barisgecer/GANFit, `micc_registration.py`). */
import type { Mesh } from "../geometry/mesh.js";
import { pickPoints } from "../geometry/points.js";
import { movePoints } from "../geometry/similarity3.js";
import { alignLikeMenpo } from "./menpo-similarity.js";
import { nonrigidIcp } from "./nonrigid-icp.js";

/**
 * The scan goes to the template by the similarity of the landmarks, then the template on to it by menpo3d's non-rigid
 * ICP.
 *
 * @param scan any unit and place
 * @param landmarks `n x 3`, of the scan, in its unit
 * @param ids `n` vertices of the template that belong to them
 * @returns the template's triangles on the scan, in the template's unit and place
 * @throws GanfitError `data` where they do not come together
 */
export function registerMicc(
  scan: Mesh,
  landmarks: Float64Array,
  template: Mesh,
  ids: Uint32Array,
): Mesh {
  const motion = alignLikeMenpo(landmarks, pickPoints(template.positions, ids));
  return nonrigidIcp(template, ids, {
    positions: movePoints(scan.positions, motion),
    triangles: scan.triangles,
    landmarks: movePoints(landmarks, motion),
  });
}
