// Finding the places of the texture layout on a model's mean head: a non-rigid registration of the
// layout's points, led by landmarks. A smooth warp takes the default head's landmarks to the model's;
// then, a few times, the other points go to the nearest surface that faces the same way, and the warp is
// fitted again to all of them (as in Amberg, Romdhani, Vetter, "Optimal step nonrigid ICP algorithms for
// surface registration", CVPR 2007, with a spline in the place of the stiffness of a mesh).

import type { SurfaceIndex } from "../closest-point.js";
import { ibug68Positions } from "../landmarks/embed-ibug68.js";
import { splineWarp, type Warp } from "./register-warp.js";
import { FRAME_LANDMARKS, type UvFrame } from "./uv-frame.js";

/** Where a model's own landmarks are. */
export interface ModelLandmarks {
  /** `468 x 3` (or more; the rest is not used), millimetres. */
  readonly mediapipe: Float32Array;
  /** `68 x 3`. */
  readonly ibug68: Float32Array;
}

export interface RegisteredFrame {
  /** From the default head to the model. */
  readonly warp: Warp;
  /** `N`: triangle of the {@link SurfaceIndex} for each point of the frame, -1 where the model has none. */
  readonly triangles: Int32Array;
  /** `N x 3` barycentric coordinates. */
  readonly barycentric: Float32Array;
}

/** Millimetres that a point may be from the surface, for each round. */
const REACH = [25, 15, 10, 8];
/**
 * How far landmarks and other points may be missed for the sake of smoothness, in millimetres (see
 * `splineWarp`). The landmark network is wrong by a millimetre or two on a head without colours, the
 * model's own 68 points are not; a nearest point says nothing of where along the surface.
 */
const LANDMARK_SOFTNESS = 30;
const IBUG_SOFTNESS = 15;
/** Millimetres between two opinions of a landmark at which the model's own counts a quarter. */
const TRUSTED = 10;
const SURFACE_SOFTNESS = [200, 100, 60];

/**
 * How much each of the model's 68 points counts, in (0, 1]: less the farther it is from where MediaPipe's
 * landmarks say (Geman and McClure 1987). Jaws differ between models: some mark the bone, others the
 * outline of a picture from the front.
 */
export function ibugTrust({ mediapipe, ibug68 }: ModelLandmarks): number[] {
  const expected = ibug68Positions(mediapipe);
  return Array.from({ length: 68 }, (_, i) => {
    const off = Math.hypot(...[0, 1, 2].map((k) => ibug68[3 * i + k]! - expected[3 * i + k]!));
    return (1 + (off / TRUSTED) ** 2) ** -2;
  });
}

export function registerFrame(
  frame: UvFrame,
  surface: SurfaceIndex,
  landmarks: ModelLandmarks,
): RegisteredFrame {
  const { positions, normals, scale } = frame.points;
  const count = scale.length;
  const base = {
    from: [...positions.subarray(0, 3 * FRAME_LANDMARKS), ...frame.ibug68.positions],
    to: [...landmarks.mediapipe.subarray(0, 3 * FRAME_LANDMARKS), ...landmarks.ibug68],
    softness: [
      ...new Array<number>(FRAME_LANDMARKS).fill(LANDMARK_SOFTNESS),
      ...ibugTrust(landmarks).map((trust) => IBUG_SOFTNESS / trust),
    ],
  };
  let warp = splineWarp(base.from, base.to, base.softness);
  const triangles = new Int32Array(count);
  const barycentric = new Float32Array(3 * count);
  for (const [round, reach] of REACH.entries()) {
    const from = [...base.from];
    const to = [...base.to];
    const softness = [...base.softness];
    for (let i = 0; i < count; i++) {
      const source = positions.subarray(3 * i, 3 * i + 3);
      const normal = normals.subarray(3 * i, 3 * i + 3);
      const goal = warp(source[0]!, source[1]!, source[2]!);
      const hit = surface.closest(...goal, reach);
      triangles[i] = -1;
      if (hit === undefined) continue;
      const facing = normal.reduce((sum, value, k) => sum + value * hit.normal[k]!, 0);
      // At the end of a mesh the nearest point lies sideways, not above or below.
      const above = hit.point.reduce((sum, p, k) => sum + (goal[k]! - p) * hit.normal[k]!, 0);
      const sideways = Math.sqrt(Math.max(0, hit.distance ** 2 - above ** 2));
      if (facing < 0.4 || sideways > 1 + 0.5 * Math.abs(above)) continue;
      triangles[i] = hit.triangle;
      barycentric.set(hit.barycentric, 3 * i);
      if (i < FRAME_LANDMARKS) continue;
      from.push(...source);
      to.push(...hit.point);
      softness.push(SURFACE_SOFTNESS[round] ?? 0);
    }
    if (round + 1 < REACH.length) warp = splineWarp(from, to, softness);
  }
  return { warp, triangles, barycentric };
}
