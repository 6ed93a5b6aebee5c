import { describe, expect, it } from "vitest";
import { auditTopology, triangulate } from "./geometry-mesh.js";
import { applyStencils, rowCount } from "./geometry-stencils.js";
import { combLashes } from "./lashes.js";

/** A sheet of 5 columns and 2 rows of quads, its lid at z = 0, in a scrambled order of vertices. */
function sheet(side: 1 | -1) {
  const columns = 5;
  const name = (i: number, j: number) => (7 * (j * (columns + 1) + i)) % 18;
  const positions = new Array<number>(18 * 3);
  const quads: number[] = [];
  for (let j = 0; j <= 2; j++) {
    for (let i = 0; i <= columns; i++) {
      const place = [side * (10 + 2 * i), 0.5 * j, 3 * j];
      for (const [k, x] of place.entries()) positions[name(i, j) * 3 + k] = x;
    }
  }
  // 18 and 7 have no common divisor, so every vertex has its name.
  for (let j = 0; j < 2; j++) {
    for (let i = 0; i < columns; i++) {
      const quad = [name(i, j), name(i + 1, j), name(i + 1, j + 1), name(i, j + 1)];
      quads.push(...(side > 0 ? quad : quad.reverse()));
    }
  }
  return { quads: Uint32Array.from(quads), positions };
}

describe("combLashes", () => {
  it("makes three hairs a column, rooted at the lid, tips outward and on the sheet", () => {
    const { quads, positions } = sheet(1);
    const { stencils, polygons } = combLashes(quads, positions);
    const fine = applyStencils(stencils, positions);
    const identity = Array.from({ length: rowCount(stencils) }, (_, v) => v);
    const { triangles } = triangulate(polygons, fine, identity);
    const found = auditTopology(triangles);
    expect(found).toMatchObject({ components: 15, vertices: 75, triangles: 45, flippedEdges: 0 });
    for (const border of found.borders) {
      const depths = border.map((v) => fine[v * 3 + 2]!).sort((a, b) => a - b);
      expect(depths.slice(0, 2)).toEqual([0, 0]);
      expect(depths[4]).toBeGreaterThan(4.5);
    }
    for (const v of new Set(triangles))
      expect(fine[v * 3 + 1]).toBeCloseTo(fine[v * 3 + 2]! / 6, 12);
  });

  it("combs both sides alike", () => {
    const xs = ([1, -1] as const).map((side) => {
      const { quads, positions } = sheet(side);
      const { stencils } = combLashes(quads, positions);
      const fine = applyStencils(stencils, positions);
      const places: string[] = [];
      for (let v = 0; v < fine.length; v += 3) {
        places.push([side * fine[v]!, fine[v + 1]!, fine[v + 2]!].map((x) => x.toFixed(9)).join());
      }
      return places.sort();
    });
    expect(xs[0]).toEqual(xs[1]);
  });

  it("refuses what is not a grid", () => {
    const { quads, positions } = sheet(1);
    expect(() => combLashes(quads.subarray(0, quads.length - 4), positions)).toThrow(
      /regular grid/,
    );
  });
});
