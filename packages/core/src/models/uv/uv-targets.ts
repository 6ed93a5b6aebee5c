// Collecting the points of a map that have a place.

import type { PointTargets } from "./uv-distortion.js";

export class TargetList {
  readonly #vertices: number[] = [];
  readonly #barycentric: number[] = [];
  readonly #positions: number[] = [];
  readonly #weights: number[] = [];

  /** A vertex of the map. */
  vertex(vertex: number, place: ArrayLike<number>, weight: number): void {
    this.point([vertex, vertex, vertex], [1, 0, 0], place, weight);
  }

  /** A point of a triangle. Without weight it is left out. */
  point(
    vertices: ArrayLike<number>,
    barycentric: ArrayLike<number>,
    place: ArrayLike<number>,
    weight: number,
  ): void {
    if (!(weight > 0)) return;
    for (let i = 0; i < 3; i++) {
      this.#vertices.push(vertices[i]!);
      this.#barycentric.push(barycentric[i]!);
    }
    this.#positions.push(place[0]!, place[1]!);
    this.#weights.push(weight);
  }

  /** Weights divided by their sum. */
  build(): PointTargets {
    const total = this.#weights.reduce((sum, weight) => sum + weight, 0) || 1;
    return {
      vertices: Uint32Array.from(this.#vertices),
      barycentric: Float64Array.from(this.#barycentric),
      positions: Float64Array.from(this.#positions),
      weights: Float64Array.from(this.#weights, (weight) => weight / total),
    };
  }
}
