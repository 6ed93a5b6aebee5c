/** The seven landmarks of the NoW benchmark. */
import { IBUG68_COUNT } from "../ibug68.js";

/**
 * Which of iBUG 300-W's 68 points they are, in order; right and left are the person's. That the first and fourth are
 * outer corners of the eyes, the second and third inner ones and the fifth the bottom of the nose is what
 * now_evaluation's `compute_mask` takes them for.
 */
export const NOW_LANDMARKS = [
  { name: "right eye, outer corner", ibug: 36 },
  { name: "right eye, inner corner", ibug: 39 },
  { name: "left eye, inner corner", ibug: 42 },
  { name: "left eye, outer corner", ibug: 45 },
  { name: "nose, bottom", ibug: 33 },
  { name: "mouth, right corner", ibug: 48 },
  { name: "mouth, left corner", ibug: 54 },
] as const;

/**
 * The NoW landmarks among 68 points.
 *
 * @param points `68 x 3`
 * @returns `7 x 3`
 */
export function nowLandmarks(points: ArrayLike<number>): Float64Array {
  if (points.length !== 3 * IBUG68_COUNT)
    throw new RangeError(`68 points expected, ${points.length / 3} came`);
  return Float64Array.from(
    NOW_LANDMARKS.flatMap(({ ibug }) => [0, 1, 2].map((k) => points[3 * ibug + k]!)),
  );
}
