/** Coarser meshes with some of a mesh's vertices, for small stand-ins. */
import { GanfitError } from "@ganfit/core";

/** Least cosine between a triangle's normal before and after one of its corners moves. */
const LEAST_COSINE = 0.5;

/**
 * Takes vertices away by collapsing short edges into one of their ends, so that those left are where they were.
 *
 * @param positions `V x 3`
 * @param triangles `T x 3`
 * @param count vertices that are to be left
 * @param fixed vertices that stay; triangles with three of them stay too
 * @returns triangles of the vertices that are left, in the old numbering
 * @throws GanfitError `usage` where so few are left only by folding the surface
 */
export function coarsen(
  positions: Float64Array,
  triangles: Uint32Array,
  count: number,
  fixed: ReadonlySet<number>,
): Uint32Array {
  const mesh = new Collapsible(positions, triangles);
  while (mesh.vertices > count) {
    const before = mesh.vertices;
    // One collapse in a neighbourhood a round, so that the rounds' shortest edges are short everywhere.
    const touched = new Set<number>();
    for (const [a, b] of mesh.shortestFirst()) {
      if (mesh.vertices === count) break;
      if (touched.has(a) || touched.has(b)) continue;
      const gone = [a, b].find(
        (vertex) => !fixed.has(vertex) && mesh.collapse(vertex, vertex === a ? b : a),
      );
      if (gone === undefined) continue;
      const left = gone === a ? b : a;
      touched.add(left);
      for (const vertex of mesh.neighbours(left)) touched.add(vertex);
    }
    if (mesh.vertices === before) {
      throw new GanfitError(
        "usage",
        `A stand-in's scan has at least ${before} vertices, not ${count}: ask for more.`,
      );
    }
  }
  return mesh.triangles();
}

class Collapsible {
  readonly #positions: Float64Array;
  readonly #corners: Uint32Array;
  /** Triangles at each vertex, by index. */
  readonly #around = new Map<number, Set<number>>();
  /** Triangles that are no more. */
  readonly #gone = new Set<number>();

  constructor(positions: Float64Array, triangles: Uint32Array) {
    this.#positions = positions;
    this.#corners = triangles.slice();
    triangles.forEach((vertex, corner) => {
      const around = this.#around.get(vertex) ?? new Set();
      this.#around.set(vertex, around.add(Math.floor(corner / 3)));
    });
  }

  get vertices(): number {
    return this.#around.size;
  }

  triangles(): Uint32Array {
    return this.#corners.filter((_, corner) => !this.#gone.has(Math.floor(corner / 3)));
  }

  neighbours(vertex: number): Set<number> {
    const out = new Set<number>();
    for (const t of this.#around.get(vertex)!) {
      for (let corner = 3 * t; corner < 3 * t + 3; corner++) out.add(this.#corners[corner]!);
    }
    out.delete(vertex);
    return out;
  }

  /** Those between two triangles come twice. */
  shortestFirst(): (readonly [a: number, b: number])[] {
    const corners = this.triangles();
    const next = (corner: number) => corners[corner % 3 === 2 ? corner - 2 : corner + 1]!;
    const lengths = Float64Array.from(corners, (vertex, corner) =>
      this.#distance(vertex, next(corner)),
    );
    const order = Uint32Array.from(corners.keys());
    order.sort((p, q) => lengths[p]! - lengths[q]! || p - q);
    return Array.from(order, (corner) => [corners[corner]!, next(corner)] as const);
  }

  /** Moves `gone` into `left`, unless that would tear or fold the surface. */
  collapse(gone: number, left: number): boolean {
    const around = [...this.#around.get(gone)!];
    const shared = around.filter((t) => this.#of(t).includes(left));
    const neighbours = this.neighbours(gone);
    const common = [...this.neighbours(left)].filter((vertex) => neighbours.has(vertex));
    // A vertex of the rim has one more neighbour than triangles; it may only move along the rim.
    const rim = neighbours.size !== around.length;
    if (common.length !== shared.length || (rim && shared.length !== 1)) return false;
    const moved = around.filter((t) => !shared.includes(t));
    if (moved.length === 0 || moved.some((t) => this.#folds(t, gone, left))) return false;
    for (const t of shared) {
      this.#gone.add(t);
      for (const vertex of this.#of(t)) this.#around.get(vertex)!.delete(t);
    }
    for (const t of moved) {
      this.#corners[3 * t + this.#of(t).indexOf(gone)] = left;
      this.#around.get(left)!.add(t);
    }
    this.#around.delete(gone);
    return true;
  }

  #folds(t: number, gone: number, left: number): boolean {
    const before = this.#normal(this.#of(t));
    const after = this.#normal(this.#of(t).map((vertex) => (vertex === gone ? left : vertex)));
    const dot = before.reduce((sum, value, k) => sum + value * after[k]!, 0);
    return !(dot > LEAST_COSINE * Math.hypot(...before) * Math.hypot(...after));
  }

  #normal([a, b, c]: readonly number[]): number[] {
    const u = this.#between(a!, b!);
    const v = this.#between(a!, c!);
    return [0, 1, 2].map(
      (k) => u[(k + 1) % 3]! * v[(k + 2) % 3]! - u[(k + 2) % 3]! * v[(k + 1) % 3]!,
    );
  }

  #between(a: number, b: number): number[] {
    return [0, 1, 2].map((k) => this.#positions[3 * b + k]! - this.#positions[3 * a + k]!);
  }

  #distance(a: number, b: number): number {
    const p = this.#positions;
    const [x, y] = [p[3 * b]! - p[3 * a]!, p[3 * b + 1]! - p[3 * a + 1]!];
    return Math.sqrt(x ** 2 + y ** 2 + (p[3 * b + 2]! - p[3 * a + 2]!) ** 2);
  }

  #of(t: number): number[] {
    return [this.#corners[3 * t]!, this.#corners[3 * t + 1]!, this.#corners[3 * t + 2]!];
  }
}
