/** Points as rows of `n x 3` arrays. */

/** @returns the points with these indices, in their order: `indices.length x 3` */
export function pickPoints(points: ArrayLike<number>, indices: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: 3 * indices.length },
    (_, i) => points[3 * indices[Math.floor(i / 3)]! + (i % 3)]!,
  );
}

/** One point. */
export function pointAt(points: ArrayLike<number>, index: number): [number, number, number] {
  return [points[3 * index]!, points[3 * index + 1]!, points[3 * index + 2]!];
}

/** @returns `n`: distance of each point of `a` from that of `b` with the same index */
export function distancesBetween(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: a.length / 3 }, (_, i) =>
    Math.hypot(a[3 * i]! - b[3 * i]!, a[3 * i + 1]! - b[3 * i + 1]!, a[3 * i + 2]! - b[3 * i + 2]!),
  );
}

/** The same points in another unit. */
export function scaled(points: Float64Array, factor: number): Float64Array {
  return points.map((value) => factor * value);
}

/** The mean of points: 3 coordinates. @param points `n x 3` */
export function centroidOf(points: ArrayLike<number>): number[] {
  const sum = [0, 0, 0];
  for (let i = 0; i < points.length; i++) sum[i % 3]! += points[i]!;
  return sum.map((value) => (3 * value) / points.length);
}
