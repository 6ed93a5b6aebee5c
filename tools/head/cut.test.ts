import { describe, expect, it } from "vitest";
import { cutByPlane } from "./cut.js";
import { auditTopology, noTriangles, type TracedTriangles } from "./geometry-mesh.js";
import { applyStencils, packRows, type Row } from "./geometry-stencils.js";
import { findSymmetry } from "./symmetry.js";

/** A tube along y, open at both ends, symmetric across x = 0. */
function tube(around: number, along: number) {
  const positions: number[] = [];
  for (let j = 0; j <= along; j++) {
    for (let i = 0; i < around; i++) {
      const angle = (2 * Math.PI * i) / around;
      const radius = 1 + 0.2 * Math.cos(3 * j);
      positions.push(radius * Math.sin(angle), j / 3, radius * Math.cos(angle));
    }
  }
  const mesh: TracedTriangles = noTriangles();
  for (let j = 0; j < along; j++) {
    for (let i = 0; i < around; i++) {
      const v = (a: number, b: number) => b * around + ((i + a) % around);
      const [a, b, c, d] = [v(0, j), v(1, j), v(1, j + 1), v(0, j + 1)];
      // Diagonals mirror each other.
      const half = i < around / 2 ? [a, b, c, a, c, d] : [a, b, d, b, c, d];
      mesh.triangles.push(...half);
      mesh.faces.push(0, 0);
      mesh.places.push(...Array.from({ length: 12 }, () => 0));
    }
  }
  const rows = Array.from({ length: positions.length / 3 }, (_, v): Row => new Map([[v, 1]]));
  return { mesh, positions, stencils: packRows(rows), symmetry: findSymmetry(positions) };
}

describe("cutByPlane", () => {
  const plane = { normal: [0, 0.9, 0.4358898943540674], offset: 1.37 } as const;
  const { mesh, positions, stencils, symmetry } = tube(16, 12);
  const cut = cutByPlane(mesh, stencils, positions, symmetry, plane);
  const fine = applyStencils(cut.stencils, positions);
  const height = (v: number) =>
    [0, 1, 2].reduce<number>((sum, i) => sum + plane.normal[i]! * fine[v * 3 + i]!, 0) -
    plane.offset;

  it("leaves nothing below the plane, and a border loop that lies in it", () => {
    const found = auditTopology(cut.triangles.triangles);
    expect(found).toMatchObject({
      euler: 0,
      branchingEdges: 0,
      flippedEdges: 0,
      pinchedVertices: 0,
    });
    expect(found.borders).toHaveLength(2);
    for (const v of cut.triangles.triangles) expect(height(v)).toBeGreaterThan(-1e-9);
    const inPlane = found.borders.filter((loop) => loop.every((v) => Math.abs(height(v)) < 1e-9));
    expect(inPlane).toHaveLength(1);
  });

  it("leaves no slivers at the cut", () => {
    for (let t = 0; t < cut.triangles.triangles.length; t += 3) {
      const p = [0, 1, 2].map((i) => {
        const v = cut.triangles.triangles[t + i]! * 3;
        return [fine[v]!, fine[v + 1]!, fine[v + 2]!];
      });
      const side = (a: number[], b: number[]) => Math.hypot(...a.map((x, i) => x - b[i]!));
      const sides = [side(p[0]!, p[1]!), side(p[1]!, p[2]!), side(p[2]!, p[0]!)];
      expect(Math.min(...sides)).toBeGreaterThan(0.05);
    }
  });

  it("is the mirror image of itself, midline included", () => {
    const used = [...new Set(cut.triangles.triangles)];
    for (const v of used) {
      const m = cut.symmetry[v]!;
      expect(cut.symmetry[m]).toBe(v);
      expect(fine[m * 3]).toBeCloseTo(-fine[v * 3]!, 12);
      expect(fine[m * 3 + 1]).toBeCloseTo(fine[v * 3 + 1]!, 12);
    }
  });

  it("interpolates any field, so a linear one stays linear", () => {
    const field = positions.map((_, i) => {
      const v = i - (i % 3);
      return 0.3 * positions[v]! - 0.7 * positions[v + 1]! + 0.2 * positions[v + 2]! + 1;
    });
    const values = applyStencils(cut.stencils, field);
    for (const v of new Set(cut.triangles.triangles)) {
      const expected = 0.3 * fine[v * 3]! - 0.7 * fine[v * 3 + 1]! + 0.2 * fine[v * 3 + 2]! + 1;
      expect(values[v * 3]).toBeCloseTo(expected, 12);
    }
  });
});
