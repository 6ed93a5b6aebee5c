/** Edge-aware smoothing of masks. */

/** The mean over (2 r + 1) x (2 r + 1) pixels, of those that lie inside. */
export function boxMean(
  values: ArrayLike<number>,
  width: number,
  height: number,
  radius: number,
): Float64Array {
  const input = values instanceof Float64Array ? values : new Float64Array(values);
  const result = new Float64Array(width * height);
  boxMeanInto(input, width, height, radius, result, new Float64Array(width * height));
  return result;
}

/** Running sums down all columns at once, which reads memory in order, then along the rows. */
function boxMeanInto(
  values: Float64Array,
  width: number,
  height: number,
  radius: number,
  result: Float64Array,
  rows: Float64Array,
): void {
  const sums = new Float64Array(width);
  for (let y = -radius; y < height; y++) {
    const entering = (y + radius) * width;
    const leaving = (y - radius - 1) * width;
    if (y + radius < height) for (let x = 0; x < width; x++) sums[x]! += values[entering + x]!;
    if (leaving >= 0) for (let x = 0; x < width; x++) sums[x]! -= values[leaving + x]!;
    if (y < 0) continue;
    const share = 1 / (Math.min(height - 1, y + radius) - Math.max(0, y - radius) + 1);
    for (let x = 0, i = y * width; x < width; x++, i++) rows[i] = sums[x]! * share;
  }
  const shares = Float64Array.from(
    sums,
    (_, x) => 1 / (Math.min(width - 1, x + radius) - Math.max(0, x - radius) + 1),
  );
  const ahead = Math.min(radius, width);
  const full = Math.max(0, width - radius);
  for (let start = 0; start < width * height; start += width) {
    let sum = 0;
    for (let x = 0; x < ahead; x++) sum += rows[start + x]!;
    for (let x = 0; x < width; x++) {
      if (x < full) sum += rows[start + x + radius]!;
      if (x > radius) sum -= rows[start + x - radius - 1]!;
      result[start + x] = sum * shares[x]!;
    }
  }
}

/** Smooths fields so that their edges follow those of a picture. */
export interface GuidedFilter {
  apply(field: ArrayLike<number>): Float64Array;
}

/**
 * The guided filter with a colour guide (He, Sun and Tang 2013, "Guided Image Filtering", equations
 * 19 and 20): in every window the result is an affine function of the guide's colour.
 *
 * @param guide three planes of `height x width`, of about unit range
 * @param epsilon variances of the guide below this are no edges
 */
export function guidedFilter(
  guide: readonly [Float32Array, Float32Array, Float32Array],
  width: number,
  height: number,
  radius: number,
  epsilon: number,
): GuidedFilter {
  const count = width * height;
  const rows = new Float64Array(count);
  const product = new Float64Array(count);
  const meanOf = (values: Float64Array, to: Float64Array) =>
    boxMeanInto(values, width, height, radius, to, rows);
  const covarianceOf = (
    p: Float64Array,
    q: Float64Array,
    mp: Float64Array,
    mq: Float64Array,
    to: Float64Array,
  ) => {
    for (let i = 0; i < count; i++) product[i] = p[i]! * q[i]!;
    meanOf(product, to);
    for (let i = 0; i < count; i++) to[i]! -= mp[i]! * mq[i]!;
  };
  const plane = () => new Float64Array(count);
  const [r, g, b] = guide.map((values) => new Float64Array(values)) as Three;
  const [mr, mg, mb] = [plane(), plane(), plane()];
  meanOf(r, mr);
  meanOf(g, mg);
  meanOf(b, mb);
  // The inverse of the guide's covariance in every window, by the cofactors.
  const [rr, rg, rb, gg, gb, bb] = [plane(), plane(), plane(), plane(), plane(), plane()];
  covarianceOf(r, r, mr, mr, rr);
  covarianceOf(r, g, mr, mg, rg);
  covarianceOf(r, b, mr, mb, rb);
  covarianceOf(g, g, mg, mg, gg);
  covarianceOf(g, b, mg, mb, gb);
  covarianceOf(b, b, mb, mb, bb);
  for (let i = 0; i < count; i++) {
    const a = rr[i]! + epsilon;
    const d = gg[i]! + epsilon;
    const f = bb[i]! + epsilon;
    const p = rg[i]!;
    const q = rb[i]!;
    const s = gb[i]!;
    const ca = d * f - s * s;
    const cp = q * s - p * f;
    const cq = p * s - q * d;
    const determinant = a * ca + p * cp + q * cq;
    rr[i] = ca / determinant;
    rg[i] = cp / determinant;
    rb[i] = cq / determinant;
    gg[i] = (a * f - q * q) / determinant;
    gb[i] = (p * q - a * s) / determinant;
    bb[i] = (a * d - p * p) / determinant;
  }
  const [mp, cr, cg, cb, shift] = [plane(), plane(), plane(), plane(), plane()];
  const [fr, fg, fb] = [plane(), plane(), plane()];
  return {
    apply(values) {
      const field = values instanceof Float64Array ? values : new Float64Array(values);
      meanOf(field, mp);
      covarianceOf(r, field, mr, mp, cr);
      covarianceOf(g, field, mg, mp, cg);
      covarianceOf(b, field, mb, mp, cb);
      for (let i = 0; i < count; i++) {
        const x = cr[i]!;
        const y = cg[i]!;
        const z = cb[i]!;
        const ar = rr[i]! * x + rg[i]! * y + rb[i]! * z;
        const ag = rg[i]! * x + gg[i]! * y + gb[i]! * z;
        const ab = rb[i]! * x + gb[i]! * y + bb[i]! * z;
        cr[i] = ar;
        cg[i] = ag;
        cb[i] = ab;
        shift[i] = mp[i]! - ar * mr[i]! - ag * mg[i]! - ab * mb[i]!;
      }
      meanOf(cr, fr);
      meanOf(cg, fg);
      meanOf(cb, fb);
      const result = plane();
      meanOf(shift, result);
      for (let i = 0; i < count; i++) {
        result[i]! += fr[i]! * r[i]! + fg[i]! * g[i]! + fb[i]! * b[i]!;
      }
      return result;
    },
  };
}

type Three = [Float64Array, Float64Array, Float64Array];
