import { describe, expect, it } from "vitest";
import { findSymmetry, mirror, symmetricPart } from "./symmetry.js";

const points = [1, 2, 3, 0, 5, 6, -1, 2, 3, 4, 0, 0, -4, 0, 0];

describe("findSymmetry", () => {
  it("pairs mirrored vertices and leaves the midline alone", () => {
    expect([...findSymmetry(points)]).toEqual([2, 1, 0, 4, 3]);
  });

  it("refuses a vertex without a partner and one with two", () => {
    expect(() => findSymmetry([1, 0, 0])).toThrow(/Vertex 0 has 0 mirror images/);
    expect(() => findSymmetry([1, 0, 0, -1, 0, 0, -1, 0, 0])).toThrow(/2 mirror images/);
  });

  it("looks only among the given vertices", () => {
    expect([...findSymmetry([...points, 9, 9, 9], [0, 1, 2, 3, 4])]).toEqual([2, 1, 0, 4, 3, 5]);
  });
});

describe("mirror", () => {
  const symmetry = findSymmetry(points);
  const field = points.map((_, i) => Math.cos(7 * i));

  it("is its own inverse", () => {
    expect([...mirror(mirror(field, symmetry), symmetry)]).toEqual(field);
  });

  it("splits a field into a symmetric part and one that changes sign", () => {
    const even = symmetricPart(field, symmetry);
    for (const [i, x] of mirror(even, symmetry).entries()) expect(x).toBeCloseTo(even[i]!, 14);
    const odd = field.map((x, i) => x - even[i]!);
    for (const [i, x] of mirror(odd, symmetry).entries()) expect(x).toBeCloseTo(-odd[i]!, 14);
  });
});
