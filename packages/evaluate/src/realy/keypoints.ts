/** REALY's 85 keypoints on our own head models. */
import {
  GanfitError,
  type MorphableModel,
  type SurfaceHit,
  SurfaceIndex,
  type SurfacePoints,
  UV_FRAME,
} from "@ganfit/core";
import { EXTRA_KEYPOINTS } from "./extra-keypoints.js";
import { KEYPOINT_COUNT } from "./realy-regions.js";

/** Farthest that a place may be from the skin in the texture layout, as part of its side: 5 texels of 512. */
const REACH = 0.01;

/**
 * The model's 68 iBUG points and the 17 others, which are looked up in the common texture layout.
 *
 * @param model complete (`completeModel`): with landmarks and the common layout
 * @returns 85 points on the model's triangles
 * @throws GanfitError `model` where it has no landmarks, another layout, or no skin at one of the places
 */
export function realyKeypoints(model: MorphableModel): SurfacePoints {
  const { landmarks, name } = model;
  if (!landmarks?.ibug68) {
    throw new GanfitError("model", `${name} has no iBUG landmarks, on which REALY's are based.`);
  }
  const triangles = new Uint32Array(KEYPOINT_COUNT);
  const barycentric = new Float32Array(3 * KEYPOINT_COUNT);
  triangles.set(landmarks.ibug68.triangles);
  barycentric.set(landmarks.ibug68.barycentric);
  const find = placeFinder(model);
  for (const [i, [u, v]] of EXTRA_KEYPOINTS.entries()) {
    const hit = find(u, v);
    const row = KEYPOINT_COUNT - EXTRA_KEYPOINTS.length + i;
    triangles[row] = hit.triangle;
    barycentric.set(hit.barycentric, 3 * row);
  }
  return { triangles, barycentric };
}

/** Finds the skin's triangle at a place of the texture layout: a search of space with all z = 0. */
function placeFinder({
  name,
  uv,
  parts,
}: MorphableModel): (u: number, v: number) => Pick<SurfaceHit, "triangle" | "barycentric"> {
  if (uv?.frame !== UV_FRAME) {
    throw new GanfitError("model", `${name} is not laid out as ${UV_FRAME}: complete it first.`);
  }
  const skin = parts
    .filter(({ kind }) => kind === "skin")
    .flatMap(({ start, count }) => Array.from({ length: count }, (_, i) => start + i));
  if (skin.length === 0) throw new GanfitError("model", `${name} has no skin.`);
  const flat = new Float32Array((3 * uv.coordinates.length) / 2);
  for (let i = 0; i < uv.coordinates.length / 2; i++) {
    flat.set(uv.coordinates.subarray(2 * i, 2 * i + 2), 3 * i);
  }
  const corners = Uint32Array.from(
    skin.flatMap((t) => [...uv.triangles.subarray(3 * t, 3 * t + 3)]),
  );
  const index = new SurfaceIndex(flat, corners);
  return (u, v) => {
    const hit = index.closest(u, v, 0, REACH);
    if (!hit) {
      throw new GanfitError("model", `${name} has no skin at (${u}, ${v}) of its texture layout.`);
    }
    return { triangle: skin[hit.triangle]!, barycentric: hit.barycentric };
  };
}
