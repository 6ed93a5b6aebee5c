import { randomNormals } from "@ganfit/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rotationOf } from "../geometry/similarity-algebra.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { fitPose } from "./fit-pose.js";

/** About an axis of any length, by an angle in radians. */
function turn(axis: readonly number[], angle: number): number[] {
  const length = Math.hypot(...axis);
  return rotationOf(axis.map((value) => (angle * value) / length));
}

const points = (seed: number, count: number) => randomNormals(3 * count, seed);

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 9): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i]!, digits);
}

describe("fitPose", () => {
  test("finds the similarity that made the target", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (seed, scale, angle) => {
          const source = points(seed, 7);
          const truth: Similarity3 = {
            scale,
            rotation: turn([seed % 7, 1, -2], angle),
            translation: [3, -4, 5],
          };
          const found = fitPose(source, movePoints(source, truth), { scaled: true });
          expect(found.scale).toBeCloseTo(scale, 8);
          expectNear(found.rotation, truth.rotation, 8);
          expectNear(found.translation, truth.translation, 7);
        },
      ),
    );
  });

  test("leaves the scale at 1 where it is not asked for", () => {
    const source = points(1, 9);
    const found = fitPose(
      source,
      source.map((value) => 3 * value + 1),
      { scaled: false },
    );
    expect(found.scale).toBe(1);
    expectNear(found.rotation, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  test("takes the scale from sums of absolute values, not of squares", () => {
    // Symmetric about every axis, so that the rotation stays the identity.
    const source = Float64Array.of(1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1);
    const target = Float64Array.of(4, 0, 0, -4, 0, 0, 0, 2, 0, 0, -2, 0, 0, 0, 1, 0, 0, -1);
    expect(fitPose(source, target, { scaled: true }).scale).toBeCloseTo(14 / 6, 12);
  });

  test("gives a reflection where that fits best, as REALY does", () => {
    const source = points(2, 6);
    const mirrored = source.map((value, i) => (i % 3 === 0 ? -value : value));
    const found = fitPose(source, mirrored, { scaled: true });
    expectNear(found.rotation, [-1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expectNear(movePoints(source, found), mirrored);
  });

  test("counts are repetitions", () => {
    const source = points(3, 6);
    const target = points(4, 6);
    const counts = [1, 3, 1, 2, 0, 4];
    const repeat = (list: Float64Array) =>
      Float64Array.from(
        counts.flatMap((count, i) =>
          Array.from({ length: count }, () => [...list.subarray(3 * i, 3 * i + 3)]).flat(),
        ),
      );
    const weighted = fitPose(source, target, { scaled: true, counts });
    const repeated = fitPose(repeat(source), repeat(target), { scaled: true });
    expect(weighted.scale).toBeCloseTo(repeated.scale, 12);
    expectNear(weighted.rotation, repeated.rotation, 12);
    expectNear(weighted.translation, repeated.translation, 12);
  });

  test("refuses points at one place and points that are not finite", () => {
    const here = new Float64Array(21).fill(2);
    expect(() => fitPose(here, points(5, 7), { scaled: true })).toThrow(/at one place/);
    expect(() => fitPose(here.fill(Number.NaN), points(5, 7), { scaled: true })).toThrow(/finite/);
  });

  test.each([1e-160, 1e120])("refuses points of size %d, which cannot be computed with", (size) => {
    const scaled = points(5, 7).map((value) => size * value);
    expect(() => fitPose(scaled, scaled, { scaled: true })).toThrow(/check their unit/);
  });
});
