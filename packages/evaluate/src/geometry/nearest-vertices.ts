// The nearest of many points, exact in double precision, by a k-d tree (Bentley 1975,
// "Multidimensional binary search trees used for associative searching").

import { GanfitError } from "@ganfit/core";

/** Points that are compared one by one rather than divided further. */
const LEAF_SIZE = 8;

/** Finds nearest points; the points must not change. */
export class NearestVertexSearch {
  readonly #points: Float64Array;
  /** Indices of the points so that each part's median along its axis stands in its middle. */
  readonly #order: Uint32Array;
  /** The axis of the part whose middle is here. */
  readonly #axes: Uint8Array;
  #squared = Infinity;
  #nearest = 0;

  /**
   * @param points `n x 3`, at least one, finite
   * @throws GanfitError `data` otherwise
   */
  constructor(points: Float64Array) {
    if (points.length === 0 || points.some((x) => !Number.isFinite(x))) {
      throw new GanfitError("data", "The mesh has no vertices, or some that are not finite.");
    }
    this.#points = points;
    this.#order = Uint32Array.from({ length: points.length / 3 }, (_, i) => i);
    this.#axes = new Uint8Array(points.length / 3);
    this.#divide(0, this.#order.length);
  }

  /**
   * @param queries `m x 3`, finite
   * @returns for each the index of the nearest point, the lowest of several that are exactly as near, and
   * its distance
   * @throws GanfitError `data` for a query that is not finite
   */
  find(queries: Float64Array): { indices: Uint32Array; distances: Float64Array } {
    const n = queries.length / 3;
    const indices = new Uint32Array(n);
    const distances = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const x = queries[3 * i]!;
      const y = queries[3 * i + 1]!;
      const z = queries[3 * i + 2]!;
      if (!Number.isFinite(x + y + z)) {
        throw new GanfitError(
          "data",
          `Point ${i} of ${n} is not finite, so no vertex is the nearest.`,
        );
      }
      this.#squared = Infinity;
      this.#search(0, this.#order.length, x, y, z);
      indices[i] = this.#nearest;
      distances[i] = Math.sqrt(this.#squared);
    }
    return { indices, distances };
  }

  #divide(from: number, to: number): void {
    if (to - from <= LEAF_SIZE) return;
    const middle = (from + to) >> 1;
    const axis = this.#widest(from, to);
    this.#axes[middle] = axis;
    this.#select(from, to - 1, middle, axis);
    this.#divide(from, middle);
    this.#divide(middle + 1, to);
  }

  #widest(from: number, to: number): number {
    let widest = 0;
    let most = -1;
    for (let axis = 0; axis < 3; axis++) {
      let low = Infinity;
      let high = -Infinity;
      for (let i = from; i < to; i++) {
        const x = this.#points[3 * this.#order[i]! + axis]!;
        if (x < low) low = x;
        if (x > high) high = x;
      }
      if (high - low > most) {
        most = high - low;
        widest = axis;
      }
    }
    return widest;
  }

  /** Hoare's selection: no coordinate before `middle` is greater than its, none after it less. */
  #select(from: number, to: number, middle: number, axis: number): void {
    const order = this.#order;
    const at = (i: number) => this.#points[3 * order[i]! + axis]!;
    while (from < to) {
      const pivot = at((from + to) >> 1);
      let i = from;
      let j = to;
      while (i <= j) {
        while (at(i) < pivot) i++;
        while (at(j) > pivot) j--;
        if (i <= j) {
          const swapped = order[i]!;
          order[i++] = order[j]!;
          order[j--] = swapped;
        }
      }
      if (middle <= j) to = j;
      else if (middle >= i) from = i;
      else return;
    }
  }

  #search(from: number, to: number, x: number, y: number, z: number): void {
    if (to - from <= LEAF_SIZE) {
      for (let i = from; i < to; i++) this.#compare(this.#order[i]!, x, y, z);
      return;
    }
    const middle = (from + to) >> 1;
    const axis = this.#axes[middle]!;
    const vertex = this.#order[middle]!;
    const offset = (axis === 0 ? x : axis === 1 ? y : z) - this.#points[3 * vertex + axis]!;
    if (offset < 0) this.#search(from, middle, x, y, z);
    else this.#search(middle + 1, to, x, y, z);
    // Also where equal: an equally near point of a lower index may lie there.
    if (offset * offset > this.#squared) return;
    this.#compare(vertex, x, y, z);
    if (offset < 0) this.#search(middle + 1, to, x, y, z);
    else this.#search(from, middle, x, y, z);
  }

  #compare(vertex: number, x: number, y: number, z: number): void {
    const dx = this.#points[3 * vertex]! - x;
    const dy = this.#points[3 * vertex + 1]! - y;
    const dz = this.#points[3 * vertex + 2]! - z;
    const squared = dx * dx + dy * dy + dz * dz;
    if (squared < this.#squared || (squared === this.#squared && vertex < this.#nearest)) {
      this.#squared = squared;
      this.#nearest = vertex;
    }
  }
}
