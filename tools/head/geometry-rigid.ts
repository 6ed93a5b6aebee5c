// Least-squares rigid motions.

/** `x -> rotation x + translation`. */
export interface RigidMotion {
  /** 3 x 3 by rows. */
  readonly rotation: readonly number[];
  readonly translation: readonly [number, number, number];
}

/**
 * The rigid motion that brings `from` closest to `to` (Arun, Huang and Blostein 1987), the rotation
 * found as the orthogonal polar factor of the cross-covariance by Newton's iteration (Higham 1986).
 *
 * @param from `N x 3`
 * @param to `N x 3`
 * @param vertices which points count
 */
export function alignRigidly(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  vertices: readonly number[],
): RigidMotion {
  const mean = (points: ArrayLike<number>) =>
    [0, 1, 2].map(
      (i) => vertices.reduce((sum, v) => sum + points[v * 3 + i]!, 0) / vertices.length,
    );
  const source = mean(from);
  const target = mean(to);
  const h = new Float64Array(9);
  for (const v of vertices) {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        h[i * 3 + j]! += (to[v * 3 + i]! - target[i]!) * (from[v * 3 + j]! - source[j]!);
      }
    }
  }
  let rotation = [...h];
  for (let step = 0; step < 100; step++) {
    const inverse = invert3(rotation);
    const next = rotation.map(
      (value, k) => (value + inverse[(k % 3) * 3 + Math.floor(k / 3)]!) / 2,
    );
    const change = Math.max(...next.map((value, k) => Math.abs(value - rotation[k]!)));
    rotation = next;
    if (change < 1e-14) break;
  }
  const translation = [0, 1, 2].map(
    (i) => target[i]! - [0, 1, 2].reduce((sum, j) => sum + rotation[i * 3 + j]! * source[j]!, 0),
  ) as [number, number, number];
  return { rotation, translation };
}

/** @param points `N x 3` */
export function moveRigidly(points: ArrayLike<number>, motion: RigidMotion): Float64Array {
  const out = new Float64Array(points.length);
  for (let v = 0; v < points.length; v += 3) {
    for (let i = 0; i < 3; i++) {
      out[v + i] = motion.translation[i]!;
      for (let j = 0; j < 3; j++) out[v + i]! += motion.rotation[i * 3 + j]! * points[v + j]!;
    }
  }
  return out;
}

function invert3(m: readonly number[]): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((value) => value / determinant);
}
