// A model fitted to a surface, to learn how well it can represent it: iterated closest points, point to
// plane (Chen and Medioni 1992), over a rigid motion and the identity coefficients within a box.

import { SurfaceIndex } from "../../packages/core/src/models/closest-point.js";
import { choleskyFactor, choleskySolve } from "./cholesky.js";

/** The parts of a model that a fit needs. */
export interface FittedModel {
  /** `V x 3`, millimetres. */
  readonly mean: Float32Array;
  /** `T x 3`: the triangles that points may lie on. */
  readonly triangles: Uint32Array;
  /** `K x V x 3`: displacement for a coefficient of one standard deviation. */
  readonly modes: Float32Array;
}

export interface SurfaceFitOptions {
  /** Whether the head may also be scaled. Default false. */
  readonly scale?: boolean;
  /** Largest coefficient, standard deviations. Default 3. */
  readonly bound?: number;
  /**
   * Weight of the coefficients' prior: a coefficient of 1 costs as much as this many points whose
   * distance is 1 mm. Default 0.1.
   */
  readonly prior?: number;
  /** Default 30. */
  readonly iterations?: number;
}

export interface SurfaceFit {
  /** `K` standard deviations. */
  readonly coefficients: Float64Array;
  /** The points moved onto the model, `n x 3` millimetres. */
  readonly points: Float64Array;
  /** `n`: from each point to the nearest point of the model's surface, millimetres. */
  readonly distances: Float64Array;
  /** Mean of `distances`. */
  readonly meanDistance: number;
  /** By which the points were scaled, 1 for a rigid fit. */
  readonly scale: number;
}

/** Distances well above this (millimetres) count less and less; below it their squares count. */
const ROBUST = 1;

/** Rounds in which only the rigid motion is sought. */
const RIGID_ROUNDS = 4;

/** Then the prior starts stiff and halves in each of these, so that nearest points sort themselves out. */
const SOFTENING_ROUNDS = 10;

/**
 * @param target `n x 3` points of another surface, millimetres, roughly in place
 */
