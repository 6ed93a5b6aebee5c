import { GanfitError } from "../errors.js";

/**
 * A similarity of the plane: turn, scale evenly, then shift. It never mirrors. A point (x, y) goes to
 *
 *     x' = scale (cos(rotation) x - sin(rotation) y) + tx
 *     y' = scale (sin(rotation) x + cos(rotation) y) + ty
 *
 * In pictures, where y points down, a positive rotation turns clockwise. Points are in pixels with
 * the origin at the top left corner of the picture, so that the centre of the first pixel is
 * (0.5, 0.5).
 */
export interface Similarity {
  /** Positive. */
  readonly scale: number;
  /** Radians. */
  readonly rotation: number;
  readonly tx: number;
  readonly ty: number;
}

/** Points in the plane, `n x 2`: x0 y0 x1 y1 ... */
export type Points = ArrayLike<number>;

export const IDENTITY: Similarity = { scale: 1, rotation: 0, tx: 0, ty: 0 };

/** The rows of the 2 x 3 matrix: `[a, -b, tx, b, a, ty]`. */
export function similarityMatrix(transform: Similarity): number[] {
  const a = transform.scale * Math.cos(transform.rotation);
  const b = transform.scale * Math.sin(transform.rotation);
  return [a, -b, transform.tx, b, a, transform.ty];
}

/** `n x 2` transformed points. */
export function applySimilarity(transform: Similarity, points: Points): Float64Array {
  const [a, , tx, b, , ty] = similarityMatrix(transform) as [...number[]] & { length: 6 };
  const result = new Float64Array(points.length);
  for (let i = 0; i + 1 < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    result[i] = a! * x - b! * y + tx!;
    result[i + 1] = b! * x + a! * y + ty!;
  }
  return result;
}

/** First `first`, then `second`. */
export function composeSimilarity(second: Similarity, first: Similarity): Similarity {
  const [tx, ty] = applySimilarity(second, [first.tx, first.ty]);
  return {
    scale: second.scale * first.scale,
    rotation: wrapped(second.rotation + first.rotation),
    tx: tx!,
    ty: ty!,
  };
}

/** What undoes `transform`. */
export function invertSimilarity(transform: Similarity): Similarity {
  const scale = 1 / transform.scale;
  const rotation = wrapped(-transform.rotation);
  const [x, y] = applySimilarity({ scale, rotation, tx: 0, ty: 0 }, [transform.tx, transform.ty]);
  return { scale, rotation, tx: 0 - x!, ty: 0 - y! };
}

/**
 * The similarity that brings `from` closest to `to` in the sense of least squares
 * (Umeyama 1991, "Least-squares estimation of transformation parameters between two point
 * patterns"; in the plane its singular value decomposition has the closed form used here). It is
 * never a reflection, not even where one would fit better.
 *
 * @param from `n x 2`, n at least 2
 * @param to `n x 2`
 * @throws GanfitError `usage` where the points do not determine a similarity: fewer than two, a value
 * that is not finite, all of `from` in one place, or `to` as far from every turned copy of `from` as
 * from a single point
 */
export function estimateSimilarity(from: Points, to: Points): Similarity {
  const n = from.length / 2;
  if (from.length !== to.length || !Number.isInteger(n) || n < 2) {
    throw new GanfitError(
      "usage",
      `A similarity needs two or more pairs of points, but ${from.length} and ${to.length} coordinates were given.`,
    );
  }
  let fx = 0;
  let fy = 0;
  let gx = 0;
  let gy = 0;
  for (let i = 0; i < 2 * n; i += 2) {
    fx += from[i]! / n;
    fy += from[i + 1]! / n;
    gx += to[i]! / n;
    gy += to[i + 1]! / n;
  }
  let variance = 0;
  let spread = 0;
  let dot = 0;
  let cross = 0;
  for (let i = 0; i < 2 * n; i += 2) {
    const x = from[i]! - fx;
    const y = from[i + 1]! - fy;
    const u = to[i]! - gx;
    const v = to[i + 1]! - gy;
    variance += x * x + y * y;
    spread += u * u + v * v;
    dot += x * u + y * v;
    cross += x * v - y * u;
  }
  const strength = Math.hypot(dot, cross);
  if (!Number.isFinite(fx + fy + gx + gy + strength)) {
    throw new GanfitError("usage", "A similarity needs points whose coordinates are all finite.");
  }
  // Rounding leaves coordinates that are all the same a little apart.
  const size = Math.abs(fx) + Math.abs(fy);
  if (!(variance > n * (1e-12 * size) ** 2) || !(strength > 1e-9 * Math.sqrt(variance * spread))) {
    throw new GanfitError(
      "usage",
      "The points do not determine a similarity: they lie all in one place, or one set mirrors the other.",
    );
  }
  const scale = strength / variance;
  const rotation = Math.atan2(cross, dot);
  const [x, y] = applySimilarity({ scale, rotation, tx: 0, ty: 0 }, [fx, fy]);
  return { scale, rotation, tx: gx - x!, ty: gy - y! };
}

/** Within (-pi, pi]. */
function wrapped(angle: number): number {
  const turns = Math.ceil((angle - Math.PI) / (2 * Math.PI));
  return angle - turns * 2 * Math.PI;
}
