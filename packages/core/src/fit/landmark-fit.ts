// The first stage of a fit: camera, identity and expression from landmarks alone,
//
//     E(p) = sum_i w_i rho(|project(S_i(p_s, p_e)) - l_i| / d) / sigma^2 + |p_s|^2 + prior(p_e)
//
// with d the distance between the pupils, so that the size of the picture does not matter. Few points and a
// linear model: the normal equations are small, and Gauss-Newton with Levenberg's damping needs a dozen
// steps where a first-order method needs hundreds.

import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { GanfitError } from "../errors.js";
import { inPlane } from "../image/in-plane.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { MorphableModel } from "../models/morphable-model.js";
import { surfacePositions } from "../models/surface-points.js";
import { interocularDistance, LANDMARK_GROUPS } from "../networks/ibug68.js";
import { LANDMARK_COUNT } from "../networks/landmarks.js";
import { type Camera, cameraOf, type Extrinsics } from "../render/camera.js";
import { vertexNormals } from "../render/normals.js";
import { type SlidingLandmarks, slidingLandmarks } from "./contour.js";
import { type PointBasis, pointBasis } from "./point-basis.js";
import { estimatePose, movePose, orthographicPose, projectionRow } from "./pose.js";

export interface LandmarkFitOptions {
  /** Pixels; where absent, so that the head is {@link LANDMARK_FIT_DEFAULTS}`.distance` away. */
  readonly focalLength?: number | undefined;
  /** Millimetres from the camera to the head where the focal length is not known. */
  readonly distance?: number;
  /**
   * Error of a landmark, in parts of the distance between the pupils. The network's errors are alike for
   * neighbours, so that 478 points are worth far fewer: this is the error of one if all were independent.
   */
  readonly sigma?: number;
  /** Standard deviation of expression weights in [0, 1]. */
  readonly expressionDeviation?: number;
  /** Steps at most. */
  readonly steps?: number;
}

export const LANDMARK_FIT_DEFAULTS = {
  distance: 1200,
  sigma: 0.03,
  expressionDeviation: 0.3,
  steps: 16,
} as const satisfies LandmarkFitOptions;

export interface LandmarkFit {
  /** One coefficient per identity mode. */
  readonly identity: Float32Array;
  /** One coefficient per expression mode. */
  readonly expression: Float32Array;
  /** In pixels of the photo. */
  readonly camera: Camera;
  /** What stands for the 478 landmarks; contour points have slid. */
  readonly landmarks: FittedLandmarks;
  /** Mean distance between landmarks and their points, in parts of the distance between the pupils. */
  readonly error: number;
}

/** Surface points that stand for the 478 landmarks: `478` triangles and `478 x 3` barycentric coordinates. */
export interface FittedLandmarks {
  readonly triangles: Uint32Array;
  readonly barycentric: Float32Array;
}

/** Coefficients beyond are not believed. */
const IDENTITY_LIMIT = 3;
/** Residuals, in parts of the distance between the pupils, from which a landmark counts less. */
const OUTLIER = 0.12;
/** Steps after which contour points may slide. */
const SLIDES = new Set([0, 2, 4, 7]);

/**
 * What can be prepared for a model once and used for any number of photos.
 *
 * @throws GanfitError `model` where it lacks landmarks or texture coordinates
 */
export function prepareLandmarks(model: MorphableModel): {
  readonly sliding: SlidingLandmarks;
  readonly basis: PointBasis;
} {
  const sliding = slidingLandmarks(model);
  return { sliding, basis: pointBasis(model, sliding.points) };
}

/**
 * @param model with landmarks and texture coordinates
 * @param landmarks `478 x 3`, pixels of the photo; the third coordinate is not used
 * @param size of the photo, pixels: the principal point is its middle
 * @param prepared from {@link prepareLandmarks}
 * @throws GanfitError `usage` where the landmarks are no face's
 */