export function fitSurface(
  model: FittedModel,
  target: ArrayLike<number>,
  options: SurfaceFitOptions = {},
): SurfaceFit {
  const { scale = false, bound = 3, prior = 0.1, iterations = 30 } = options;
  const stride = model.mean.length;
  const modeCount = stride === 0 ? 0 : model.modes.length / stride;
  const count = target.length / 3;
  const points = Float64Array.from(target);
  let coefficients = new Float64Array(modeCount);
  let size = 1;
  const distances = new Float64Array(count);
  const motions = scale ? 7 : 6;
  const byCoordinate = transposed(model.modes, modeCount, stride);
  for (let iteration = 0; ; iteration++) {
    const shape = modelShape(model, coefficients);
    const index = new SurfaceIndex(shape, model.triangles);
    const free = iteration < RIGID_ROUNDS ? 0 : modeCount;
    const unknowns = free + motions;
    const rows = new Float64Array(count * unknowns);
    const right = new Float64Array(count);
    const centre = centroid(points);
    for (let i = 0; i < count; i++) {
      const p = [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!] as const;
      const hit = index.closest(...p)!;
      distances[i] = hit.distance;
      // Weighted so that the sum of squares acts as a sum of distances far away (Huber 1964).
      const weight = Math.sqrt(1 / Math.max(1, hit.distance / ROBUST));
      const n = hit.normal;
      const row = rows.subarray(i * unknowns, (i + 1) * unknowns);
      // n . (q + sum_k dx_k m_k(q) - (p + rotation x (p - centre) + shift)) = 0
      let gap = 0;
      for (let c = 0; c < 3; c++) gap += n[c]! * (p[c]! - hit.point[c]!);
      const [a, b, d] = [0, 1, 2].map((c) => 3 * model.triangles[3 * hit.triangle + c]!) as [
        number,
        number,
        number,
      ];
      const [wa, wb, wd] = hit.barycentric;
      if (free > 0) {
        for (let c = 0; c < 3; c++) {
          const [fa, fb, fd] = [n[c]! * wa, n[c]! * wb, n[c]! * wd];
          const ma = byCoordinate.subarray((a + c) * modeCount, (a + c + 1) * modeCount);
          const mb = byCoordinate.subarray((b + c) * modeCount, (b + c + 1) * modeCount);
          const md = byCoordinate.subarray((d + c) * modeCount, (d + c + 1) * modeCount);
          for (let k = 0; k < free; k++) row[k]! += fa * ma[k]! + fb * mb[k]! + fd * md[k]!;
        }
        for (let k = 0; k < free; k++) {
          gap += coefficients[k]! * row[k]!;
          row[k]! *= weight;
        }
      }
      const arm = [p[0] - centre[0]!, p[1] - centre[1]!, p[2] - centre[2]!] as const;
      row[free] = -weight * n[0];
      row[free + 1] = -weight * n[1];
      row[free + 2] = -weight * n[2];
      row[free + 3] = -weight * (n[2] * arm[1] - n[1] * arm[2]);
      row[free + 4] = -weight * (n[0] * arm[2] - n[2] * arm[0]);
      row[free + 5] = -weight * (n[1] * arm[0] - n[0] * arm[1]);
      if (scale) row[free + 6] = -weight * (n[0] * arm[0] + n[1] * arm[1] + n[2] * arm[2]);
      right[i] = weight * gap;
    }
    if (iteration === iterations) break;
    const { matrix, vector } = normalEquations(rows, right, unknowns);
    const stiffness = 2 ** Math.max(0, SOFTENING_ROUNDS + RIGID_ROUNDS - iteration);
    const bounds = new Float64Array(unknowns).fill(Infinity);
    for (let k = 0; k < free; k++) {
      matrix[k * unknowns + k]! += prior * stiffness;
      bounds[k] = bound;
    }
    const solution = solveBoxed(matrix, vector, bounds);
    if (free > 0) coefficients = solution.slice(0, free);
    size *= moveBy(points, centre, solution.subarray(free));
  }
  return {
    coefficients,
    points,
    distances,
    meanDistance: distances.reduce((sum, d) => sum + d, 0) / count,
    scale: size,
  };
}

/** `K x D` as `D x K`, so that what one point needs lies together. */
function transposed(modes: Float32Array, count: number, stride: number): Float32Array {
  const out = new Float32Array(modes.length);
  for (let k = 0; k < count; k++) {
    for (let i = 0; i < stride; i++) out[i * count + k] = modes[k * stride + i]!;
  }
  return out;
}

/** `mean + sum_k coefficients[k] modes[k]`. */
export function modelShape(
  { mean, modes }: FittedModel,
  coefficients: ArrayLike<number>,
): Float32Array {
  const sum = Float64Array.from(mean);
  for (let k = 0; k < coefficients.length; k++) {
    const c = coefficients[k]!;
    if (c === 0) continue;
    const at = k * sum.length;
    for (let i = 0; i < sum.length; i++) sum[i]! += c * modes[at + i]!;
  }
  return Float32Array.from(sum);
}

/** `A'A` and `A'b` of `n x m` rows. */
function normalEquations(rows: Float64Array, right: Float64Array, unknowns: number) {
  const matrix = new Float64Array(unknowns * unknowns);
  const vector = new Float64Array(unknowns);
  for (let i = 0; i < right.length; i++) {
    const row = rows.subarray(i * unknowns, (i + 1) * unknowns);
    const b = right[i]!;
    for (let j = 0; j < unknowns; j++) {
      const value = row[j]!;
      if (value === 0) continue;
      vector[j]! += value * b;
      const at = j * unknowns;
      for (let k = 0; k <= j; k++) matrix[at + k]! += value * row[k]!;
    }
  }
  for (let j = 0; j < unknowns; j++) {
    for (let k = 0; k < j; k++) matrix[k * unknowns + j] = matrix[j * unknowns + k]!;
  }
  return { matrix, vector };
}

/**
 * Minimises `x'Ax/2 - b'x` with `|x_k| <= bounds[k]`, for positive definite `A`, by an active set: solve
 * for the free unknowns, fix those that leave the box, free those that the gradient pulls back inside.
 *
 * @param matrix `m x m`, symmetric
 * @param bounds `m`, positive; Infinity for no bound
 */
