import type { FaceNetworks } from "../networks/faces.js";
import { embedIbug68 } from "./landmarks/embed-ibug68.js";
import { embedLandmarks } from "./landmarks/embed-landmarks.js";
import type { MorphableModel } from "./morphable-model.js";
import { findSymmetry } from "./symmetry.js";
import type { UvFrame } from "./uv/uv-frame.js";
import { unwrapModel } from "./uv/uv-unwrap.js";

export interface CompleteOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Whether a model has all that {@link completeModel} would give it. */
export function isComplete(
  { symmetry, landmarks, uv }: MorphableModel,
  frame: Pick<UvFrame, "name">,
): boolean {
  const marked = landmarks?.mediapipe478 && landmarks.ibug68;
  return Boolean(symmetry && marked) && uv?.frame === frame.name;
}

/**
 * Gives a model what fitting needs and its file lacks: the symmetry map, MediaPipe's and iBUG's
 * landmarks, and texture coordinates in the common frame (its own are replaced). Takes about half a
 * minute.
 *
 * @throws GanfitError `model` where no face is found on the model's mean, or its skin cannot be laid
 *   flat; the signal's reason
 */
export async function completeModel(
  model: MorphableModel,
  networks: FaceNetworks,
  frame: UvFrame,
  { signal }: CompleteOptions = {},
): Promise<MorphableModel> {
  const symmetry = model.symmetry ?? findSymmetry(model.mean, model.triangles);
  const symmetric = { ...model, symmetry };
  const mediapipe478 =
    model.landmarks?.mediapipe478 ?? (await embedLandmarks(symmetric, networks, { signal }));
  const ibug68 = model.landmarks?.ibug68 ?? embedIbug68(symmetric, mediapipe478);
  const marked = { ...symmetric, landmarks: { ibug68, mediapipe478 } };
  if (model.uv?.frame === frame.name) return marked;
  return { ...marked, uv: await unwrapModel(marked, frame, { signal }) };
}
