import { Growing } from "./growing.js";

/**
 * Gives equal positions one index, counted in the order in which they first come. A hash table with open
 * addressing, because JavaScript's Map takes ten times as long on texts and ends at 2^24 of them.
 */
export class VertexMerger {
  readonly #positions = new Growing(Float64Array);
  /** Index + 1 of the position, or 0; at most half full. */
  #table = new Int32Array(1 << 12);
  readonly #bits = new Uint32Array(6);
  readonly #numbers = new Float64Array(this.#bits.buffer);

  get count(): number {
    return this.#positions.length / 3;
  }

  /** @returns the index of the position; `count` before the call where it is new */
  index(x: number, y: number, z: number): number {
    if (2 * this.count >= this.#table.length) this.#grow();
    const slot = this.#slot(x, y, z);
    if (this.#table[slot] === 0) {
      this.#positions.push(x);
      this.#positions.push(y);
      this.#positions.push(z);
      this.#table[slot] = this.count;
    }
    return this.#table[slot]! - 1;
  }

  /** Where the position is, or belongs. */
  #slot(x: number, y: number, z: number): number {
    const mask = this.#table.length - 1;
    const positions = this.#positions;
    for (let slot = this.#hash(x, y, z) & mask; ; slot = (slot + 1) & mask) {
      const at = 3 * (this.#table[slot]! - 1);
      const free = at < 0;
      if (
        free ||
        (positions.at(at) === x && positions.at(at + 1) === y && positions.at(at + 2) === z)
      ) {
        return slot;
      }
    }
  }

  #hash(x: number, y: number, z: number): number {
    // Adding 0 makes -0 the 0 that it equals.
    this.#numbers[0] = x + 0;
    this.#numbers[1] = y + 0;
    this.#numbers[2] = z + 0;
    let hash = 0;
    for (let i = 0; i < 6; i++) {
      hash = Math.imul(hash ^ this.#bits[i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  #grow(): void {
    const { count } = this;
    this.#table = new Int32Array(2 * this.#table.length);
    for (let i = 0; i < count; i++) {
      const [x, y, z] = [0, 1, 2].map((k) => this.#positions.at(3 * i + k));
      this.#table[this.#slot(x!, y!, z!)] = i + 1;
    }
  }
}
