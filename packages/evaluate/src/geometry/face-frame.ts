/** Turning a face to the viewer, for pictures. */

/**
 * The points with x to the person's left, y up and z out of the face, about the mean of the four reference points.
 *
 * @param points `n x 3`
 * @param eyes outer corners of the right and the left eye
 * @param mouth right and left corner of the mouth
 */
export function faceFrame(
  points: Float64Array,
  eyes: readonly [Point, Point],
  mouth: readonly [Point, Point],
): Float64Array {
  const centre = [0, 1, 2].map(
    (k) => (eyes[0][k]! + eyes[1][k]! + mouth[0][k]! + mouth[1][k]!) / 4,
  );
  const x = unit([0, 1, 2].map((k) => eyes[1][k]! - eyes[0][k]!));
  const up = [0, 1, 2].map((k) => eyes[0][k]! + eyes[1][k]! - mouth[0][k]! - mouth[1][k]!);
  const along = up.reduce((sum, value, k) => sum + value * x[k]!, 0);
  const y = unit(up.map((value, k) => value - along * x[k]!));
  const z = [
    x[1]! * y[2]! - x[2]! * y[1]!,
    x[2]! * y[0]! - x[0]! * y[2]!,
    x[0]! * y[1]! - x[1]! * y[0]!,
  ];
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    for (const [axis, direction] of [x, y, z].entries()) {
      for (let k = 0; k < 3; k++) out[i + axis]! += direction[k]! * (points[i + k]! - centre[k]!);
    }
  }
  return out;
}

type Point = readonly number[];

function unit(vector: Point): Point {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
