// A smooth map of space that takes given points near given others: thin-plate splines in three
// dimensions (Duchon 1977; approximation after Wahba, "Spline Models for Observational Data", 1990).
//
//     f(p) = affine(p) - sum_n w_n |p - p_n|,   with  f(p_n) + softness_n w_n = q_n
//
// The kernel -r is conditionally positive definite, so any softness from 0 gives one solution as long
// as the points do not all lie in a plane.

/** Maps a point, millimetres. */
export type Warp = (x: number, y: number, z: number) => [number, number, number];

/**
 * @param from `N x 3`, not all in a plane; two at the same place only where both are soft
 * @param to `N x 3`
 * @param softness `N`, from 0, in the unit of the points: how far each may be missed for smoothness
 * @throws RangeError where the points do not determine the warp
 */
export function splineWarp(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  softness: ArrayLike<number>,
): Warp {
  const n = softness.length;
  const size = n + 4;
  // Centred and scaled, so that the affine part is well conditioned.
  const centre = [0, 0, 0];
  for (let i = 0; i < 3 * n; i++) centre[i % 3]! += from[i]! / n;
  let spread = 0;
  for (let i = 0; i < 3 * n; i++) spread += (from[i]! - centre[i % 3]!) ** 2 / n;
  spread = Math.sqrt(spread) || 1;
  const points = Float64Array.from(
    { length: 3 * n },
    (_, i) => (from[i]! - centre[i % 3]!) / spread,
  );

  const rows: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const row = new Float64Array(size + 3);
    for (let j = 0; j < n; j++)
      row[j] = -distance(points, i, points[3 * j]!, points[3 * j + 1]!, points[3 * j + 2]!);
    row[i]! += softness[i]! / spread;
    row[n] = 1;
    for (let k = 0; k < 3; k++) {
      row[n + 1 + k] = points[3 * i + k]!;
      row[size + k] = to[3 * i + k]!;
    }
    rows.push(row);
  }
  for (let k = 0; k < 4; k++) {
    const row = new Float64Array(size + 3);
    for (let j = 0; j < n; j++) row[j] = k === 0 ? 1 : points[3 * j + k - 1]!;
    rows.push(row);
  }
  const w = solve(rows);
  return (x, y, z) => {
    const p = [(x - centre[0]!) / spread, (y - centre[1]!) / spread, (z - centre[2]!) / spread];
    const out: [number, number, number] = [0, 0, 0];
    for (let k = 0; k < 3; k++) {
      out[k] = w[n]![k]! + w[n + 1]![k]! * p[0]! + w[n + 2]![k]! * p[1]! + w[n + 3]![k]! * p[2]!;
    }
    for (let j = 0; j < n; j++) {
      const r = distance(points, j, p[0]!, p[1]!, p[2]!);
      for (let k = 0; k < 3; k++) out[k]! -= w[j]![k]! * r;
    }
    return out;
  };
}

function distance(points: Float64Array, j: number, x: number, y: number, z: number): number {
  const dx = points[3 * j]! - x;
  const dy = points[3 * j + 1]! - y;
  const dz = points[3 * j + 2]! - z;
  return Math.sqrt(dx * dx + dy * dy + dz * dz);
}

/**
 * Gauss elimination with row pivoting; each row holds the matrix and then the right-hand sides.
 *
 * @returns for each unknown its values
 */
function solve(rows: Float64Array[]): Float64Array[] {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let best = column;
    for (let i = column + 1; i < n; i++) {
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[best]![column]!)) best = i;
    }
    const pivotRow = rows[best]!;
    rows[best] = rows[column]!;
    rows[column] = pivotRow;
    const pivot = pivotRow[column]!;
    if (!(Math.abs(pivot) > 1e-13)) {
      throw new RangeError("splineWarp: points coincide, or all lie in one plane");
    }
    for (let i = column + 1; i < n; i++) {
      const row = rows[i]!;
      const factor = row[column]! / pivot;
      if (factor === 0) continue;
      for (let j = column; j < row.length; j++) row[j]! -= factor * pivotRow[j]!;
    }
  }
  const width = rows[0]!.length - n;
  const result = rows.map(() => new Float64Array(width));
  for (let i = n - 1; i >= 0; i--) {
    const row = rows[i]!;
    for (let k = 0; k < width; k++) {
      let sum = row[n + k]!;
      for (let j = i + 1; j < n; j++) sum -= row[j]! * result[j]![k]!;
      result[i]![k] = sum / row[i]!;
    }
  }
  return result;
}
