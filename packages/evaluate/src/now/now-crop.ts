/** The part of a scan that the NoW benchmark measures. */
import { keepVertices } from "../geometry/clean-mesh.js";
import type { Mesh } from "../geometry/mesh.js";

/** A ball; scans hold nothing but the face within it. */
export interface NowMask {
  readonly centre: readonly [number, number, number];
  readonly radius: number;
}

/**
 * now_evaluation's `compute_mask`: the centre lies three tenths of the way from the bottom of the nose to the middle
 * between the inner corners of the eyes, the radius is 0.7 times the sum of that way's length and the distance of the
 * outer corners.
 *
 * @param landmarks `7 x 3`, of the scan
 */
export function nowMask(landmarks: ArrayLike<number>): NowMask {
  const point = (i: number) => [0, 1, 2].map((k) => landmarks[3 * i + k]!);
  const distance = (a: readonly number[], b: readonly number[]) =>
    Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!);
  const [outerRight, innerRight, innerLeft, outerLeft, nose] = [0, 1, 2, 3, 4].map(point);
  const bridge = innerRight!.map((value, k) => (value + innerLeft![k]!) / 2);
  const centre = nose!.map((value, k) => value + 0.3 * (bridge[k]! - value));
  return {
    centre: centre as [number, number, number],
    radius: (1.4 * (distance(outerRight!, outerLeft!) + distance(nose!, bridge))) / 2,
  };
}

/** The vertices within the mask, its border included, and the triangles that have all corners there. */
export function cropToMask(scan: Mesh, { centre, radius }: NowMask): Mesh {
  const p = scan.positions;
  return keepVertices(scan, (v) => {
    const [x, y, z] = [0, 1, 2].map((k) => p[3 * v + k]! - centre[k]!);
    return Math.hypot(x!, y!, z!) <= radius;
  });
}
