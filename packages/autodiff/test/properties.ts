/** What property tests share: shapes to draw, data to feed, and ways to look at the result. */
import fc from "fast-check";
import { expect } from "vitest";
import { evaluate } from "../src/evaluate/evaluate.js";
import { type Shape, sizeOf } from "../src/graph/shape.js";
import type { Tensor } from "../src/graph/tensor.js";
import { ancestors } from "../src/graph/traverse.js";
import { lower } from "../src/lowering/index.js";

export function shapes(minLength: number, maxLength: number, max = 4): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max }), { minLength, maxLength });
}

/** `count` shapes of up to three axes that broadcast together. */
export function broadcastable(count: number): fc.Arbitrary<number[][]> {
  const operand = fc.tuple(fc.nat(3), fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()));
  return fc
    .tuple(shapes(0, 3), fc.array(operand, { minLength: count, maxLength: count }))
    .map(([target, operands]) =>
      operands.map(([drop, ones]) =>
        target.map((dim, axis) => (ones[axis] ? 1 : dim)).slice(Math.max(0, drop - 1)),
      ),
    );
}

/** Numbers in [low, high) that keep a distance of `by` from every number in `from`. */
export function away(
  random: () => number,
  size: number,
  from: readonly number[],
  { low = -1, high = 1, by = 0.1 } = {},
): Float64Array {
  return Float64Array.from({ length: size }, () => {
    for (;;) {
      const value = low + (high - low) * random();
      if (from.every((kink) => Math.abs(value - kink) > by)) return value;
    }
  });
}

/** Distinct numbers in (0, 1], evenly spaced, in random order. */
export function distinct(random: () => number, size: number): Float64Array {
  const values = Float64Array.from({ length: size }, (_, i) => (i + 1) / size);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}

/** The reference value of one tensor. */
export function valuesOf(
  tensor: Tensor,
  feeds: readonly (readonly [Tensor, ArrayLike<number>])[] = [],
): number[] {
  return [...evaluate([tensor], new Map(feeds))[0]!];
}

export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-10,
): void {
  expect(actual.length).toBe(expected.length);
  const scale = Array.from(expected).reduce((most, v) => Math.max(most, Math.abs(v)), 1);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    expect(error, `element ${i}: ${actual[i]}, expected ${expected[i]}`).toBeLessThanOrEqual(
      tolerance * scale,
    );
  }
}

/**
 * Checks that what `y` is lowered to has its type and value, and returns the operators that takes
 * up to (not including) y's inputs; undefined where y is written as it is.
 */
export function checkLowering(
  y: Tensor,
  feeds: readonly (readonly [Tensor, ArrayLike<number>])[],
): string[] | undefined {
  const lowered = lower(y.producer!)?.[y.outputIndex];
  if (!lowered) return undefined;
  expect([lowered.dtype, ...lowered.shape]).toEqual([y.dtype, ...y.shape]);
  const [expected, actual] = evaluate([y, lowered], new Map(feeds));
  expectClose(actual!, expected!);
  const before = new Set(ancestors(y.producer!.inputs.filter((tensor) => tensor !== undefined)));
  const nodes = ancestors([lowered]).filter((node) => !before.has(node));
  // ONNX Runtime does not take every operator of nothing.
  if (y.size > 0) for (const { output } of nodes) expect(output.size).toBeGreaterThan(0);
  return nodes.map(({ definition }) => definition.type);
}

/** Counts how often each case comes up, so that a test can require all of them at its end. */
export class Census {
  private readonly counts = new Map<string, number>();

  note(cases: Readonly<Record<string, boolean>>): void {
    for (const [name, holds] of Object.entries(cases)) {
      this.counts.set(name, (this.counts.get(name) ?? 0) + (holds ? 1 : 0));
    }
  }

  require(least: number): void {
    for (const [name, count] of this.counts) expect(count, name).toBeGreaterThanOrEqual(least);
  }
}

/** Operators that `tensors` need, inputs first. */
export function typesOf(...tensors: readonly Tensor[]): string[] {
  return ancestors(tensors).map(({ definition }) => definition.type);
}

/** Coordinates of element `flat` of a row-major array, found by division. */
export function coordinates(flat: number, shape: Shape): number[] {
  return shape.map((dim, axis) => Math.floor(flat / sizeOf(shape.slice(axis + 1))) % dim);
}

/** The element of `data` that broadcasting puts at `index` of a larger array. */
export function broadcastElement(
  data: ArrayLike<number>,
  shape: Shape,
  index: readonly number[],
): number {
  const own = index.slice(index.length - shape.length);
  return data[shape.reduce((at, dim, axis) => at * dim + (dim === 1 ? 0 : own[axis]!), 0)]!;
}
