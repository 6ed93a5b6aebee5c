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
import { interocularDistance, LANDMARK_GROUPS } from "../networks/ibug68.js";
import { LANDMARK_COUNT } from "../networks/landmarks.js";
import { type Camera, cameraOf, type Extrinsics } from "../render/camera.js";
import { type SlidingLandmarks, slidingLandmarks, visiblePoints } from "./contour.js";
import { landmarkBias } from "./landmark-bias.js";
import { type LandmarkCamera, LandmarkEquations } from "./landmark-equations.js";
import { type PointBasis, pointBasis } from "./point-basis.js";
import {
  estimatePose,
  movePose,
  orthographicOf,
  orthographicPose,
  type PosePerturbation,
  perturbedPose,
} from "./pose.js";

export interface LandmarkFitOptions {
  /** Pixels; where absent, so that the head is as far away as `distance` and `distanceDeviation` say. */
  readonly focalLength?: number | undefined;
  /** Median of the prior of the head's distance from the camera where the focal length is not known, millimetres. */
  readonly distance?: number;
  /** Standard deviation of the distance's logarithm in that prior; 0 holds the head at `distance`. */
  readonly distanceDeviation?: number;
  /**
   * Error of a landmark, in parts of the distance between the pupils. The network's errors are alike for
   * neighbours, so that 478 points are worth far fewer: this is the error of one if all were independent.
   */
  readonly sigma?: number;
  /** Standard deviation of expression weights in [0, 1]. */
  readonly expressionDeviation?: number;
  /** Steps at most. */
  readonly steps?: number;
  /** Of somebody who is known: one coefficient per identity mode, which do not move. */
  readonly identity?: Float32Array | undefined;
  /** Whether the landmarks are where they are seen, and not where the network finds them. */
  readonly exact?: boolean;
  /** Moves the pose that the iterations begin with, to measure how far off it may be. */
  readonly start?: PosePerturbation | undefined;
}

export const LANDMARK_FIT_DEFAULTS = {
  distance: 1200,
  distanceDeviation: 0.6,
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
  /** `478 x 2`, pixels of the photo: the landmarks that were fitted, without the network's bias from this view. */
  readonly observed: Float32Array;
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
/** Distances of the camera that are believed, millimetres. */
const NEAREST = 250;
const FARTHEST = 6000;
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
  const { distance, distanceDeviation, sigma, expressionDeviation, steps } = {
    ...LANDMARK_FIT_DEFAULTS,
    ...options,
  };
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
  const closedForm = orthographicPose(mean, pixels);
  let focalLength = options.focalLength ?? closedForm.scale * distance;
  const poseOptions = {
    focalLength,
    principalPoint,
    outlier: OUTLIER * unit,
    weights: LANDMARK_WEIGHTS,
  };
  const start = options.start && perturbedPose(closedForm, options.start);
  let pose = estimatePose(mean, pixels, poseOptions, start);
  const detected = pixels.slice();
  /** Takes off what the network adds where the head is seen as it is now. */
  const unbias = () => {
    if (options.exact) return;
    const { position } = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
    const bias = landmarkBias(landmarks, position);
    detected.forEach((value, i) => {
      pixels[i] = value - bias[i]!;
    });
  };
  unbias();
  pose = estimatePose(mean, pixels, poseOptions, orthographicOf(pose, poseOptions));

  const identityCount = model.identity.names.length;
  const expressionCount = model.expression.names.length;
  const bounded = model.expression.prior === "unit-interval";
  const coefficients = new Float64Array(identityCount + expressionCount);
  if (options.identity) coefficients.set(options.identity);
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
    const { position } = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
    chosen = visiblePoints(model, sliding, vertices, position);
  };

  const seeksDistance = options.focalLength === undefined && distanceDeviation > 0;
  const observation = {
    pixels,
    principalPoint,
    unit,
    sigma,
    outlier: OUTLIER,
    weights: LANDMARK_WEIGHTS,
  };
  const state = new LandmarkEquations(
    basis,
    identityCount,
    expressionCount,
    observation,
    seeksDistance,
  );
  /** Of the distance, in its standard deviations. */
  const farther = (at: Extrinsics) => Math.log(at.translation[2] / distance) / distanceDeviation;
  const cost = (p: Float64Array, camera: LandmarkCamera): number => {
    let sum = state.cost(p, chosen, camera);
    for (let k = 0; k < p.length; k++) sum += precision(k) * p[k]! ** 2;
    return seeksDistance ? sum + farther(camera.pose) ** 2 : sum;
  };

  const cameraCount = state.cameraCount;
  let damping = 1e-2;
  for (let step = 0; step < steps; step++) {
    if (SLIDES.has(step)) {
      slide();
      unbias();
    }
    const before = cost(coefficients, { pose, focalLength });
    const { normal, right } = state.equations(coefficients, chosen, { pose, focalLength });
    const unknowns = cameraCount + coefficients.length;
    for (let k = 0; k < coefficients.length; k++) {
      const i = cameraCount + k;
      normal[i * unknowns + i]! += precision(k);
      right[i]! -= precision(k) * coefficients[k]!;
    }
    if (seeksDistance) {
      const slope = -pose.translation[2] / (1000 * distanceDeviation);
      normal[6 * unknowns + 6]! += slope ** 2;
      right[6]! -= slope * farther(pose);
    }
    let improved = false;
    for (let attempt = 0; attempt < 6 && !improved; attempt++) {
      const delta = solveBounded(normal, right, damping, (i) => {
        if (i < cameraCount) return false;
        const k = i - cameraCount;
        if (options.identity && k < identityCount) return true;
        const value = coefficients[k]!;
        return (value <= low(k) && right[i]! < 0) || (value >= high(k) && right[i]! > 0);
      });
      const moved = coefficients.map((value, k) =>
        Math.min(high(k), Math.max(low(k), value + delta[cameraCount + k]!)),
      );
      let camera: LandmarkCamera = { pose: movePose(pose, delta), focalLength };
      if (seeksDistance) camera = nearer(camera, delta[6]!);
      improved = cost(moved, camera) < before;
      if (improved) {
        coefficients.set(moved);
        ({ pose, focalLength } = camera);
        damping = Math.max(1e-6, damping / 5);
      } else {
        damping *= 10;
      }
    }
    if (!improved && step > 7) break;
  }

  const camera = cameraOf(pose, focalLength, principalPoint, pose.translation[2]);
  const error =
    state.distances(coefficients, chosen, { pose, focalLength }).reduce((a, b) => a + b) /
    LANDMARK_COUNT;
  return {
    ...split(),
    camera,
    landmarks: pickLandmarks(sliding, chosen),
    observed: Float32Array.from(pixels),
    error,
  };
}

/** A camera nearer to the head, which keeps its size in the picture. */
function nearer({ pose, focalLength }: LandmarkCamera, inverseMetres: number): LandmarkCamera {
  const { rotation, translation } = pose;
  const [x, y, z] = translation;
  const inverse = Math.min(1000 / NEAREST, Math.max(1000 / FARTHEST, 1000 / z + inverseMetres));
  const depth = 1000 / inverse;
  return {
    pose: { rotation, translation: [x, y, depth] },
    focalLength: (focalLength * depth) / z,
  };
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
