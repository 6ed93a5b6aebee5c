import { GanfitError } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { Growing } from "./growing.js";
import { MAX_TRIANGLES, MAX_VERTICES } from "./limits.js";
import { failAt, type Place } from "./place.js";

export interface MeshOptions {
  /** Whether a mesh without triangles is fine, as files of keypoints are; false where not given. */
  readonly points?: boolean;
}

/** Collects a mesh while a file is read, and checks it. Faces may name vertices that come after them. */
export class MeshBuilder {
  readonly #positions = new Growing(Float64Array);
  readonly #triangles = new Growing(Uint32Array);
  #highest = -1;
  #highestAt = 0;

  /**
   * @param place of the reader; it is asked for when something is wrong
   * @param first the number of the first vertex, in messages
   */
  constructor(
    private readonly place: Place,
    private readonly first: 0 | 1 = 0,
  ) {}

  get vertexCount(): number {
    return this.#positions.length / 3;
  }

  /** @throws GanfitError `data` where a coordinate is not finite, or there are too many vertices */
  vertex(x: number, y: number, z: number): void {
    // The sum is finite only if all three are; sums that overflow are no position of a face either.
    if (!Number.isFinite(x + y + z)) failAt(this.place, "has a coordinate that is not finite");
    if (this.#positions.length >= 3 * MAX_VERTICES) {
      failAt(this.place, `has more than ${MAX_VERTICES} vertices, which is the most that are read`);
    }
    this.#positions.push(x);
    this.#positions.push(y);
    this.#positions.push(z);
  }

  /**
   * @param a to `c`: from 0
   * @throws GanfitError `data` for an index that no vertex can have, or too many triangles
   */
  triangle(a: number, b: number, c: number): void {
    this.#corner(a);
    this.#corner(b);
    this.#corner(c);
    if (this.#triangles.length > 3 * MAX_TRIANGLES) {
      failAt(
        this.place,
        `has more than ${MAX_TRIANGLES} triangles, which is the most that are read`,
      );
    }
  }

  /**
   * The mesh, once all is read.
   *
   * @throws GanfitError `data` where it has no vertices, no triangles that it should have, or triangles of
   * vertices that are not there
   */
  finish({ points = false }: MeshOptions): Mesh {
    const { name, unit } = this.place;
    const count = this.vertexCount;
    if (count === 0) throw new GanfitError("data", `${name} has no vertices.`);
    if (this.#highest >= count) {
      const named = `has a face with vertex ${this.#highest + this.first}, but the file has only ${count}`;
      failAt({ name, unit, where: this.#highestAt }, named);
    }
    if (this.#triangles.length === 0 && !points) {
      throw new GanfitError("data", `${name} has ${count} vertices but no triangles.`);
    }
    return { positions: this.#positions.copy(), triangles: this.#triangles.copy() };
  }

  #corner(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= MAX_VERTICES) {
      failAt(this.place, `has a face with vertex ${index + this.first}, which cannot be`);
    }
    if (index > this.#highest) {
      this.#highest = index;
      this.#highestAt = this.place.where;
    }
    this.#triangles.push(index);
  }
}
