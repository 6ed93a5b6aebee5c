// Which triangle covers each pixel: a scanline rasteriser with a z-buffer.
//
// Spans follow the top-left rule: a pixel belongs to a triangle when its centre lies inside, or on a
// left or upper edge. The crossing of an edge with a row is computed from the edge's end points in the
// same order whichever triangle asks, so neighbours leave no gap and never both claim a pixel.

/** Screen-space vertices: x right and y down in pixels (pixel centres at .5), smaller z is nearer. */
export interface RasterInput {
  /** `V x 3`. A triangle with a vertex that is not finite is left out. */
  readonly positions: Float32Array;
  /** `T x 3` vertex indices. */
  readonly triangles: Uint32Array;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Leave out triangles that are seen from behind, whose vertices run clockwise on the screen. */
  readonly cullBack?: boolean;
}

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** `height x width`: index of the nearest triangle, -1 where there is none. */
  readonly triangle: Int32Array;
  /** `height x width`: z of that triangle at the pixel's centre, Infinity where there is none. */
  readonly depth: Float32Array;
}

/** Buffers for {@link rasterize}, to be used again for pictures of the same size. */
export function createRaster(width: number, height: number): Raster {
  const pixels = width * height;
  return { width, height, triangle: new Int32Array(pixels), depth: new Float32Array(pixels) };
}

/**
 * Finds the nearest triangle of every pixel.
 *
 * @param into buffers of the same size, overwritten and returned
 */
export function rasterize(
  { positions, triangles, width, height, cullBack = false }: RasterInput,
  into: Raster = createRaster(width, height),
): Raster {
  const { triangle: ids, depth } = into;
  ids.fill(-1);
  depth.fill(Number.POSITIVE_INFINITY);
  for (let t = 0; t < triangles.length; t += 3) {
    const a = triangles[t]! * 3;
    const b = triangles[t + 1]! * 3;
    const c = triangles[t + 2]! * 3;
    const ax = positions[a]!;
    const ay = positions[a + 1]!;
    const bx = positions[b]!;
    const by = positions[b + 1]!;
    const cx = positions[c]!;
    const cy = positions[c + 1]!;
    const az = positions[a + 2]!;
    const zb = positions[b + 2]! - az;
    const zc = positions[c + 2]! - az;

    // Twice the signed area; with y down a triangle that faces the viewer has a negative one.
    const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
    if (!(area < 0 || (area > 0 && !cullBack)) || !Number.isFinite(area + az + zb + zc)) continue;

    const firstRow = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5));
    const endRow = Math.min(height, Math.ceil(Math.max(ay, by, cy) - 0.5));
    if (firstRow >= endRow) continue;
    if (Math.max(ax, bx, cx) < 0.5 || Math.min(ax, bx, cx) > width - 0.5) continue;

    // z = az + dzdx (x - ax) + dzdy (y - ay)
    const dzdx = (zb * (cy - ay) - zc * (by - ay)) / area;
    const dzdy = (zc * (bx - ax) - zb * (cx - ax)) / area;

    for (let row = firstRow; row < endRow; row++) {
      const y = row + 0.5;
      let left = Number.POSITIVE_INFINITY;
      let right = Number.NEGATIVE_INFINITY;
      // Each row between the lowest and highest vertex crosses exactly two of the three edges.
      if (ay > y !== by > y) {
        const x = a < b ? crossing(ax, ay, bx, by, y) : crossing(bx, by, ax, ay, y);
        if (x < left) left = x;
        if (x > right) right = x;
      }
      if (by > y !== cy > y) {
        const x = b < c ? crossing(bx, by, cx, cy, y) : crossing(cx, cy, bx, by, y);
        if (x < left) left = x;
        if (x > right) right = x;
      }
      if (cy > y !== ay > y) {
        const x = c < a ? crossing(cx, cy, ax, ay, y) : crossing(ax, ay, cx, cy, y);
        if (x < left) left = x;
        if (x > right) right = x;
      }
      const first = Math.max(0, Math.ceil(left - 0.5));
      const end = Math.min(width, Math.ceil(right - 0.5));
      let z = az + dzdx * (first + 0.5 - ax) + dzdy * (y - ay);
      for (let p = row * width + first; p < row * width + end; p++) {
        if (z < depth[p]!) {
          depth[p] = z;
          ids[p] = t / 3;
        }
        z += dzdx;
      }
    }
  }
  return into;
}

function crossing(x0: number, y0: number, x1: number, y1: number, y: number): number {
  return x0 + ((y - y0) * (x1 - x0)) / (y1 - y0);
}

/**
 * Barycentric coordinates of a point in a screen-space triangle (affine, not corrected for
 * perspective), written to `out`.
 */
export function barycentricAt(
  positions: Float32Array,
  triangles: Uint32Array,
  triangle: number,
  x: number,
  y: number,
  out: Float32Array | Float64Array | number[],
): void {
  const a = triangles[triangle * 3]! * 3;
  const b = triangles[triangle * 3 + 1]! * 3;
  const c = triangles[triangle * 3 + 2]! * 3;
  const ax = positions[a]!;
  const ay = positions[a + 1]!;
  const ux = positions[b]! - ax;
  const uy = positions[b + 1]! - ay;
  const vx = positions[c]! - ax;
  const vy = positions[c + 1]! - ay;
  const area = ux * vy - vx * uy;
  const beta = ((x - ax) * vy - vx * (y - ay)) / area;
  const gamma = (ux * (y - ay) - (x - ax) * uy) / area;
  out[0] = 1 - beta - gamma;
  out[1] = beta;
  out[2] = gamma;
}
