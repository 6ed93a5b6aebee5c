// A head's pose from points whose places on the head and in the picture are known (perspective n points).
//
// A scaled orthographic camera has a closed form: the least-squares affine map from the head to the
// picture, brought to the nearest pair of orthonormal rows (POS, DeMenthon and Davis 1995). From there a
// perspective camera is fitted by Levenberg-Marquardt with weights that grow small for outliers (Geman
// and McClure's function, iteratively reweighted).

import { Matrix, SingularValueDecomposition, solve } from "ml-matrix";
import { GanfitError } from "../errors.js";
import type { Extrinsics } from "../render/camera.js";

const ITERATIONS = 30;

export interface PoseOptions {
  /** Pixels. */
  readonly focalLength: number;
  /** Pixels. */
  readonly principalPoint: readonly [number, number];
  /** Residual in pixels from which a point counts less: half its weight at 0.6 of it. */
  readonly outlier: number;
  /** `n`: how much each point counts; all alike where absent. */
  readonly weights?: ArrayLike<number>;
}

/** A camera without perspective. */
export interface OrthographicPose {
  /** 3 x 3 by rows: right, down and forward of the picture, in the head's frame. */
  readonly rotation: number[];
  /** Pixels per millimetre. */
  readonly scale: number;
  /** Pixels: where the head's origin lies. */
  readonly origin: readonly [number, number];
}

/**
 * @param points `n x 3`, on the head, millimetres; n at least 4, not all in a plane
 * @param pixels `n x 2`
 * @throws GanfitError `usage` where the points do not determine a pose
 */
export function orthographicPose(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
): OrthographicPose {
  const n = pixels.length / 2;
  const design = new Matrix(n, 4);
  const seen = new Matrix(n, 2);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < 3; k++) design.set(i, k, points[3 * i + k]!);
    design.set(i, 3, 1);
    for (let k = 0; k < 2; k++) seen.set(i, k, pixels[2 * i + k]!);
  }
  const affine = solve(design, seen, true).transpose();
  const linear = affine.subMatrix(0, 1, 0, 2);
  if (n < 4 || !linear.to1DArray().every(Number.isFinite)) throw undetermined();
  const svd = new SingularValueDecomposition(linear, { autoTranspose: true });
  const [large = 0, small = 0] = svd.diagonal;
  if (!(small > 1e-6 * large)) throw undetermined();
  const rows = svd.leftSingularVectors
    .subMatrix(0, 1, 0, 1)
    .mmul(svd.rightSingularVectors.subMatrix(0, 2, 0, 1).transpose());
  const [right, down] = [rows.getRow(0), rows.getRow(1)] as [number[], number[]];
  const forward = [
    right[1]! * down[2]! - right[2]! * down[1]!,
    right[2]! * down[0]! - right[0]! * down[2]!,
    right[0]! * down[1]! - right[1]! * down[0]!,
  ];
  return {
    rotation: [...right, ...down, ...forward],
    scale: (large + small) / 2,
    origin: [affine.get(0, 3), affine.get(1, 3)],
  };
}

/** The orthographic pose nearest to a perspective one: {@link perspectiveOf} gives that back. */
export function orthographicOf(
  { rotation, translation: [x, y, z] }: Extrinsics,
  { focalLength, principalPoint }: Pick<PoseOptions, "focalLength" | "principalPoint">,
): OrthographicPose {
  const scale = focalLength / z;
  return {
    rotation: [...rotation],
    scale,
    origin: [scale * x + principalPoint[0], scale * y + principalPoint[1]],
  };
}

/** The perspective pose nearest to an orthographic one. */
export function perspectiveOf(
  { rotation, scale, origin }: OrthographicPose,
  { focalLength, principalPoint }: Pick<PoseOptions, "focalLength" | "principalPoint">,
): Extrinsics {
  const depth = focalLength / scale;
  return {
    rotation,
    translation: [
      (origin[0] - principalPoint[0]) / scale,
      (origin[1] - principalPoint[1]) / scale,
      depth,
    ],
  };
}

/** By how much a pose is off, to measure from how far away fits find home. */
export interface PosePerturbation {
  /** Degrees by which the head turns further to its own left. */
  readonly yaw: number;
  /** Degrees by which the head looks further up. */
  readonly pitch: number;
  /** Degrees by which the head is turned further clockwise in the picture. */
  readonly roll: number;
  /** Factor of the head's size in the picture. */
  readonly scale: number;
}

/** A pose turned about the head's origin and scaled: yaw first, then pitch, then roll. */
export function perturbedPose(
  { rotation, scale, origin }: OrthographicPose,
  by: PosePerturbation,
): OrthographicPose {
  const [yaw, pitch, roll] = [by.yaw, by.pitch, by.roll].map((angle) => (angle * Math.PI) / 180);
  const inHead = product(rotationOf(-pitch!, 0, 0), rotationOf(0, yaw!, 0));
  return {
    rotation: product(rotationOf(0, 0, roll!), product(rotation, inHead)),
    scale: scale * by.scale,
    origin,
  };
}

/**
 * Fits a perspective pose robustly.
 *
 * @param points `n x 3`, on the head, millimetres
 * @param pixels `n x 2`
 * @param start where the iterations begin; the closed-form orthographic pose where absent
 * @throws GanfitError `usage` where the points do not determine a pose
 */
