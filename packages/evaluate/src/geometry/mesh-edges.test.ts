import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edgesOf } from "./mesh-edges.js";

describe("the edges of a mesh", () => {
  it("are those of a tetrahedron", () => {
    const triangles = Uint32Array.of(0, 1, 2, 0, 2, 3, 3, 1, 0, 2, 1, 3);
    expect([...edgesOf(triangles)]).toEqual([0, 1, 0, 2, 0, 3, 1, 2, 1, 3, 2, 3]);
    expect([...edgesOf(new Uint32Array(0))]).toEqual([]);
  });

  it("keep large indices apart", () => {
    const far = 40_000_000;
    expect([...edgesOf(Uint32Array.of(far, 2, far + 1))]).toEqual([
      2,
      far,
      2,
      far + 1,
      far,
      far + 1,
    ]);
  });

  it("are each there once, ascending, and none from a vertex to itself", () => {
    const vertex = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(vertex, vertex, vertex), { maxLength: 40 }), (triangles) => {
        const pairs = triangles.flatMap(
          ([a, b, c]) =>
            [
              [a, b],
              [b, c],
              [c, a],
            ] as const,
        );
        const expected = new Set(
          pairs.filter(([a, b]) => a !== b).map(([a, b]) => 100 * Math.min(a, b) + Math.max(a, b)),
        );
        const edges = edgesOf(Uint32Array.from(triangles.flat()));
        const found = Array.from(
          { length: edges.length / 2 },
          (_, e) => 100 * edges[2 * e]! + edges[2 * e + 1]!,
        );
        expect(found).toEqual([...expected].sort((a, b) => a - b));
      }),
      { seed: 1 },
    );
  });
});
