// The first guess of a map into the plane: least squares conformal maps (Levy, Petitjean, Ray, Maillot
// 2002) drawn to given places. It keeps angles where it can and may fold; uv-untangle.ts removes that.

import type { PointTargets, ReferenceMesh } from "./uv-distortion.js";

export interface ConformalOptions {
  /** Factor of the points' squared distances against the mean squared violation of conformality. */
  readonly pointWeight?: number;
  readonly maxIterations?: number;
  /** Stop where the residual has fallen to this part of its first length. */
  readonly tolerance?: number;
}

export const CONFORMAL_DEFAULTS: Required<ConformalOptions> = {
  pointWeight: 1e3,
  maxIterations: 1500,
  tolerance: 1e-5,
};

/**
 * Minimises `sum_t w_t ((u_x - v_y)^2 + (u_y + v_x)^2) + sum_n w_n |point_n - target_n|^2` by
 * conjugate gradients with a diagonal preconditioner. At least two different targets are needed.
 *
 * @param start `M x 2` map to start from
 * @returns `M x 2`
 */
export function conformalMap(
  mesh: ReferenceMesh,
  targets: PointTargets,
  start: Float64Array,
  options: ConformalOptions = {},
): Float64Array {
  const { pointWeight, maxIterations, tolerance } = { ...CONFORMAL_DEFAULTS, ...options };
  const n = start.length;
  const diagonal = new Float64Array(n);
  const { triangles, gradients, weights } = mesh;
  for (let t = 0; t < weights.length; t++) {
    const g = [0, 0, gradients[4 * t]!, gradients[4 * t + 1]!, gradients[4 * t + 2]!, 0];
    g[5] = gradients[4 * t + 3]!;
    g[0] = -g[2]! - g[4]!;
    g[1] = -g[3]! - g[5]!;
    for (let i = 0; i < 3; i++) {
      const d = weights[t]! * (g[2 * i]! ** 2 + g[2 * i + 1]! ** 2);
      diagonal[triangles[3 * t + i]! * 2]! += d;
      diagonal[triangles[3 * t + i]! * 2 + 1]! += d;
    }
  }
  for (let p = 0; p < targets.weights.length; p++) {
    for (let i = 3 * p; i < 3 * p + 3; i++) {
      const d = pointWeight * targets.weights[p]! * targets.barycentric[i]! ** 2;
      diagonal[targets.vertices[i]! * 2]! += d;
      diagonal[targets.vertices[i]! * 2 + 1]! += d;
    }
  }

  const x = start.slice();
  const residual = new Float64Array(n);
  applyNormal(mesh, targets, pointWeight, x, residual, true);
  for (let i = 0; i < n; i++) residual[i] = -residual[i]!;
  const z = new Float64Array(n);
  const direction = new Float64Array(n);
  const product = new Float64Array(n);
  let rz = 0;
  const precondition = () => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      z[i] = residual[i]! / Math.max(diagonal[i]!, 1e-300);
      sum += residual[i]! * z[i]!;
    }
    return sum;
  };
  rz = precondition();
  direction.set(z);
  const stop = rz * tolerance * tolerance;
  for (let iteration = 0; iteration < maxIterations && rz > stop && rz > 0; iteration++) {
    applyNormal(mesh, targets, pointWeight, direction, product, false);
    let curvature = 0;
    for (let i = 0; i < n; i++) curvature += direction[i]! * product[i]!;
    if (!(curvature > 0)) break;
    const step = rz / curvature;
    for (let i = 0; i < n; i++) {
      x[i]! += step * direction[i]!;
      residual[i]! -= step * product[i]!;
    }
    const before = rz;
    rz = precondition();
    for (let i = 0; i < n; i++) direction[i] = z[i]! + (rz / before) * direction[i]!;
  }
  return x;
}

/** Half the gradient of the energy at `x`; without the targets' positions, the matrix times `x`. */
function applyNormal(
  { triangles, gradients, weights }: ReferenceMesh,
  targets: PointTargets,
  pointWeight: number,
  x: Float64Array,
  out: Float64Array,
  withPositions: boolean,
): void {
  out.fill(0);
  for (let t = 0; t < weights.length; t++) {
    const ia = triangles[3 * t]! * 2;
    const ib = triangles[3 * t + 1]! * 2;
    const ic = triangles[3 * t + 2]! * 2;
    const g1x = gradients[4 * t]!;
    const g1y = gradients[4 * t + 1]!;
    const g2x = gradients[4 * t + 2]!;
    const g2y = gradients[4 * t + 3]!;
    const bu = x[ib]! - x[ia]!;
    const bv = x[ib + 1]! - x[ia + 1]!;
    const cu = x[ic]! - x[ia]!;
    const cv = x[ic + 1]! - x[ia + 1]!;
    const p = weights[t]! * (bu * g1x + cu * g2x - bv * g1y - cv * g2y);
    const q = weights[t]! * (bu * g1y + cu * g2y + bv * g1x + cv * g2x);
    const du1 = p * g1x + q * g1y;
    const dv1 = q * g1x - p * g1y;
    const du2 = p * g2x + q * g2y;
    const dv2 = q * g2x - p * g2y;
    out[ib]! += du1;
    out[ib + 1]! += dv1;
    out[ic]! += du2;
    out[ic + 1]! += dv2;
    out[ia]! -= du1 + du2;
    out[ia + 1]! -= dv1 + dv2;
  }
  const { vertices, barycentric, positions } = targets;
  for (let n = 0; n < targets.weights.length; n++) {
    let u = withPositions ? -positions[2 * n]! : 0;
    let v = withPositions ? -positions[2 * n + 1]! : 0;
    for (let i = 3 * n; i < 3 * n + 3; i++) {
      u += barycentric[i]! * x[vertices[i]! * 2]!;
      v += barycentric[i]! * x[vertices[i]! * 2 + 1]!;
    }
    const w = pointWeight * targets.weights[n]!;
    for (let i = 3 * n; i < 3 * n + 3; i++) {
      out[vertices[i]! * 2]! += w * barycentric[i]! * u;
      out[vertices[i]! * 2 + 1]! += w * barycentric[i]! * v;
    }
  }
}
