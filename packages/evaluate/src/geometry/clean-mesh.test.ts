import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bumpySurface } from "../../test/bumpy-surface.js";
import { GONE, keepVertices, mergeEqualVertices } from "./clean-mesh.js";
import type { Mesh } from "./mesh.js";

/** Where the corners of the triangles are. */
function cornersOf({ positions, triangles }: Mesh): number[][] {
  return [...triangles].map((v) => [...positions.subarray(3 * v, 3 * v + 3)]);
}

/** The same surface with three vertices of its own for each triangle. */
function apart(mesh: Mesh): Mesh {
  return {
    positions: Float64Array.from(cornersOf(mesh).flat()),
    triangles: mesh.triangles.map((_, i) => i),
  };
}

describe("merging equal vertices", () => {
  it("gives a surface back its vertices", () => {
    const mesh = bumpySurface(100);
    const split = apart(mesh);
    const { merged, ...joined } = mergeEqualVertices(split);
    expect(joined.positions).toHaveLength(mesh.positions.length);
    expect(cornersOf(joined)).toEqual(cornersOf(mesh));
    expect(merged).toHaveLength(split.positions.length / 3);
    merged.forEach((to, from) => {
      const [a, b] = [
        joined.positions.subarray(3 * to, 3 * to + 3),
        split.positions.subarray(3 * from, 3 * from + 3),
      ];
      expect(a).toEqual(b);
    });
  });

  it("leaves what is far enough apart, and takes away what no triangle has", () => {
    const positions = Float64Array.of(
      9,
      9,
      9,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      1,
      0,
      1 + 1e-9,
      -0,
      0,
      1 + 3e-8,
      0,
      0,
    );
    const { merged, ...mesh } = mergeEqualVertices({
      positions,
      triangles: Uint32Array.of(3, 1, 4, 2, 3, 5),
    });
    expect([...merged]).toEqual([GONE, 0, 1, 2, 1, 3]);
    expect([...mesh.positions]).toEqual([0, 0, 0, 1, 0, 0, 0, 1, 0, 1 + 3e-8, 0, 0]);
    expect([...mesh.triangles]).toEqual([2, 0, 1, 1, 2, 3]);
  });

  it("changes nothing the second time", () => {
    const place = fc.integer({ min: 0, max: 2 });
    const corner = fc.integer({ min: 0, max: 14 });
    fc.assert(
      fc.property(
        fc.array(place, { minLength: 45, maxLength: 45 }),
        fc.array(fc.tuple(corner, corner, corner), { maxLength: 12 }),
        (positions, triangles) => {
          const mesh = {
            positions: Float64Array.from(positions),
            triangles: Uint32Array.from(triangles.flat()),
          };
          const { merged, ...once } = mergeEqualVertices(mesh);
          expect(cornersOf(once)).toEqual(cornersOf(mesh));
          const rows = cornersOf(once).map(String);
          expect(once.positions.length / 3).toBe(new Set(rows).size);
          const twice = mergeEqualVertices(once);
          expect(twice.positions).toEqual(once.positions);
          expect(twice.triangles).toEqual(once.triangles);
          expect([...twice.merged]).toEqual([...twice.merged.keys()]);
          const used = new Set(mesh.triangles);
          merged.forEach((to, from) => {
            expect(to === GONE).toBe(!used.has(from));
          });
        },
      ),
      { seed: 2 },
    );
  });
});

describe("keeping some vertices", () => {
  it("keeps the triangles that lie wholly among them", () => {
    const mesh = bumpySurface(49);
    const { kept, ...part } = keepVertices(mesh, (v) => v % 5 !== 0);
    expect([...kept]).toEqual([...Array(49).keys()].filter((v) => v % 5 !== 0));
    const expected: number[] = [];
    for (let t = 0; t < mesh.triangles.length; t += 3) {
      const corners = mesh.triangles.subarray(t, t + 3);
      if (corners.every((v) => v % 5 !== 0)) expected.push(...corners);
    }
    expect(expected.length).toBeGreaterThan(0);
    expect([...part.triangles].map((v) => kept[v])).toEqual(expected);
    kept.forEach((from, to) => {
      const [a, b] = [
        part.positions.subarray(3 * to, 3 * to + 3),
        mesh.positions.subarray(3 * from, 3 * from + 3),
      ];
      expect(a).toEqual(b);
    });
  });

  it("keeps all, none, and vertices without triangles", () => {
    const mesh = bumpySurface(16);
    const { kept, ...all } = keepVertices(mesh, () => true);
    expect(all).toEqual(mesh);
    expect(kept).toHaveLength(16);
    const none = keepVertices(mesh, () => false);
    expect([none.positions.length, none.triangles.length, none.kept.length]).toEqual([0, 0, 0]);
    const one = keepVertices(mesh, (v) => v === 3);
    expect([one.positions.length, one.triangles.length]).toEqual([3, 0]);
  });
});