export function estimatePose(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  options: PoseOptions,
  start: OrthographicPose = orthographicPose(points, pixels),
): Extrinsics {
  const { focalLength: f, principalPoint, outlier, weights } = options;
  const n = pixels.length / 2;
  let pose = perspectiveOf(start, options);
  let damping = 1e-3;
  let cost = robustCost(points, pixels, pose, options);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const normal = Matrix.zeros(6, 6);
    const right = new Float64Array(6);
    for (let i = 0; i < n; i++) {
      const [rx, ry, rz] = rotated(pose.rotation, points, i);
      const x = rx + pose.translation[0];
      const y = ry + pose.translation[1];
      const z = rz + pose.translation[2];
      const du = (f * x) / z + principalPoint[0] - pixels[2 * i]!;
      const dv = (f * y) / z + principalPoint[1] - pixels[2 * i + 1]!;
      const w = (weights?.[i] ?? 1) / (1 + (du * du + dv * dv) / outlier ** 2) ** 2;
      const rows = [projectionRow(f, x, z, 0, rx, ry, rz), projectionRow(f, y, z, 1, rx, ry, rz)];
      [du, dv].forEach((residual, r) => {
        const row = rows[r]!;
        for (let a = 0; a < 6; a++) {
          right[a]! -= w * row[a]! * residual;
          for (let b = 0; b < 6; b++) normal.set(a, b, normal.get(a, b) + w * row[a]! * row[b]!);
        }
      });
    }
    for (let a = 0; a < 6; a++) normal.set(a, a, normal.get(a, a) * (1 + damping) + 1e-12);
    const step = solve(normal, Matrix.columnVector(right)).to1DArray();
    const moved = movePose(pose, step);
    const next = robustCost(points, pixels, moved, options);
    if (next < cost) {
      const done = cost - next < 1e-9 * cost;
      pose = moved;
      cost = next;
      damping = Math.max(1e-9, damping / 10);
      if (done) break;
    } else {
      damping *= 10;
      if (damping > 1e6) break;
    }
  }
  return pose;
}

/**
 * Derivatives of one coordinate of a pixel by the pose: three for a turn of the head in the camera's frame
 * (radians about its axes), three for its translation.
 *
 * @param f focal length, pixels
 * @param along the coordinate in the camera's frame that belongs to the axis
 * @param z depth
 * @param axis 0 for x, 1 for y
 * @param rx ry rz the turned, not yet shifted point
 */
export function projectionRow(
  f: number,
  along: number,
  z: number,
  axis: 0 | 1,
  rx: number,
  ry: number,
  rz: number,
): number[] {
  const a = f / z;
  const c = (-f * along) / (z * z);
  return axis === 0
    ? [c * ry, a * rz - c * rx, -a * ry, a, 0, c]
    : [-a * rz + c * ry, -c * rx, a * rx, 0, a, c];
}

/**
 * A pose after a small turn of the head in the camera's frame and a shift.
 *
 * @param step three radians about the camera's axes, three millimetres
 */
export function movePose(
  { rotation, translation }: Extrinsics,
  step: ArrayLike<number>,
): Extrinsics {
  return {
    rotation: product(rotationOf(step[0]!, step[1]!, step[2]!), rotation),
    translation: [translation[0] + step[3]!, translation[1] + step[4]!, translation[2] + step[5]!],
  };
}

/** Of two 3 x 3 matrices, by rows. */
function product(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return (
      a[3 * row]! * b[column]! + a[3 * row + 1]! * b[3 + column]! + a[3 * row + 2]! * b[6 + column]!
    );
  });
}

/** Rodrigues' formula. */
function rotationOf(x: number, y: number, z: number): number[] {
  const angle = Math.hypot(x, y, z);
  const a = angle > 1e-9 ? Math.sin(angle) / angle : 1;
  const b = angle > 1e-9 ? (1 - Math.cos(angle)) / (angle * angle) : 0.5;
  const cosine = Math.cos(angle);
  return [
    cosine + b * x * x,
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    cosine + b * y * y,
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    cosine + b * z * z,
  ];
}

function rotated(r: readonly number[], points: ArrayLike<number>, i: number) {
  const [x, y, z] = [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!];
  return [
    r[0]! * x + r[1]! * y + r[2]! * z,
    r[3]! * x + r[4]! * y + r[5]! * z,
    r[6]! * x + r[7]! * y + r[8]! * z,
  ] as const;
}

function robustCost(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  { rotation, translation }: Extrinsics,
  { focalLength, principalPoint, outlier, weights }: PoseOptions,
): number {
  let sum = 0;
  for (let i = 0; i < pixels.length / 2; i++) {
    const [x, y, z] = rotated(rotation, points, i);
    const depth = z + translation[2];
    if (!(depth > 0)) return Number.POSITIVE_INFINITY;
    const du = (focalLength * (x + translation[0])) / depth + principalPoint[0] - pixels[2 * i]!;
    const dv =
      (focalLength * (y + translation[1])) / depth + principalPoint[1] - pixels[2 * i + 1]!;
    const squared = (du * du + dv * dv) / outlier ** 2;
    sum += ((weights?.[i] ?? 1) * squared) / (1 + squared);
  }
  return sum;
}

function undetermined(): GanfitError {
  return new GanfitError(
    "usage",
    "A pose needs four or more points with finite coordinates that do not lie on a line.",
  );
}