export function fitLandmarks(
  model: MorphableModel,
  landmarks: ArrayLike<number>,
  size: { readonly width: number; readonly height: number },
  options: LandmarkFitOptions = {},
  prepared = prepareLandmarks(model),
): LandmarkFit {
  const { distance, sigma, expressionDeviation, steps } = { ...LANDMARK_FIT_DEFAULTS, ...options };
  const { sliding, basis } = prepared;
  if (landmarks.length !== 3 * LANDMARK_COUNT) {
    throw new GanfitError(
      "usage",
      `A fit needs 478 landmarks of three coordinates, but ${landmarks.length} numbers came.`,
    );
  }
  const pixels = inPlane(landmarks);
  const unit = interocularDistance(Float32Array.from(landmarks));
  const principalPoint = [size.width / 2, size.height / 2] as const;
  const mean = basis.mean.subarray(0, 3 * LANDMARK_COUNT);
  const focalLength = options.focalLength ?? orthographicPose(mean, pixels).scale * distance;
  let pose = estimatePose(mean, pixels, {
    focalLength,
    principalPoint,
    outlier: OUTLIER * unit,
    weights: LANDMARK_WEIGHTS,
  });

  const identityCount = model.identity.names.length;
  const expressionCount = model.expression.names.length;
  const bounded = model.expression.prior === "unit-interval";
  const coefficients = new Float64Array(identityCount + expressionCount);
  const low = (k: number) => (k < identityCount || !bounded ? -IDENTITY_LIMIT : 0);
  const high = (k: number) => (k < identityCount || !bounded ? IDENTITY_LIMIT : 1);
  const precision = (k: number) =>
    k < identityCount || !bounded ? 1 : 1 / expressionDeviation ** 2;

  const split = () => ({
    identity: Float32Array.from(coefficients.subarray(0, identityCount)),
    expression: Float32Array.from(coefficients.subarray(identityCount)),
  });
  let chosen: Uint32Array = Uint32Array.from({ length: LANDMARK_COUNT }, (_, i) => i);
  const slide = () => {
    const { identity, expression } = split();
    const vertices = evaluateModel(model, identity, expression);
    const normals = vertexNormals(vertices, model.triangles);
    const at = (values: Float32Array) => surfacePositions(values, model.triangles, sliding.points);
    const { position } = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
    chosen = sliding.choose(at(vertices), at(normals), position);
  };

  const state = new Linearisation(basis, identityCount, expressionCount);
  const cost = (p: Float64Array, at: Extrinsics): number => {
    const positions = state.positions(p, chosen);
    let sum = 0;
    for (let i = 0; i < LANDMARK_COUNT; i++) {
      const [u, v] = projectOne(positions, i, at, focalLength, principalPoint);
      const squared = ((u - pixels[2 * i]!) ** 2 + (v - pixels[2 * i + 1]!) ** 2) / unit ** 2;
      sum += (LANDMARK_WEIGHTS[i]! * robust(squared)) / sigma ** 2;
    }
    for (let k = 0; k < p.length; k++) sum += precision(k) * p[k]! ** 2;
    return sum;
  };

  let damping = 1e-2;
  for (let step = 0; step < steps; step++) {
    if (SLIDES.has(step)) slide();
    const before = cost(coefficients, pose);
    const { normal, right } = state.equations(coefficients, chosen, pose, {
      focalLength,
      principalPoint,
      pixels,
      unit,
      sigma,
    });
    const unknowns = 6 + coefficients.length;
    for (let k = 0; k < coefficients.length; k++) {
      const i = 6 + k;
      normal[i * unknowns + i]! += precision(k);
      right[i]! -= precision(k) * coefficients[k]!;
    }
    let improved = false;
    for (let attempt = 0; attempt < 6 && !improved; attempt++) {
      const delta = solveBounded(normal, right, damping, (i) => {
        if (i < 6) return false;
        const value = coefficients[i - 6]!;
        return (value <= low(i - 6) && right[i]! < 0) || (value >= high(i - 6) && right[i]! > 0);
      });
      const moved = coefficients.map((value, k) =>
        Math.min(high(k), Math.max(low(k), value + delta[6 + k]!)),
      );
      const movedPose = movePose(pose, delta);
      improved = cost(moved, movedPose) < before;
      if (improved) {
        coefficients.set(moved);
        pose = movedPose;
        damping = Math.max(1e-6, damping / 5);
      } else {
        damping *= 10;
      }
    }
    if (!improved && step > 7) break;
  }

  const camera = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
  const positions = state.positions(coefficients, chosen);
  let error = 0;
  for (let i = 0; i < LANDMARK_COUNT; i++) {
    const [u, v] = projectOne(positions, i, pose, focalLength, principalPoint);
    error += Math.hypot(u - pixels[2 * i]!, v - pixels[2 * i + 1]!) / (unit * LANDMARK_COUNT);
  }
  return { ...split(), camera, landmarks: pickLandmarks(sliding, chosen), error };
}

