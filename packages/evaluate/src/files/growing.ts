type Numbers = Float64Array | Uint32Array;

/** A typed array that numbers are added to one by one. */
export class Growing<A extends Numbers> {
  #array: A;
  #length = 0;

  /** @param Type of the array in the end */
  constructor(private readonly Type: new (length: number) => A) {
    this.#array = new Type(1024);
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#array[index]!;
  }

  push(value: number): void {
    if (this.#length === this.#array.length) {
      const larger = new this.Type(2 * this.#length);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.#length++] = value;
  }

  /** All numbers so far. */
  copy(): A {
    return this.#array.slice(0, this.#length) as A;
  }
}
