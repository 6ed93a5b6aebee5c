/** Directions in which a hull is measured. */
const DIRECTIONS = 64;

/**
 * Distances of a map's texels to the convex hull of some points, negative inside, as parts of the side. The hull is
 * the intersection of half-planes in 64 directions, and the distance is that to the farthest of them: exact beside
 * an edge, a little short off a corner.
 *
 * @param points x0 y0 x1 y1 ..., parts of the side
 * @param size texels along each side
 * @returns `size x size`
 */
export function distanceToHull(points: readonly number[], size: number): Float32Array {
  const distances = new Float32Array(size * size).fill(Number.NEGATIVE_INFINITY);
  for (let k = 0; k < DIRECTIONS; k++) {
    const angle = (2 * Math.PI * k) / DIRECTIONS;
    const [x, y] = [Math.cos(angle), Math.sin(angle)];
    let reach = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < points.length; i += 2) {
      reach = Math.max(reach, x * points[i]! + y * points[i + 1]!);
    }
    for (let row = 0, i = 0; row < size; row++) {
      const offset = (y * (row + 0.5)) / size - reach;
      for (let column = 0; column < size; column++, i++) {
        distances[i] = Math.max(distances[i]!, offset + (x * (column + 0.5)) / size);
      }
    }
  }
  return distances;
}
