// Where a deformation's normal equations have more than one solution: with stiffness above zero they do exactly if
// every connected part of the mesh has weighted points that determine one affine map, which four points
// not in a plane do.

import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { isComputable } from "./computable.js";
import type { DeformationStep } from "./normal-equations.js";

/** Squared thickness to squared extent of a part below which it is a plane: 1e-6 of its size. */
const FLAT = 1e-12;

/**
 * @param parts `V` numbers of connected parts, from 0 on
 * @returns those whose rows do not determine an affine map
 */
export function undeterminedParts(
  parts: Uint32Array,
  { positions, rows }: Pick<DeformationStep, "positions" | "rows">,
): Set<number> {
  const found = new Set<number>();
  const { sums, count } = weightedSums(parts, positions, rows);
  for (let part = 0; part < count; part++) {
    const [xx, xy, xz, yy, yz, zz] = sums.subarray(
      10 * part + 4,
      10 * part + 10,
    ) as Iterable<number>;
    const spread = new Matrix([
      [xx!, xy!, xz!],
      [xy!, yy!, yz!],
      [xz!, yz!, zz!],
    ]);
    const trace = xx! + yy! + zz!;
    if (!isComputable(trace)) {
      found.add(part);
      continue;
    }
    const values = new EigenvalueDecomposition(spread, { assumeSymmetric: true }).realEigenvalues;
    if (!(Math.min(...values) > FLAT * Math.max(...values))) found.add(part);
  }
  return found;
}

/** For each part its weight, its weighted mean and the six products of the offsets from it. */
function weightedSums(
  parts: Uint32Array,
  positions: Float64Array,
  rows: DeformationStep["rows"],
): { sums: Float64Array; count: number } {
  const count = parts.reduce((most, part) => Math.max(most, part + 1), 0);
  const sums = new Float64Array(10 * count);
  const each = (visit: (at: number, square: number, v: number) => void) => {
    for (const { vertices, weights } of rows) {
      for (let r = 0; r < weights.length; r++) {
        const v = vertices === null ? r : vertices[r]!;
        if (weights[r] !== 0) visit(10 * parts[v]!, weights[r]! ** 2, v);
      }
    }
  };
  each((at, square, v) => {
    sums[at]! += square;
    for (let k = 0; k < 3; k++) sums[at + 1 + k]! += square * positions[3 * v + k]!;
  });
  for (let at = 0; at < sums.length; at += 10) {
    for (let k = 1; k < 4; k++) sums[at + k]! /= sums[at]! || 1;
  }
  each((at, square, v) => {
    const x = positions[3 * v]! - sums[at + 1]!;
    const y = positions[3 * v + 1]! - sums[at + 2]!;
    const z = positions[3 * v + 2]! - sums[at + 3]!;
    sums[at + 4]! += square * x * x;
    sums[at + 5]! += square * x * y;
    sums[at + 6]! += square * x * z;
    sums[at + 7]! += square * y * y;
    sums[at + 8]! += square * y * z;
    sums[at + 9]! += square * z * z;
  });
  return { sums, count };
}
