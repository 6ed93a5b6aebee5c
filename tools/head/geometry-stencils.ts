// Points that are fixed linear combinations of other points. Subdivision and the neck cut are written
// once as such combinations and then apply alike to the mean and to every displacement.

/** Row `i` is the point `sum_k weights[k] x[indices[k]]`, `k` from `offsets[i]` to `offsets[i + 1]`. */
export interface Stencils {
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly weights: Float64Array;
}

/** One row: source index to weight. */
export type Row = ReadonlyMap<number, number>;

export const rowCount = (stencils: Stencils): number => stencils.offsets.length - 1;

export function packRows(rows: readonly Row[]): Stencils {
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) offsets[i + 1] = offsets[i]! + rows[i]!.size;
  const indices = new Uint32Array(offsets[rows.length]!);
  const weights = new Float64Array(offsets[rows.length]!);
  let k = 0;
  for (const row of rows) {
    for (const index of [...row.keys()].sort((a, b) => a - b)) {
      indices[k] = index;
      weights[k++] = row.get(index)!;
    }
  }
  return { offsets, indices, weights };
}

export function rowAt(stencils: Stencils, i: number): Map<number, number> {
  const row = new Map<number, number>();
  for (let k = stencils.offsets[i]!; k < stencils.offsets[i + 1]!; k++) {
    row.set(stencils.indices[k]!, stencils.weights[k]!);
  }
  return row;
}

/** Weighted sum of rows. */
export function blendRows(terms: Iterable<readonly [row: Row, weight: number]>): Row {
  const out = new Map<number, number>();
  for (const [row, weight] of terms) {
    for (const [index, value] of row) out.set(index, (out.get(index) ?? 0) + weight * value);
  }
  return out;
}

/** The stencils that first apply `inner`, then `outer`. */
export function composeStencils(outer: Stencils, inner: Stencils): Stencils {
  const rows: Row[] = [];
  for (let i = 0; i < rowCount(outer); i++) {
    const terms: [Row, number][] = [];
    for (const [index, weight] of rowAt(outer, i)) terms.push([rowAt(inner, index), weight]);
    rows.push(blendRows(terms));
  }
  return packRows(rows);
}

/** @param points `N x 3` @returns `rowCount x 3` */
export function applyStencils(stencils: Stencils, points: ArrayLike<number>): Float64Array {
  const out = new Float64Array(rowCount(stencils) * 3);
  for (let i = 0; i < rowCount(stencils); i++) {
    let x = 0;
    let y = 0;
    let z = 0;
    for (let k = stencils.offsets[i]!; k < stencils.offsets[i + 1]!; k++) {
      const j = stencils.indices[k]! * 3;
      const w = stencils.weights[k]!;
      x += w * points[j]!;
      y += w * points[j + 1]!;
      z += w * points[j + 2]!;
    }
    out[i * 3] = x;
    out[i * 3 + 1] = y;
    out[i * 3 + 2] = z;
  }
  return out;
}