export function solveBoxed(
  matrix: Float64Array,
  vector: Float64Array,
  bounds: Float64Array,
): Float64Array {
  const size = vector.length;
  const x = new Float64Array(size);
  // -1 and 1: at that bound; 0: free.
  const side = new Int8Array(size);
  const gradient = (k: number) => {
    let sum = -vector[k]!;
    for (let j = 0; j < size; j++) sum += matrix[k * size + j]! * x[j]!;
    return sum;
  };
  for (let round = 0; round < 10 * size + 100; round++) {
    const free = [...side.keys()].filter((k) => side[k] === 0);
    const step = solveFree(matrix, vector, x, free);
    // As far towards the free solution as the box allows.
    let fraction = 1;
    let blocking = -1;
    free.forEach((k, i) => {
      const target = step[i]!;
      if (Math.abs(target) <= bounds[k]!) return;
      const limit = Math.sign(target) * bounds[k]!;
      const part = (limit - x[k]!) / (target - x[k]!);
      if (part < fraction) {
        fraction = part;
        blocking = k;
      }
    });
    free.forEach((k, i) => {
      x[k]! += fraction * (step[i]! - x[k]!);
    });
    if (blocking >= 0) {
      side[blocking] = x[blocking]! > 0 ? 1 : -1;
      x[blocking] = side[blocking]! * bounds[blocking]!;
      continue;
    }
    let worst = -1;
    let most = 1e-9;
    for (let k = 0; k < size; k++) {
      const inward = side[k]! * gradient(k);
      if (side[k] !== 0 && inward > most * Math.abs(matrix[k * size + k]!)) {
        most = inward / matrix[k * size + k]!;
        worst = k;
      }
    }
    if (worst < 0) break;
    side[worst] = 0;
  }
  return x;
}

/** The free unknowns that minimise while the others are held. */
function solveFree(
  matrix: Float64Array,
  vector: Float64Array,
  x: Float64Array,
  free: readonly number[],
): Float64Array {
  const size = vector.length;
  const held = [...x.keys()].filter((k) => x[k] !== 0 && !free.includes(k));
  const part = new Float64Array(free.length ** 2);
  const right = free.map((row, i) => {
    free.forEach((column, j) => {
      part[i * free.length + j] = matrix[row * size + column]!;
    });
    return held.reduce((sum, k) => sum - matrix[row * size + k]! * x[k]!, vector[row]!);
  });
  return choleskySolve(choleskyFactor(part, free.length), right);
}

function centroid(points: Float64Array): number[] {
  const centre = [0, 0, 0];
  for (let i = 0; i < points.length; i++) centre[i % 3]! += (3 * points[i]!) / points.length;
  return centre;
}

/**
 * Shifts by the first three numbers, turns about `centre` by the rotation vector that follows (Rodrigues),
 * scales by one plus the seventh where there is one.
 *
 * @returns the factor
 */
function moveBy(points: Float64Array, centre: readonly number[], motion: Float64Array): number {
  const factor = 1 + (motion[6] ?? 0);
  const angle = Math.hypot(motion[3]!, motion[4]!, motion[5]!);
  const axis = [3, 4, 5].map((i) => (angle > 0 ? motion[i]! / angle : 0)) as [
    number,
    number,
    number,
  ];
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  for (let i = 0; i < points.length; i += 3) {
    const arm = [0, 1, 2].map((c) => points[i + c]! - centre[c]!) as [number, number, number];
    const along = axis[0] * arm[0] + axis[1] * arm[1] + axis[2] * arm[2];
    for (let c = 0; c < 3; c++) {
      const [d, e] = [(c + 1) % 3, (c + 2) % 3];
      const cross = axis[d]! * arm[e]! - axis[e]! * arm[d]!;
      const turned = cosine * arm[c]! + sine * cross + (1 - cosine) * along * axis[c]!;
      points[i + c] = centre[c]! + motion[c]! + factor * turned;
    }
  }
  return factor;
}
