/** The first two coordinates of points in space, `n x 2` of `n x 3`: what of landmarks lies in a picture. */
export function inPlane(points: ArrayLike<number>): Float64Array {
  return Float64Array.from(
    { length: (points.length / 3) * 2 },
    (_, i) => points[3 * (i >> 1) + (i & 1)]!,
  );
}
