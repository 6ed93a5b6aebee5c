/** Our own heads as REALY wants predictions: one topology and its keypoint file. */
import type { MorphableModel } from "@ganfit/core";
import { objText } from "../files/obj.js";
import { onParts, type PartsMesh, partsMesh, partsOf, SHOWN_PARTS } from "../heads/parts-mesh.js";
import { realyKeypoints } from "./keypoints.js";

export interface RealyHeadTopology {
  /** What is written of the model. */
  readonly parts: PartsMesh;
  /** The mean head: `<name>.obj` in REALY's data folder. */
  readonly objText: string;
  /** Its keypoints: `<name>.txt` beside it. */
  readonly keypointText: string;
}

/**
 * @param model complete (`completeModel`): with landmarks and the common texture layout
 * @throws GanfitError `model` where it is not
 */
export function exportTopology(model: MorphableModel): RealyHeadTopology {
  const parts = partsMesh(model, SHOWN_PARTS);
  const { triangles, barycentric } = onParts(parts, realyKeypoints(model));
  const rows = Array.from(triangles, (t, i) => [t, barycentric[3 * i]!, barycentric[3 * i + 1]!]);
  return {
    parts,
    objText: objText(partsOf(parts, model.mean)),
    keypointText: `${JSON.stringify(rows)}\n`,
  };
}

/**
 * A head as OBJ in the exported topology; REALY's scans have no expression, so give it none.
 *
 * @param positions `V x 3` of all the model's vertices, millimetres
 */
export function realyHeadText(
  { parts }: Pick<RealyHeadTopology, "parts">,
  positions: Float32Array,
): string {
  return objText(partsOf(parts, positions));
}
