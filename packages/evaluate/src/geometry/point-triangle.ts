/** The point of a triangle that is closest to a point (Ericson, Real-Time Collision Detection, 5.1.5). */
/** Numbers of a triangle: its three corners. */
export const CORNERS = 9;

/** Squared sine of a triangle's first angle below which Ericson's quotients lose too many digits. */
const SLIVER = 1e-6;

/** Below this the triangle has no normal that could be trusted: it is its three edges. */
const NEEDLE = 1e-16;

/**
 * @param corners corners of triangles, this one's from `at` on, finite
 * @param out the point, three numbers
 * @returns its squared distance
 */
export function closestOnTriangle(
  corners: Float64Array,
  at: number,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
): number {
  const ax = corners[at]!;
  const ay = corners[at + 1]!;
  const az = corners[at + 2]!;
  const abx = corners[at + 3]! - ax;
  const aby = corners[at + 4]! - ay;
  const abz = corners[at + 5]! - az;
  const acx = corners[at + 6]! - ax;
  const acy = corners[at + 7]! - ay;
  const acz = corners[at + 8]! - az;
  const apx = x - ax;
  const apy = y - ay;
  const apz = z - az;
  const bb = abx * abx + aby * aby + abz * abz;
  const cc = acx * acx + acy * acy + acz * acz;
  const bc = abx * acx + aby * acy + abz * acz;
  if (!(bb * cc - bc * bc > SLIVER * bb * cc)) return closestOnSliver(corners, at, x, y, z, out);
  const d1 = abx * apx + aby * apy + abz * apz;
  const d2 = acx * apx + acy * apy + acz * apz;
  // Ericson's products with the vectors from b and from c, by what is known already.
  const d3 = d1 - bb;
  const d4 = d2 - bc;
  const d5 = d1 - bc;
  const d6 = d2 - cc;
  let v = 0;
  let w = 0;
  if (d1 <= 0 && d2 <= 0) {
    // The first corner.
  } else if (d3 >= 0 && d4 <= d3) v = 1;
  else if (d6 >= 0 && d5 <= d6) w = 1;
  else {
    const vc = d1 * d4 - d3 * d2;
    const vb = d5 * d2 - d1 * d6;
    const va = d3 * d6 - d5 * d4;
    if (vc <= 0 && d1 >= 0 && d3 <= 0) v = d1 / bb;
    else if (vb <= 0 && d2 >= 0 && d6 <= 0) w = d2 / cc;
    else if (va <= 0 && d4 >= d3 && d5 >= d6) {
      w = (d4 - d3) / (d4 - d3 + (d5 - d6));
      v = 1 - w;
    } else {
      const sum = va + vb + vc;
      v = vb / sum;
      w = vc / sum;
    }
  }
  const dx = apx - v * abx - w * acx;
  const dy = apy - v * aby - w * acy;
  const dz = apz - v * abz - w * acz;
  out[0] = ax + v * abx + w * acx;
  out[1] = ay + v * aby + w * acy;
  out[2] = az + v * abz + w * acz;
  return dx * dx + dy * dy + dz * dz;
}

/** The same for a triangle that is thin or has no area: its edges, and its plane where that is known. */
function closestOnSliver(
  corners: Float64Array,
  at: number,
  x: number,
  y: number,
  z: number,
  out: Float64Array,
): number {
  let best = closestOnEdge(corners, at, at + 3, x, y, z, Infinity, out);
  best = closestOnEdge(corners, at + 3, at + 6, x, y, z, best, out);
  best = closestOnEdge(corners, at + 6, at, x, y, z, best, out);
  const ab = [0, 1, 2].map((k) => corners[at + 3 + k]! - corners[at + k]!);
  const ac = [0, 1, 2].map((k) => corners[at + 6 + k]! - corners[at + k]!);
  const ap = [x - corners[at]!, y - corners[at + 1]!, z - corners[at + 2]!];
  const normal = cross(ab, ac);
  const area = dot(normal, normal);
  if (!(area > NEEDLE * dot(ab, ab) * dot(ac, ac))) return best;
  const v = dot(cross(ap, ac), normal);
  const w = dot(cross(ab, ap), normal);
  const height = dot(ap, normal);
  const squared = (height * height) / area;
  if (v < 0 || w < 0 || v + w > area || squared >= best) return best;
  out[0] = x - (height / area) * normal[0]!;
  out[1] = y - (height / area) * normal[1]!;
  out[2] = z - (height / area) * normal[2]!;
  return squared;
}

/** The point between the corners at `a` and `b`, into `out` if its squared distance is below `best`. */
function closestOnEdge(
  corners: Float64Array,
  a: number,
  b: number,
  x: number,
  y: number,
  z: number,
  best: number,
  out: Float64Array,
): number {
  const ux = corners[b]! - corners[a]!;
  const uy = corners[b + 1]! - corners[a + 1]!;
  const uz = corners[b + 2]! - corners[a + 2]!;
  const px = x - corners[a]!;
  const py = y - corners[a + 1]!;
  const pz = z - corners[a + 2]!;
  const length = ux * ux + uy * uy + uz * uz;
  const along = px * ux + py * uy + pz * uz;
  const t = length > 0 ? Math.min(1, Math.max(0, along / length)) : 0;
  const dx = px - t * ux;
  const dy = py - t * uy;
  const dz = pz - t * uz;
  const squared = dx * dx + dy * dy + dz * dz;
  if (!(squared < best)) return best;
  out[0] = corners[a]! + t * ux;
  out[1] = corners[a + 1]! + t * uy;
  out[2] = corners[a + 2]! + t * uz;
  return squared;
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [0, 1, 2].map((k) => {
    const [i, j] = [(k + 1) % 3, (k + 2) % 3];
    return a[i]! * b[j]! - a[j]! * b[i]!;
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}
