import { expect } from "vitest";
import type { TypedArray } from "../../src/index.js";

export type Results = Readonly<Record<string, TypedArray | readonly number[]>>;

/** How far two devices may differ, relative to the largest element of the output. */
const TOLERANCE = 1e-3;

/** Every output of `actual` against the one of the same name; reports the worst as a fraction. */
export function expectAgreement(actual: Results, expected: Results): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  const errors = Object.fromEntries(
    Object.entries(expected).map(([name, values]) => [name, relativeError(actual[name]!, values)]),
  );
  const failures = Object.entries(errors).filter(([, error]) => !(error <= TOLERANCE));
  expect(Object.fromEntries(failures), "outputs that differ, and by how much").toEqual({});
}

/** Largest difference over largest element; not a number where `actual` holds none. */
export function relativeError(
  actual: TypedArray | readonly number[],
  expected: TypedArray | readonly number[],
): number {
  if (actual.length !== expected.length) return Number.NaN;
  let [difference, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [Number(actual[i]), Number(expected[i])];
    if (!Number.isFinite(a)) return Number.NaN;
    difference = Math.max(difference, Math.abs(a - b));
    scale = Math.max(scale, Math.abs(b));
  }
  return difference === 0 ? 0 : difference / scale;
}