/** What stands for the 478 landmarks, given which points {@link SlidingLandmarks.choose} chose. */
export function pickLandmarks({ points }: SlidingLandmarks, chosen: Uint32Array): FittedLandmarks {
  const triangles = chosen.map((i) => points.triangles[i]!);
  const barycentric = new Float32Array(3 * chosen.length);
  chosen.forEach((i, to) => {
    barycentric.set(points.barycentric.subarray(3 * i, 3 * i + 3), 3 * to);
  });
  return { triangles, barycentric };
}

/** How much each landmark counts: the outline is seen least exactly; features make the likeness. */
export const LANDMARK_WEIGHTS: Float32Array = (() => {
  const weights = new Float32Array(LANDMARK_COUNT).fill(0.6);
  const set = (groups: readonly (keyof typeof LANDMARK_GROUPS)[], weight: number) => {
    for (const group of groups) for (const i of LANDMARK_GROUPS[group]) weights[i] = weight;
  };
  set(["faceOval"], 0.4);
  set(["rightEye", "leftEye", "lipsOuter", "lipsInner", "noseBase"], 2);
  set(["rightEyebrow", "leftEyebrow", "noseBridge"], 1);
  set(["rightIris", "leftIris"], 1);
  return weights;
})();

/** Geman and McClure's function of a squared residual in parts of the distance between the pupils. */
function robust(squared: number): number {
  return squared / (1 + squared / OUTLIER ** 2);
}

function robustWeight(squared: number): number {
  return 1 / (1 + squared / OUTLIER ** 2) ** 2;
}

function projectOne(
  positions: ArrayLike<number>,
  i: number,
  { rotation: r, translation: t }: Extrinsics,
  f: number,
  [cx, cy]: readonly [number, number],
): [number, number] {
  const x = positions[3 * i]!;
  const y = positions[3 * i + 1]!;
  const z = positions[3 * i + 2]!;
  const depth = r[6]! * x + r[7]! * y + r[8]! * z + t[2];
  return [
    (f * (r[0]! * x + r[1]! * y + r[2]! * z + t[0])) / depth + cx,
    (f * (r[3]! * x + r[4]! * y + r[5]! * z + t[1])) / depth + cy,
  ];
}

interface Observation {
  readonly focalLength: number;
  readonly principalPoint: readonly [number, number];
  readonly pixels: Float64Array;
  readonly unit: number;
  readonly sigma: number;
}

/** Residuals and derivatives by six pose parameters, then identity and expression coefficients. */
class Linearisation {
  readonly #basis: PointBasis;
  readonly #identityCount: number;
  readonly #modes: number;

  constructor(basis: PointBasis, identityCount: number, expressionCount: number) {
    this.#basis = basis;
    this.#identityCount = identityCount;
    this.#modes = identityCount + expressionCount;
  }

