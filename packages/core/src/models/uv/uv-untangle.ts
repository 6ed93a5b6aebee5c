// A map of a triangle mesh into the plane without folds, with points drawn to given places: the
// continuation in eps of Garanzha et al. 2021 (see uv-distortion.ts), each step minimised by L-BFGS.

import { lbfgs } from "@ganfit/autodiff";
import {
  distortion,
  type PointTargets,
  pointDistance,
  type ReferenceMesh,
} from "./uv-distortion.js";

export interface UntangleOptions {
  /** Weight of keeping areas against keeping angles; above 0. */
  readonly lambda?: number;
  /** Factor of the points' squared distances, in units of the plane. */
  readonly pointWeight?: number;
  /** The map should lie in this box: `[left, bottom, right, top]`. */
  readonly box?: readonly [number, number, number, number];
  /** Factor of the squared distance of vertices outside the box. */
  readonly boxWeight?: number;
  /** Steps of the continuation at most, of `innerIterations` each. */
  readonly outerIterations?: number;
  readonly innerIterations?: number;
  /** Iterations once there are no folds. */
  readonly finalIterations?: number;
  readonly signal?: AbortSignal | undefined;
}

export const UNTANGLE_DEFAULTS: Required<Omit<UntangleOptions, "signal">> = {
  lambda: 0.2,
  pointWeight: 1e4,
  box: [-Infinity, -Infinity, Infinity, Infinity],
  boxWeight: 1e6,
  outerIterations: 40,
  innerIterations: 60,
  finalIterations: 400,
};

export interface Untangled {
  /** `M x 2`. */
  readonly map: Float64Array;
  /** Triangles with no area or turned over. */
  readonly folded: number;
  /** L-BFGS iterations in all. */
  readonly iterations: number;
}

/**
 * @param start `M x 2` map to start from, folded or not
 * @throws the signal's reason
 */
export async function untangle(
  mesh: ReferenceMesh,
  targets: PointTargets,
  start: Float64Array,
  options: UntangleOptions = {},
): Promise<Untangled> {
  const settings = { ...UNTANGLE_DEFAULTS, signal: undefined, ...options };
  const { lambda, pointWeight, box, boxWeight, signal } = settings;
  let smallest = Infinity;
  const evaluate = (epsilon: number) => (map: Float64Array) => {
    const gradient = new Float64Array(map.length);
    const bent = distortion(mesh, map, lambda, epsilon, gradient);
    smallest = bent.smallest;
    const value =
      bent.value +
      pointDistance(targets, map, pointWeight, gradient) +
      outside(map, box, boxWeight / map.length, gradient);
    return { value, gradient };
  };
  const measure = (map: Float64Array, epsilon: number) => evaluate(epsilon)(map).value;

  let map = start.slice();
  let iterations = 0;
  const minimise = async (epsilon: number, maxIterations: number, valueTolerance: number) => {
    const result = await lbfgs(evaluate(epsilon), map, {
      maxIterations,
      valueTolerance,
      gradientTolerance: 1e-9,
      signal,
    });
    map = result.x.slice();
    iterations += result.iterations;
    // The last point tried need not be the one that was taken.
    return measure(map, epsilon);
  };

  measure(map, 1);
  let epsilon = 1;
  for (let outer = 0; outer < settings.outerIterations && smallest <= 0; outer++) {
    const before = measure(map, epsilon);
    const after = await minimise(epsilon, settings.innerIterations, 1e-5);
    if (smallest > 0) break;
    // Equations 6 and 7 of the paper: as fast as the energy allows.
    const sigma = Math.max(0.1, 1 - after / before);
    const root = Math.sqrt(epsilon * epsilon + smallest * smallest);
    const mu = ((1 - sigma) * 0.5 * epsilon * epsilon) / (root - smallest);
    epsilon = 2 * Math.sqrt(mu * (mu - smallest));
  }
  if (smallest <= 0) await minimise(epsilon, settings.finalIterations, 1e-7);
  if (smallest > 0) await minimise(0, settings.finalIterations, 1e-7);
  return { map, folded: countFolds(mesh, map), iterations };
}

/** Triangles of the map whose corners do not run counter-clockwise (first axis right, second up). */
export function countFolds({ triangles }: ReferenceMesh, map: ArrayLike<number>): number {
  let folds = 0;
  for (let t = 0; t < triangles.length; t += 3) {
    if (isFolded(map, triangles.subarray(t, t + 3))) folds++;
  }
  return folds;
}

/** Whether a triangle has no area or runs clockwise (first axis right, second up). */
export function isFolded(map: ArrayLike<number>, corners: ArrayLike<number>): boolean {
  const [a, b, c] = [corners[0]! * 2, corners[1]! * 2, corners[2]! * 2];
  const area =
    (map[b]! - map[a]!) * (map[c + 1]! - map[a + 1]!) -
    (map[c]! - map[a]!) * (map[b + 1]! - map[a + 1]!);
  return !(area > 0);
}

function outside(
  map: Float64Array,
  [left, bottom, right, top]: readonly [number, number, number, number],
  weight: number,
  gradient: Float64Array,
): number {
  let value = 0;
  for (let i = 0; i < map.length; i++) {
    const low = i % 2 === 0 ? left : bottom;
    const high = i % 2 === 0 ? right : top;
    const beyond = Math.max(0, map[i]! - high) + Math.min(0, map[i]! - low);
    if (beyond === 0) continue;
    value += weight * beyond * beyond;
    gradient[i]! += 2 * weight * beyond;
  }
  return value;
}
