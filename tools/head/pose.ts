// Where a head stands before a camera, from points of it and their places in a picture.

import { Matrix, solve } from "ml-matrix";

export interface Pose {
  /** Pixels per millimetre at the head's origin. */
  readonly scale: number;
  /** Radians: turns about y, then about x, then about the line of sight. */
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  /** Pixels: where the head's origin is seen; x right, y down. */
  readonly x: number;
  readonly y: number;
  /** Millimetres from the camera to the head's origin. */
  readonly distance: number;
}

/** `n x 2` pixels of `n x 3` points in the model's frame, in perspective. */
export function projectPoints(points: ArrayLike<number>, pose: Pose): Float64Array {
  const { scale, yaw, pitch, roll, x, y, distance } = pose;
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  const [cr, sr] = [Math.cos(roll), Math.sin(roll)];
  const count = points.length / 3;
  const out = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const [px, py, pz] = [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!];
    const x1 = cy * px + sy * pz;
    const z1 = cy * pz - sy * px;
    const y2 = cp * py - sp * z1;
    const z2 = sp * py + cp * z1;
    const shrink = (scale * distance) / (distance - z2);
    out[2 * i] = x + shrink * (cr * x1 - sr * y2);
    out[2 * i + 1] = y - shrink * (sr * x1 + cr * y2);
  }
  return out;
}

const PARAMETERS = ["scale", "yaw", "pitch", "roll", "x", "y"] as const;
const STEPS = { scale: 1e-4, yaw: 1e-4, pitch: 1e-4, roll: 1e-4, x: 1e-3, y: 1e-3 } as const;

/**
 * The pose with the least squares of distances in the picture, by Gauss and Newton from a frontal one.
 *
 * @param points `n x 3` millimetres
 * @param measured `m x 3` pixels with `m >= n`, of which x and y count
 */
export function fitPose(
  points: ArrayLike<number>,
  measured: ArrayLike<number>,
  distance: number,
): Pose {
  let pose = initialPose(points, measured, distance);
  for (let iteration = 0; iteration < 8; iteration++) {
    const seen = projectPoints(points, pose);
    const jacobian = derivatives(points, pose);
    const left = Matrix.columnVector(
      Array.from(seen, (value, i) => measured[Math.floor(i / 2) * 3 + (i % 2)]! - value),
    );
    const transposed = jacobian.transpose();
    const step = solve(transposed.mmul(jacobian), transposed.mmul(left));
    const next = { ...pose };
    PARAMETERS.forEach((name, k) => {
      next[name] += step.get(k, 0);
    });
    pose = next;
  }
  return pose;
}

/**
 * How points seen from the front move in the model's plane (x right, y up, millimetres) with each of the
 * six parameters of a pose: `2 n x 6`.
 */
export function jacobianOfPose(points: ArrayLike<number>, distance: number): Matrix {
  const front = { scale: 1, yaw: 0, pitch: 0, roll: 0, x: 0, y: 0, distance };
  const jacobian = derivatives(points, front);
  for (let i = 1; i < jacobian.rows; i += 2) jacobian.mulRow(i, -1);
  return jacobian;
}

function derivatives(points: ArrayLike<number>, pose: Pose): Matrix {
  const columns = PARAMETERS.map((name) => {
    const h = STEPS[name];
    const ahead = projectPoints(points, { ...pose, [name]: pose[name] + h });
    const behind = projectPoints(points, { ...pose, [name]: pose[name] - h });
    return Array.from(ahead, (value, i) => (value - behind[i]!) / (2 * h));
  });
  return new Matrix(columns).transpose();
}

/** Upright and from the front: position and size by the points' means and spreads. */
function initialPose(
  points: ArrayLike<number>,
  measured: ArrayLike<number>,
  distance: number,
): Pose {
  const count = points.length / 3;
  const mean = (values: ArrayLike<number>, axis: number) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += values[3 * i + axis]! / count;
    return sum;
  };
  const spread = (values: ArrayLike<number>) => {
    const [mx, my] = [mean(values, 0), mean(values, 1)];
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += (values[3 * i]! - mx) ** 2 + (values[3 * i + 1]! - my) ** 2;
    }
    return Math.sqrt(sum / count);
  };
  const scale = spread(measured) / spread(points);
  return {
    scale,
    yaw: 0,
    pitch: 0,
    roll: 0,
    x: mean(measured, 0) - scale * mean(points, 0),
    y: mean(measured, 1) + scale * mean(points, 1),
    distance,
  };
}
