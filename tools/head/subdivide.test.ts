import { describe, expect, it } from "vitest";
import { auditTopology, triangulate } from "./geometry-mesh.js";
import { applyStencils, rowAt, rowCount } from "./geometry-stencils.js";
import { refineEyeball, subdivideRegion } from "./subdivide.js";

/** A cube of n x n quads on each side; vertices scaled by `scale` of the unit cube's point. */
function cube(n: number, place: (p: number[]) => number[]) {
  const vertices: number[] = [];
  const quads: number[] = [];
  const index = new Map<string, number>();
  const vertex = (p: number[]) => {
    const key = p.join(",");
    if (!index.has(key)) {
      index.set(key, vertices.length / 3);
      vertices.push(...place(p.map((x) => (2 * x) / n - 1)));
    }
    return index.get(key)!;
  };
  for (let axis = 0; axis < 3; axis++) {
    for (const end of [0, n]) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const at = (s: number, t: number) => {
            const p = [0, 0, 0];
            p[axis] = end;
            p[(axis + 1) % 3] = s;
            p[(axis + 2) % 3] = t;
            return vertex(p);
          };
          const q = [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
          quads.push(...(end === n ? q : q.reverse()));
        }
      }
    }
  }
  return { vertices, quads: Uint32Array.from(quads), count: vertices.length / 3 };
}

const same = (p: number[]) => p;
const identity = (n: number) => Array.from({ length: n }, (_, v) => v);

describe("subdivideRegion", () => {
  const { vertices, quads, count } = cube(3, same);

  it("has weights that sum to 1 in every row", () => {
    const { stencils } = subdivideRegion(quads, count, (f) => f % 3 === 0);
    for (let i = 0; i < rowCount(stencils); i++) {
      const sum = [...rowAt(stencils, i).values()].reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it.each([
    ["all", () => true],
    ["none", () => false],
    ["one", (f: number) => f === 4],
    ["a checkerboard", (f: number) => f % 2 === 0],
    ["a third", (f: number) => f % 3 === 0],
  ])("stays closed where %s of the quads are split", (_, chosen) => {
    const { stencils, polygons } = subdivideRegion(quads, count, chosen);
    const fine = applyStencils(stencils, vertices);
    const { triangles } = triangulate(polygons, fine, identity(rowCount(stencils)));
    expect(auditTopology(triangles)).toMatchObject({
      euler: 2,
      branchingEdges: 0,
      flippedEdges: 0,
      pinchedVertices: 0,
      borders: [],
    });
  });

  it("gives Catmull-Clark's count of vertices and quads when all are split", () => {
    const { stencils, polygons } = subdivideRegion(quads, count, () => true);
    const faces = quads.length / 4;
    expect(rowCount(stencils)).toBe(count + 2 * faces + faces);
    expect(polygons.length).toBe(4 * faces);
  });

  it("keeps a plane grid and its linear functions: edge points in the middle, face points too", () => {
    const n = 6;
    const grid: number[] = [];
    const flat: number[] = [];
    for (let y = 0; y <= n; y++) for (let x = 0; x <= n; x++) grid.push(x, y, 2 * x - y);
    for (let y = 0; y < n; y++) {
      for (let x = 0; x < n; x++) {
        const v = y * (n + 1) + x;
        flat.push(v, v + 1, v + n + 2, v + n + 1);
      }
    }
    const { stencils } = subdivideRegion(Uint32Array.from(flat), grid.length / 3, () => true);
    const fine = applyStencils(stencils, grid);
    for (let v = 0; v < fine.length; v += 3) {
      expect(fine[v + 2]).toBeCloseTo(2 * fine[v]! - fine[v + 1]!, 12);
    }
    // Coarse vertices of a regular grid stay where they are.
    for (let v = 0; v < grid.length; v++) expect(fine[v]).toBeCloseTo(grid[v]!, 12);
  });

  it("shrinks a sphere far less than plain Catmull-Clark would", () => {
    const sphere = cube(6, (p) => p.map((x) => x / Math.hypot(...p)));
    const { stencils } = subdivideRegion(sphere.quads, sphere.count, () => true);
    const fine = applyStencils(stencils, sphere.vertices);
    for (let v = 0; v < fine.length; v += 3) {
      const radius = Math.hypot(fine[v]!, fine[v + 1]!, fine[v + 2]!);
      expect(Math.abs(radius - 1)).toBeLessThan(0.012);
    }
  });
});

describe("refineEyeball", () => {
  const centre = [3, -2, 5];
  const ball = cube(4, (p) => p.map((x, i) => (1.5 * x) / Math.hypot(...p) + centre[i]!));

  it("puts every vertex of a sphere on the sphere, and refines the front more", () => {
    const { stencils, polygons } = refineEyeball(ball.quads, ball.vertices);
    const fine = applyStencils(stencils, ball.vertices);
    const front: number[] = [];
    const back: number[] = [];
    for (let v = 0; v < fine.length; v += 3) {
      const d = [0, 1, 2].map((i) => fine[v + i]! - centre[i]!);
      expect(Math.hypot(...d)).toBeCloseTo(1.5, 6);
      (d[2]! > 0 ? front : back).push(v);
    }
    expect(front.length).toBeGreaterThan(1.8 * back.length);
    const { triangles } = triangulate(polygons, fine, identity(rowCount(stencils)));
    expect(auditTopology(triangles)).toMatchObject({ euler: 2, borders: [], flippedEdges: 0 });
  });

  it("moves and scales with the eye", () => {
    const { stencils } = refineEyeball(ball.quads, ball.vertices);
    const before = applyStencils(stencils, ball.vertices);
    const after = applyStencils(
      stencils,
      ball.vertices.map((x, i) => 1.1 * x + (i % 3)),
    );
    for (let i = 0; i < before.length; i++) {
      expect(after[i]).toBeCloseTo(1.1 * before[i]! + (i % 3), 10);
    }
  });
});
