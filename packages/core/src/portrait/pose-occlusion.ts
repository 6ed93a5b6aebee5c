// Rays are what pictures of clay spend their time with, and a sheet shows one pose from several sides.

import { ambientOcclusion } from "../models/ambient-occlusion.js";
import type { MorphableModel } from "../models/morphable-model.js";

interface Pose {
  /** `V x 3`. */
  readonly positions: Float32Array;
  /** `V`; NaN where not yet found. */
  readonly open: Float32Array;
}

/** Of each model the pose that was drawn last. */
const LAST = new WeakMap<MorphableModel, Pose>();

/**
 * `ambientOcclusion`, which remembers what it found for the model's last pose.
 *
 * @param positions `V x 3`, from `evaluateModel`
 * @param wanted indices of vertices
 * @returns `V`, in [0, 1]; 1 for vertices that are not wanted
 */
export function poseOcclusion(
  model: MorphableModel,
  positions: Float32Array,
  wanted: Iterable<number>,
): Float32Array {
  let pose = LAST.get(model);
  if (!pose || !sameNumbers(pose.positions, positions)) {
    const open = new Float32Array(positions.length / 3).fill(Number.NaN);
    pose = { positions: positions.slice(), open };
    LAST.set(model, pose);
  }
  const { open } = pose;
  const vertices = new Set(wanted);
  const missing = [...vertices].filter((v) => Number.isNaN(open[v]!));
  if (missing.length > 0) {
    const found = ambientOcclusion(model, positions, missing);
    for (const v of missing) open[v] = found[v]!;
  }
  const out = new Float32Array(open.length).fill(1);
  for (const v of vertices) out[v] = open[v]!;
  return out;
}

function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
