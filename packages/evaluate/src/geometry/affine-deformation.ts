// The deformation of the optimal step non-rigid ICP (Amberg, Romdhani, Vetter 2007, "Optimal Step
// Nonrigid ICP Algorithms for Surface Registration"): an affine map for every vertex, neighbours alike.
//
// Equation 12 of the paper is solved by its normal equations, sparse blocks of 4 x 4 whose Cholesky
// factorisation is in sparse/. Seconds on one core, and megabytes, for sheets like faces
// (bench/geometry-kernels.ts; `order` is the constructor, once a mesh):
//
//   vertices   order   solve   memory
//      2,000    0.04    0.08        9
//      5,000    0.06    0.25       24
//     15,000    0.20    0.90       83
//     50,000    0.50    6.0       325
//
// Nine tenths of a solve are the factorisation's dense tiles, at about 3 GFlop/s.

import { GanfitError } from "@ganfit/core";
import { connectedParts } from "./connected-parts.js";
import { undeterminedParts } from "./determined-parts.js";
import { type DeformationStep, descent, diagonalBlocks } from "./normal-equations.js";

import { BlockCholesky } from "./sparse/block-cholesky.js";

export { type DeformationStep, deform, type TargetRows } from "./normal-equations.js";

/** Most Newton steps; two to four do. */
const MOST_ROUNDS = 6;

/** The last step is the one after which the next would change the maps by less of their largest number. */
const EXACT = 1e-9;

/**
 * How strongly a part that its rows do not determine is held where it is, as a share of the stiffness: so weakly
 * that what they do determine is followed.
 */
const HOLD = 1e-9;

/** Solves for one mesh's deformations; what depends on its edges alone is done once. */
export class AffineDeformation {
  readonly #vertexCount: number;
  readonly #edges: Uint32Array;
  readonly #parts: Uint32Array;
  readonly #system: BlockCholesky;

  /**
   * @param edges `E x 2` vertex indices, below `vertexCount`; each twice if it comes twice
   * @param positions `V x 3`, finite; only for the order of elimination, roughly where the vertices are
   */
  constructor(vertexCount: number, edges: Uint32Array, positions: Float64Array) {
    if (positions.length !== 3 * vertexCount || edges.some((v) => v >= vertexCount)) {
      throw new RangeError(
        `AffineDeformation: ${vertexCount} vertices, ${positions.length} coordinates, or an edge beyond them`,
      );
    }
    this.#vertexCount = vertexCount;
    this.#edges = withoutLoops(edges);
    this.#parts = connectedParts(vertexCount, this.#edges);
    this.#system = new BlockCholesky(this.#edges, positions);
  }

  /** Bytes of the factorisation's numbers. */
  get bytes(): number {
    return this.#system.bytes;
  }

  /**
   * Minimises `sum over edges |stiffness G (X_a - X_b)|^2 + sum over rows |w ((x, y, z, 1) X - t)|^2`.
   *
   * A connected part of the mesh whose rows determine no affine map, since it has none, or they lie in a plane, keeps
   * still as far as nothing determines it: of all solutions the one with the least motion. (Scans have islands;
   * public implementations leave to rounding what becomes of these.)
   *
   * @returns `V x 4 x 3`, the `X` by rows
   * @throws GanfitError `data` where a position, weight or target is not finite, or numbers are too far apart for
   * double precision; `usage` where stiffness or balance are not above zero
   */
  solve(step: DeformationStep): Float64Array {
    this.#check(step);
    const ties = step.balance.map((g) => -((step.stiffness * g) ** 2));
    const loose = undeterminedParts(this.#parts, step);
    const factored = (held: (part: number) => boolean) =>
      this.#system.factor(this.#blocks(step, ties, held), ties);
    // Parts that are nearly planes may still be too much for the digits there are.
    if (!factored((part) => loose.has(part)) && !factored(() => true)) {
      throw new GanfitError(
        "data",
        "The deformation's equations cannot be solved in double precision: coordinates, weights and stiffness are too far apart.",
      );
    }
    // Newton's method on a quadratic, from no motion at all: the steps after the first take back what
    // rounding did. The gradient from the rows themselves is more exact than from A and A^T A.
    const x = new Float64Array(12 * this.#vertexCount);
    for (let at = 0; at < x.length; at += 12) x[at] = x[at + 4] = x[at + 8] = 1;
    let last = Infinity;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const change = descent(step, this.#edges, ties, x);
      this.#system.solve(change);
      const size = largest(change);
      // No longer a correction, but the noise of rounding itself.
      if (size > last / 2) break;
      for (let i = 0; i < x.length; i++) x[i]! += change[i]!;
      // Steps shrink by about the same factor each: what the next would change is told from the last two.
      if ((size / last) * size <= EXACT * largest(x) && round > 0) break;
      last = size;
    }
    return x;
  }

  /** The diagonal blocks, those of held parts a little stronger. */
  #blocks(step: DeformationStep, ties: readonly number[], held: (part: number) => boolean) {
    const blocks = diagonalBlocks(step, this.#edges, ties);
    this.#parts.forEach((part, v) => {
      if (held(part)) for (let i = 0; i < 4; i++) blocks[16 * v + 5 * i]! -= HOLD * ties[i]!;
    });
    return blocks;
  }

  #check({ stiffness, balance, positions, rows }: DeformationStep): void {
    if (![stiffness, ...balance].every((value) => value > 0 && Number.isFinite(value))) {
      throw new GanfitError(
        "usage",
        `A deformation needs a stiffness and a balance above zero, but they are ${stiffness} and ${balance.join(", ")}.`,
      );
    }
    if (positions.length !== 3 * this.#vertexCount) {
      throw new RangeError(
        `AffineDeformation: made for ${this.#vertexCount} vertices, got ${positions.length} coordinates`,
      );
    }
    const bad = positions.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      throw new GanfitError("data", `Vertex ${Math.floor(bad / 3)} of the mesh is not finite.`);
    }
    for (const { vertices, targets, weights } of rows) {
      const count = vertices?.length ?? this.#vertexCount;
      if (targets.length !== 3 * count || weights.length !== count) {
        throw new RangeError(
          `AffineDeformation: ${count} rows, but ${weights.length} weights and ${targets.length} coordinates`,
        );
      }
      if (vertices?.some((v) => v >= this.#vertexCount)) {
        throw new RangeError("AffineDeformation: a row of a vertex that the mesh does not have");
      }
      for (let r = 0; r < count; r++) {
        const sum = targets[3 * r]! + targets[3 * r + 1]! + targets[3 * r + 2]!;
        if (weights[r] !== 0 && !Number.isFinite(weights[r]! + sum)) {
          throw new GanfitError(
            "data",
            `The weight or target of vertex ${vertices?.[r] ?? r} of the mesh is not finite.`,
          );
        }
      }
    }
  }
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

function withoutLoops(edges: Uint32Array): Uint32Array {
  return edges.filter((_, i) => edges[i] !== edges[i ^ 1]);
}
