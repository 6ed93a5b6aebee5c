/** Similarities of space put together, undone, and made of a turn. */
import type { Similarity3 } from "./similarity3.js";

export const IDENTITY: Similarity3 = {
  scale: 1,
  rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  translation: [0, 0, 0],
};

/** `x -> second(first(x))`. */
export function composeSimilarities(second: Similarity3, first: Similarity3): Similarity3 {
  const [a, b] = [second.rotation, first.rotation];
  const rotation = [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => a[3 * i]! * b[j]! + a[3 * i + 1]! * b[3 + j]! + a[3 * i + 2]! * b[6 + j]!),
  );
  const translation = [0, 1, 2].map((i) => {
    const turned = [0, 1, 2].reduce((sum, j) => sum + a[3 * i + j]! * first.translation[j]!, 0);
    return second.scale * turned + second.translation[i]!;
  }) as [number, number, number];
  return { scale: second.scale * first.scale, rotation, translation };
}

/** The similarity that undoes one. */
export function invertSimilarity({ scale, rotation: r, translation: t }: Similarity3): Similarity3 {
  const transposed = [r[0]!, r[3]!, r[6]!, r[1]!, r[4]!, r[7]!, r[2]!, r[5]!, r[8]!];
  const back = (k: number) =>
    -(transposed[3 * k]! * t[0] + transposed[3 * k + 1]! * t[1] + transposed[3 * k + 2]! * t[2]) /
    scale;
  return { scale: 1 / scale, rotation: transposed, translation: [back(0), back(1), back(2)] };
}

/**
 * Where points came from: the inverse of `movePoints`.
 *
 * @param points `n x 3`
 */
export function undoSimilarity(points: ArrayLike<number>, motion: Similarity3): Float64Array {
  const { scale, rotation: r, translation: t } = motion;
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const x = (points[i]! - t[0]) / scale;
    const y = (points[i + 1]! - t[1]) / scale;
    const z = (points[i + 2]! - t[2]) / scale;
    for (let k = 0; k < 3; k++) out[i + k] = r[k]! * x + r[3 + k]! * y + r[6 + k]! * z;
  }
  return out;
}

/**
 * Rodrigues' formula.
 *
 * @param turn axis times angle in radians
 * @returns 3 x 3 by rows
 */
export function rotationOf(turn: readonly number[]): number[] {
  const [x = 0, y = 0, z = 0] = turn;
  const angle = Math.hypot(x, y, z);
  // Series, where the quotients lose digits: the next terms are below 1e-16.
  const small = angle < 1e-4;
  const first = small ? 1 - angle ** 2 / 6 : Math.sin(angle) / angle;
  const second = small ? 0.5 - angle ** 2 / 24 : (1 - Math.cos(angle)) / angle ** 2;
  const cross = [0, -z, y, z, 0, -x, -y, x, 0];
  return [0, 1, 2].flatMap((i) =>
    [0, 1, 2].map((j) => {
      const square = [0, 1, 2].reduce((sum, k) => sum + cross[3 * i + k]! * cross[3 * k + j]!, 0);
      return (i === j ? 1 : 0) + first * cross[3 * i + j]! + second * square;
    }),
  );
}
