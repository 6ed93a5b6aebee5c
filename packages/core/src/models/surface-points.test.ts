import { expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.js";
import { pointsAtVertices, surfacePositions } from "./surface-points.js";

const { mean, triangles } = sampleModel();

test("points at vertices lie on them", () => {
  const vertices = [5, 0, 99, 5];
  const points = pointsAtVertices(triangles, vertices);
  const expected = vertices.flatMap((v) => [...mean.subarray(3 * v, 3 * v + 3)]);
  expect([...surfacePositions(mean, triangles, points)]).toEqual(expected);
});

test("positions are weighted means of corners", () => {
  const points = { triangles: Uint32Array.of(3), barycentric: Float32Array.of(0.5, 0.25, 0.25) };
  const corner = (c: number, axis: number) => mean[3 * triangles[9 + c]! + axis]!;
  const expected = [0, 1, 2].map(
    (axis) => 0.5 * corner(0, axis) + 0.25 * corner(1, axis) + 0.25 * corner(2, axis),
  );
  for (const [axis, value] of surfacePositions(mean, triangles, points).entries()) {
    expect(value).toBeCloseTo(expected[axis]!, 4);
  }
});

test("a vertex without triangle is an error", () => {
  expect(() => pointsAtVertices(triangles, [100_000])).toThrow(/100000 is a landmark/);
});
