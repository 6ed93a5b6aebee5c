// The linear least-squares problem of one Gauss-Newton step of the landmark fit: residuals of all landmarks and
// their derivatives by the camera and by a model's coefficients, as normal equations.
//
// Unknowns, in this order: a turn of the head about the camera's axes (3, radians) and its translation (3,
// millimetres), as `movePose` takes them; where the camera's distance is sought its inverse (1, per metre);
// identity coefficients; expression coefficients.
//
// Distance and focal length move together, so that the size of the head in the picture stays: what is left is
// perspective, which is nearly linear in the inverse of the distance. With k = 1000 / t_z and f / t_z held,
//
//     u = f x / z        du / dk = -(f x / z) (z - t_z) t_z / (1000 z)

import type { Extrinsics } from "../render/camera.js";
import type { PointBasis } from "./point-basis.js";
import { projectionRow } from "./pose.js";

/** What a picture shows of the landmarks, and how it is compared. */
export interface LandmarkObservation {
  /** `478 x 2` */
  readonly pixels: Float64Array;
  /** Pixels. */
  readonly principalPoint: readonly [number, number];
  /** Distance between the pupils, pixels. */
  readonly unit: number;
  /** Error of a landmark, in units. */
  readonly sigma: number;
  /** Residuals, in units, from which a landmark counts less. */
  readonly outlier: number;
  /** How much each landmark counts. */
  readonly weights: ArrayLike<number>;
}

/** A rigid motion and the focal length in pixels. */
export interface LandmarkCamera {
  readonly pose: Extrinsics;
  readonly focalLength: number;
}

export interface NormalEquations {
  /** `n x n` */
  readonly normal: Float64Array;
  /** `n`: minus half the gradient. */
  readonly right: Float64Array;
}

/** Rows of the transposed Jacobian that are multiplied at once: a processor's registers hold their sums. */
const BLOCK = 4;

export class LandmarkEquations {
  readonly #basis: PointBasis;
  readonly #identityCount: number;
  readonly #modes: number;
  readonly #observation: LandmarkObservation;
  readonly #seeksDistance: boolean;

  constructor(
    basis: PointBasis,
    identityCount: number,
    expressionCount: number,
    observation: LandmarkObservation,
    seeksDistance: boolean,
  ) {
    this.#basis = basis;
    this.#identityCount = identityCount;
    this.#modes = identityCount + expressionCount;
    this.#observation = observation;
    this.#seeksDistance = seeksDistance;
  }

  /** Unknowns that come before the coefficients. */
  get cameraCount(): number {
    return this.#seeksDistance ? 7 : 6;
  }

