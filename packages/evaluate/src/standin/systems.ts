/** Reconstructions whose error is known: what stand-ins have in place of real systems' results. */
import { pointAt } from "../geometry/points.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { NOSE_TIP } from "../ibug68.js";
import { seedFor } from "../seeds.js";
import { displace } from "./displacement.js";
import type { KnownHead } from "./known-heads.js";
import { type MotionRange, randomMotion } from "./random-motion.js";

export const STAND_IN_SYSTEMS = ["truth", "moved", "displaced", "mean-face"] as const;
export type StandInSystem = (typeof STAND_IN_SYSTEMS)[number];

/** Mean absolute displacement of `displaced` over {@link FACE_RADIUS}, millimetres. */
export const DISPLACEMENT = 1.5;

/** From the tip of the nose: what MICC's protocol compares, millimetres. */
export const FACE_RADIUS = 95;

/** How far `moved` may be from where it was, unless asked for otherwise. */
export const ANY_MOTION = {
  degrees: 180,
  shift: 300,
  scale: [0.25, 4],
} as const satisfies MotionRange;

export interface ReconstructionOptions {
  /** Of the motion and the displacement. */
  readonly seed: number;
  readonly motion?: MotionRange;
}

export interface Reconstructions {
  /** `V x 3` for each system: in the model's frame and millimetres, but for `moved`. */
  readonly positions: Readonly<Record<StandInSystem, Float64Array>>;
  /** From the truth to `moved`. */
  readonly motion: Similarity3;
  /** `V`: of `displaced`, along the normals, millimetres. */
  readonly displacement: Float64Array;
}

/**
 * The head itself; the head turned, moved and scaled, which a protocol that aligns must take for the same; the head
 * with a smooth error; and the mean of all heads.
 */
export function reconstructions(
  head: KnownHead,
  mean: KnownHead,
  { seed, motion: range = ANY_MOTION }: ReconstructionOptions,
): Reconstructions {
  const truth = head.mesh.positions;
  const motion = randomMotion(seedFor(seed, "moved"), range);
  const displaced = displace(head.mesh, {
    seed: seedFor(seed, "displaced"),
    mean: DISPLACEMENT,
    within: faceOf(head),
  });
  const moved = movePoints(truth, motion);
  return {
    positions: { truth, moved, displaced: displaced.positions, "mean-face": mean.mesh.positions },
    motion,
    displacement: displaced.displacement,
  };
}

/** Whether a vertex of the head lies within {@link FACE_RADIUS}. */
export function faceOf({ mesh, landmarks }: KnownHead): (vertex: number) => boolean {
  const [x, y, z] = pointAt(landmarks, NOSE_TIP);
  return (vertex) => {
    const [a, b, c] = pointAt(mesh.positions, vertex);
    return Math.hypot(a - x, b - y, c - z) < FACE_RADIUS;
  };
}
