/** Dense kernels of the factorisation, on 4 x 4 tiles of matrices kept by rows. */
/**
 * `C -= A B^T` for a 4 x 4 tile, A and B being four rows of the same matrix.
 *
 * @param rows the matrix, `stride` numbers a row
 * @param i where the first row of A starts in it, and j that of B
 * @param count how many columns of A and B count
 * @param c where the tile is, from `at` on, `width` numbers a row
 */
export function subtractProduct(
  rows: Float64Array,
  stride: number,
  i: number,
  j: number,
  count: number,
  c: Float64Array,
  at: number,
  width: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  const i1 = i + stride;
  const i2 = i1 + stride;
  const i3 = i2 + stride;
  const j1 = j + stride;
  const j2 = j1 + stride;
  const j3 = j2 + stride;
  for (let k = 0; k < count; k++) {
    const a0 = rows[i + k]!;
    const a1 = rows[i1 + k]!;
    const a2 = rows[i2 + k]!;
    const a3 = rows[i3 + k]!;
    const b0 = rows[j + k]!;
    c00 += a0 * b0;
    c10 += a1 * b0;
    c20 += a2 * b0;
    c30 += a3 * b0;
    const b1 = rows[j1 + k]!;
    c01 += a0 * b1;
    c11 += a1 * b1;
    c21 += a2 * b1;
    c31 += a3 * b1;
    const b2 = rows[j2 + k]!;
    c02 += a0 * b2;
    c12 += a1 * b2;
    c22 += a2 * b2;
    c32 += a3 * b2;
    const b3 = rows[j3 + k]!;
    c03 += a0 * b3;
    c13 += a1 * b3;
    c23 += a2 * b3;
    c33 += a3 * b3;
  }
  c[at]! -= c00;
  c[at + 1]! -= c01;
  c[at + 2]! -= c02;
  c[at + 3]! -= c03;
  const r1 = at + width;
  c[r1]! -= c10;
  c[r1 + 1]! -= c11;
  c[r1 + 2]! -= c12;
  c[r1 + 3]! -= c13;
  const r2 = r1 + width;
  c[r2]! -= c20;
  c[r2 + 1]! -= c21;
  c[r2 + 2]! -= c22;
  c[r2 + 3]! -= c23;
  const r3 = r2 + width;
  c[r3]! -= c30;
  c[r3 + 1]! -= c31;
  c[r3 + 2]! -= c32;
  c[r3 + 3]! -= c33;
}

/** The Cholesky factor of a 4 x 4 tile in place, in its lower half; false where it is not positive. */
export function factorTile(m: Float64Array, at: number, stride: number): boolean {
  for (let j = 0; j < 4; j++) {
    const row = at + j * stride;
    let pivot = m[row + j]!;
    for (let k = 0; k < j; k++) pivot -= m[row + k]! * m[row + k]!;
    if (!(pivot > 0)) return false;
    const root = Math.sqrt(pivot);
    m[row + j] = root;
    for (let i = j + 1; i < 4; i++) {
      const other = at + i * stride;
      let sum = m[other + j]!;
      for (let k = 0; k < j; k++) sum -= m[other + k]! * m[row + k]!;
      m[other + j] = sum / root;
    }
  }
  return true;
}

/** `B = B L^-T` for a 4 x 4 tile at `b` and a factored tile at `l` of the same matrix. */
export function divideTile(m: Float64Array, stride: number, b: number, l: number): void {
  const l1 = l + stride;
  const l2 = l1 + stride;
  const l3 = l2 + stride;
  for (let i = 0; i < 4; i++) {
    const x0 = m[b]! / m[l]!;
    const x1 = (m[b + 1]! - x0 * m[l1]!) / m[l1 + 1]!;
    const x2 = (m[b + 2]! - x0 * m[l2]! - x1 * m[l2 + 1]!) / m[l2 + 2]!;
    const x3 = m[b + 3]! - x0 * m[l3]! - x1 * m[l3 + 1]! - x2 * m[l3 + 2]!;
    m[b] = x0;
    m[b + 1] = x1;
    m[b + 2] = x2;
    m[b + 3] = x3 / m[l3 + 3]!;
    b += stride;
  }
}
