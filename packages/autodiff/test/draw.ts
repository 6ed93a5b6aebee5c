/** Random shapes, choices and inputs for one case of an operator. */
import type { DType } from "../src/graph/dtype.js";
import type { Graph } from "../src/graph/graph.js";
import { type Shape, sizeOf } from "../src/graph/shape.js";
import type { Tensor } from "../src/graph/tensor.js";
import { generator } from "./finite-differences.js";
import { away, distinct } from "./properties.js";

export interface InputRange {
  readonly low?: number;
  readonly high?: number;
  /** Numbers to keep away from, and how far. */
  readonly kinks?: readonly number[];
  readonly by?: number;
}

export class Draw {
  readonly random: () => number;
  /** The inputs made so far and their values, which float32 holds exactly. */
  readonly feeds = new Map<Tensor, Float64Array>();

  constructor(
    readonly graph: Graph,
    private readonly name: string,
    seed: number,
  ) {
    this.random = generator(seed);
  }

  integer(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }

  flag(): boolean {
    return this.random() < 0.5;
  }

  pick<T>(...options: readonly T[]): T {
    return options[this.integer(0, options.length - 1)]!;
  }

  /** `count` things made one after another. */
  list<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }

  shape(fewest: number, most: number, largest = 4): number[] {
    return this.list(this.integer(fewest, most), () => this.integer(1, largest));
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: this.random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }

  /** `shape` with some axes of size one and some leading ones left out. */
  broadcast(shape: Shape): number[] {
    return shape.map((dim) => (this.flag() ? 1 : dim)).slice(this.integer(0, shape.length));
  }

  axis(rank: number): number {
    return this.integer(-rank, rank - 1);
  }

  feed(shape: Shape, dtype: DType, data: ArrayLike<number>): Tensor {
    const tensor = this.graph.input(`${this.name}_${this.feeds.size}`, dtype, shape);
    const rounded = dtype === "float32" ? Float32Array.from(data) : data;
    this.feeds.set(tensor, Float64Array.from(rounded));
    return tensor;
  }

  /** A float32 input; default: uniform in [-1, 1). */
  input(shape: Shape, range: InputRange = {}): Tensor {
    return this.feed(shape, "float32", away(this.random, sizeOf(shape), range.kinks ?? [], range));
  }

  /** A float32 input of numbers that all differ. */
  distinct(shape: Shape): Tensor {
    return this.feed(shape, "float32", distinct(this.random, sizeOf(shape)));
  }

  integers(shape: Shape, low: number, high: number, dtype: DType = "int64"): Tensor {
    const data = this.list(sizeOf(shape), () => this.integer(low, high));
    return this.feed(shape, dtype, data);
  }

  /** Integers that are an input half of the time, a constant otherwise. */
  indices(shape: Shape, low: number, high: number): Tensor {
    if (this.flag()) return this.integers(shape, low, high);
    const data = this.list(sizeOf(shape), () => this.integer(low, high));
    return this.graph.constant(data, "int64", shape);
  }

  /** A weight: an input half of the time, a constant otherwise. */
  weight(shape: Shape, range: InputRange = {}): Tensor {
    if (this.flag()) return this.input(shape, range);
    const data = away(this.random, sizeOf(shape), range.kinks ?? [], range);
    return this.graph.constant(Float32Array.from(data), "float32", shape);
  }
}