  /** Where mode `k` starts, and in which array. */
  #mode(k: number): Float32Array {
    const { identity, expression, count } = this.#basis;
    const size = 3 * count;
    return k < this.#identityCount
      ? identity.subarray(k * size, (k + 1) * size)
      : expression.subarray((k - this.#identityCount) * size, (k - this.#identityCount + 1) * size);
  }

  /** `478 x 3` */
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

  /** The normal equations, without priors: `normal delta = right`. */
  equations(
    coefficients: Float64Array,
    chosen: Uint32Array,
    { rotation: r, translation: t }: Extrinsics,
    { focalLength: f, principalPoint, pixels, unit, sigma }: Observation,
  ): { normal: Float64Array; right: Float64Array } {
    const n = chosen.length;
    const unknowns = 6 + this.#modes;
    const positions = this.positions(coefficients, chosen);
    // Row by row of the transposed Jacobian, so that its products run along memory.
    const jacobian = Array.from({ length: unknowns }, () => new Float64Array(2 * n));
    const residuals = new Float64Array(2 * n);
    const gradients = new Float64Array(6 * n);
    for (let i = 0; i < n; i++) {
      const [px, py, pz] = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
      const rx = r[0]! * px + r[1]! * py + r[2]! * pz;
      const ry = r[3]! * px + r[4]! * py + r[5]! * pz;
      const rz = r[6]! * px + r[7]! * py + r[8]! * pz;
      const [x, y, z] = [rx + t[0], ry + t[1], rz + t[2]];
      const du = (f * x) / z + principalPoint[0] - pixels[2 * i]!;
      const dv = (f * y) / z + principalPoint[1] - pixels[2 * i + 1]!;
      const squared = (du * du + dv * dv) / unit ** 2;
      const scale = Math.sqrt(LANDMARK_WEIGHTS[i]! * robustWeight(squared)) / (unit * sigma);
      residuals[2 * i] = du * scale;
      residuals[2 * i + 1] = dv * scale;
      const rowU = projectionRow(f, x, z, 0, rx, ry, rz);
      const rowV = projectionRow(f, y, z, 1, rx, ry, rz);
      for (let a = 0; a < 6; a++) {
        jacobian[a]![2 * i] = rowU[a]! * scale;
        jacobian[a]![2 * i + 1] = rowV[a]! * scale;
      }
      for (let c = 0; c < 3; c++) {
        gradients[6 * i + c] = (f / z) * (r[c]! - (x / z) * r[6 + c]!) * scale;
        gradients[6 * i + 3 + c] = (f / z) * (r[3 + c]! - (y / z) * r[6 + c]!) * scale;
      }
    }
    for (let k = 0; k < this.#modes; k++) {
      const mode = this.#mode(k);
      const row = jacobian[6 + k]!;
      for (let i = 0; i < n; i++) {
        const from = 3 * chosen[i]!;
        const [mx, my, mz] = [mode[from]!, mode[from + 1]!, mode[from + 2]!];
        const g = 6 * i;
        row[2 * i] = gradients[g]! * mx + gradients[g + 1]! * my + gradients[g + 2]! * mz;
        row[2 * i + 1] = gradients[g + 3]! * mx + gradients[g + 4]! * my + gradients[g + 5]! * mz;
      }
    }
    const normal = new Float64Array(unknowns * unknowns);
    const right = new Float64Array(unknowns);
    for (let a = 0; a < unknowns; a++) {
      const ja = jacobian[a]!;
      for (let b = a; b < unknowns; b++) {
        const jb = jacobian[b]!;
        let sum = 0;
        for (let i = 0; i < ja.length; i++) sum += ja[i]! * jb[i]!;
        normal[a * unknowns + b] = sum;
        normal[b * unknowns + a] = sum;
      }
      let sum = 0;
      for (let i = 0; i < ja.length; i++) sum += ja[i]! * residuals[i]!;
      right[a] = -sum;
    }
    return { normal, right };
  }
}

/**
 * Solves damped normal equations with some unknowns held where they are.
 *
 * @param held whether unknown `i` lies at a bound and would leave it
 */
function solveBounded(
  normal: Float64Array,
  right: Float64Array,
  damping: number,
  held: (i: number) => boolean,
): Float64Array {
  const free = Array.from(right.keys()).filter((i) => !held(i));
  const matrix = new Matrix(free.length, free.length);
  free.forEach((i, a) => {
    free.forEach((j, b) => {
      matrix.set(a, b, normal[i * right.length + j]! * (i === j ? 1 + damping : 1));
    });
  });
  const solution = new CholeskyDecomposition(matrix).solve(
    Matrix.columnVector(free.map((i) => right[i]!)),
  );
  const delta = new Float64Array(right.length);
  free.forEach((i, a) => {
    delta[i] = solution.get(a, 0);
  });
  return delta;
}
