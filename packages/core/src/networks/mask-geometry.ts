/** Polygons of MediaPipe's landmarks, and distances to them on a grid of pixels. */

/** Indices into the 478 landmarks, each polygon closed. Right and left are the person's. */
export const FACE_OVAL = [
  10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148,
  176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
] as const;
export const RIGHT_EYE = [
  33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246,
] as const;
export const LEFT_EYE = [
  263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466,
] as const;
export const RIGHT_BROW = [70, 63, 105, 66, 107, 55, 65, 52, 53, 46] as const;
export const LEFT_BROW = [300, 293, 334, 296, 336, 285, 295, 282, 283, 276] as const;
export const OUTER_LIPS = [
  61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185,
] as const;
export const INNER_LIPS = [
  78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191,
] as const;

/** A polygon's corners, x0 y0 x1 y1 ... */
export type Polygon = readonly number[];

/** @param points `478 x 2` */
export function polygonOf(points: ArrayLike<number>, indices: readonly number[]): Polygon {
  return indices.flatMap((i) => [points[2 * i]!, points[2 * i + 1]!]);
}

/**
 * The distance of the centre of every pixel to the outline, negative inside.
 *
 * @returns `height x width` pixels
 */
export function signedDistance(polygon: Polygon, width: number, height: number): Float32Array {
  const result = new Float32Array(width * height);
  const edges = edgesOf(polygon);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      result[i] = distanceTo(edges, column + 0.5, row + 0.5);
    }
  }
  return result;
}

/** 1 inside, 0 outside, a straight ramp of `softness` pixels to either side of the outline. */
export function polygonMask(
  polygon: Polygon,
  width: number,
  height: number,
  softness = 0.5,
): Float32Array {
  const result = new Float32Array(width * height);
  const range = (axis: number, size: number) => {
    const values = polygon.filter((_, i) => i % 2 === axis);
    return [
      Math.max(0, Math.floor(Math.min(...values) - softness)),
      Math.min(size, Math.ceil(Math.max(...values) + softness)),
    ] as const;
  };
  const [left, right] = range(0, width);
  const [top, bottom] = range(1, height);
  const edges = edgesOf(polygon);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const distance = distanceTo(edges, column + 0.5, row + 0.5);
      result[row * width + column] = Math.min(1, Math.max(0, 0.5 - distance / (2 * softness)));
    }
  }
  return result;
}

/** Numbers per edge: a corner x y, the way to the next corner, 1 over its squared length, its slope. */
const EDGE = 6;

function edgesOf(polygon: Polygon): Float64Array {
  const corners = polygon.length / 2;
  const edges = new Float64Array(EDGE * corners);
  for (let a = 0, b = corners - 1; a < corners; b = a++) {
    const x = polygon[2 * a]!;
    const y = polygon[2 * a + 1]!;
    const dx = polygon[2 * b]! - x;
    const dy = polygon[2 * b + 1]! - y;
    edges.set([x, y, dx, dy, 1 / (dx * dx + dy * dy || 1), dy === 0 ? 0 : dx / dy], EDGE * a);
  }
  return edges;
}

function distanceTo(edges: Float64Array, x: number, y: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (let e = 0; e < edges.length; e += EDGE) {
    const px = x - edges[e]!;
    const py = y - edges[e + 1]!;
    const dx = edges[e + 2]!;
    const dy = edges[e + 3]!;
    const along = (px * dx + py * dy) * edges[e + 4]!;
    const t = Math.min(1, Math.max(0, along));
    const ox = px - t * dx;
    const oy = py - t * dy;
    const squared = ox * ox + oy * oy;
    if (squared < nearest) nearest = squared;
    if (py < 0 !== dy > py && px < py * edges[e + 5]!) inside = !inside;
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}