  /** Where mode `k` starts, and in which array. */
  #mode(k: number): Float32Array {
    const { identity, expression, count } = this.#basis;
    const size = 3 * count;
    return k < this.#identityCount
      ? identity.subarray(k * size, (k + 1) * size)
      : expression.subarray((k - this.#identityCount) * size, (k - this.#identityCount + 1) * size);
  }

  /** `478 x 3`, millimetres */
  positions(coefficients: Float64Array, chosen: Uint32Array): Float64Array {
    const out = new Float64Array(3 * chosen.length);
    chosen.forEach((from, i) => {
      for (let c = 0; c < 3; c++) out[3 * i + c] = this.#basis.mean[3 * from + c]!;
    });
    for (let k = 0; k < this.#modes; k++) {
      const p = coefficients[k]!;
      if (p === 0) continue;
      const mode = this.#mode(k);
      for (let i = 0; i < chosen.length; i++) {
        const from = 3 * chosen[i]!;
        out[3 * i]! += p * mode[from]!;
        out[3 * i + 1]! += p * mode[from + 1]!;
        out[3 * i + 2]! += p * mode[from + 2]!;
      }
    }
    return out;
  }

  /** `478`: distances between landmarks and their points, in units. */
  distances(
    coefficients: Float64Array,
    chosen: Uint32Array,
    { pose: { rotation: r, translation: t }, focalLength: f }: LandmarkCamera,
  ): Float64Array {
    const { pixels, principalPoint, unit } = this.#observation;
    const positions = this.positions(coefficients, chosen);
    return Float64Array.from(chosen, (_, i) => {
      const [px, py, pz] = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
      const z = r[6]! * px + r[7]! * py + r[8]! * pz + t[2];
      const u = (f * (r[0]! * px + r[1]! * py + r[2]! * pz + t[0])) / z + principalPoint[0];
      const v = (f * (r[3]! * px + r[4]! * py + r[5]! * pz + t[1])) / z + principalPoint[1];
      return Math.hypot(u - pixels[2 * i]!, v - pixels[2 * i + 1]!) / unit;
    });
  }

  /** The landmarks' part of the energy: Geman and McClure's function of the residuals. */
  cost(coefficients: Float64Array, chosen: Uint32Array, camera: LandmarkCamera): number {
    const { sigma, weights, outlier } = this.#observation;
    return this.distances(coefficients, chosen, camera).reduce((sum, distance, i) => {
      const squared = distance ** 2;
      return sum + (weights[i]! * squared) / (1 + squared / outlier ** 2) / sigma ** 2;
    }, 0);
  }

  /** The normal equations, without priors: `normal delta = right`. */
  equations(
    coefficients: Float64Array,
    chosen: Uint32Array,
    { pose: { rotation: r, translation: t }, focalLength: f }: LandmarkCamera,
  ): NormalEquations {
    const { pixels, principalPoint, unit, sigma, weights, outlier } = this.#observation;
    const n = chosen.length;
    const first = this.cameraCount;
    const positions = this.positions(coefficients, chosen);
    // Row by row of the transposed Jacobian, so that its products run along memory.
    const jacobian = Array.from({ length: first + this.#modes }, () => new Float64Array(2 * n));
    const residuals = new Float64Array(2 * n);
    const gradients = new Float64Array(6 * n);
    for (let i = 0; i < n; i++) {
      const [px, py, pz] = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
      const rx = r[0]! * px + r[1]! * py + r[2]! * pz;
      const ry = r[3]! * px + r[4]! * py + r[5]! * pz;
      const rz = r[6]! * px + r[7]! * py + r[8]! * pz;
      const [x, y, z] = [rx + t[0], ry + t[1], rz + t[2]];
      const [u, v] = [(f * x) / z, (f * y) / z];
      const du = u + principalPoint[0] - pixels[2 * i]!;
      const dv = v + principalPoint[1] - pixels[2 * i + 1]!;
      const robust = 1 / (1 + (du * du + dv * dv) / (unit * outlier) ** 2) ** 2;
      const scale = Math.sqrt(weights[i]! * robust) / (unit * sigma);
      residuals[2 * i] = du * scale;
      residuals[2 * i + 1] = dv * scale;
      const rowU = projectionRow(f, x, z, 0, rx, ry, rz);
      const rowV = projectionRow(f, y, z, 1, rx, ry, rz);
      for (let a = 0; a < 6; a++) {
        jacobian[a]![2 * i] = rowU[a]! * scale;
        jacobian[a]![2 * i + 1] = rowV[a]! * scale;
      }
      if (this.#seeksDistance) {
        const nearer = (-rz * t[2]) / (1000 * z);
        jacobian[6]![2 * i] = u * nearer * scale;
        jacobian[6]![2 * i + 1] = v * nearer * scale;
      }
      for (let c = 0; c < 3; c++) {
        gradients[6 * i + c] = (f / z) * (r[c]! - (x / z) * r[6 + c]!) * scale;
        gradients[6 * i + 3 + c] = (f / z) * (r[3 + c]! - (y / z) * r[6 + c]!) * scale;
      }
    }
    for (let k = 0; k < this.#modes; k++) {
      const mode = this.#mode(k);
      const row = jacobian[first + k]!;
      for (let i = 0; i < n; i++) {
        const from = 3 * chosen[i]!;
        const [mx, my, mz] = [mode[from]!, mode[from + 1]!, mode[from + 2]!];
        const g = 6 * i;
        row[2 * i] = gradients[g]! * mx + gradients[g + 1]! * my + gradients[g + 2]! * mz;
        row[2 * i + 1] = gradients[g + 3]! * mx + gradients[g + 4]! * my + gradients[g + 5]! * mz;
      }
    }
    return {
      normal: gram(jacobian),
      right: Float64Array.from(
        jacobian,
        (row) => -row.reduce((s, x, i) => s + x * residuals[i]!, 0),
      ),
    };
  }
}

/**
 * Inner products of all pairs of rows; {@link BLOCK} of them at a time read a row once.
 *
 * @returns `n x n`
 */
function gram(rows: readonly Float64Array[]): Float64Array {
  const n = rows.length;
  const out = new Float64Array(n * n);
  const length = rows[0]?.length ?? 0;
  for (let b = 0; b < n; b += BLOCK) {
    const last = n - 1;
    const [r0, r1, r2, r3] = [0, 1, 2, 3].map((k) => rows[Math.min(b + k, last)]!) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const end = Math.min(b + BLOCK, n);
    for (let a = 0; a < end; a++) {
      const row = rows[a]!;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let i = 0; i < length; i++) {
        const x = row[i]!;
        s0 += x * r0[i]!;
        s1 += x * r1[i]!;
        s2 += x * r2[i]!;
        s3 += x * r3[i]!;
      }
      const sums = [s0, s1, s2, s3];
      for (let k = b; k < end; k++) {
        out[a * n + k] = sums[k - b]!;
        out[k * n + a] = sums[k - b]!;
      }
    }
  }
  return out;
}
