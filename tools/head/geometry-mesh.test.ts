import { describe, expect, it } from "vitest";
import { auditTopology, triangulate } from "./geometry-mesh.js";

const TETRAHEDRON = [0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3];

describe("auditTopology", () => {
  it("finds a closed surface of genus 0", () => {
    expect(auditTopology(TETRAHEDRON)).toMatchObject({
      vertices: 4,
      edges: 6,
      triangles: 4,
      euler: 2,
      branchingEdges: 0,
      flippedEdges: 0,
      pinchedVertices: 0,
      borders: [],
      components: 1,
    });
  });

  it("finds the border of a surface with a hole", () => {
    const found = auditTopology(TETRAHEDRON.slice(0, 9));
    expect(found.borders.map((loop) => loop.length)).toEqual([3]);
    expect(found.euler).toBe(1);
  });

  it("finds a flipped triangle", () => {
    expect(auditTopology([0, 1, 2, ...TETRAHEDRON.slice(3)]).flippedEdges).toBeGreaterThan(0);
  });

  it("finds an edge of three triangles", () => {
    expect(auditTopology([0, 1, 2, 1, 0, 3, 0, 1, 4]).branchingEdges).toBe(1);
  });

  it("finds two fans that touch in a vertex", () => {
    const found = auditTopology([0, 1, 2, 0, 3, 4]);
    expect(found.pinchedVertices).toBe(1);
    expect(found.components).toBe(1);
  });
});

describe("triangulate", () => {
  const positions = [0, 0, 0, 2, 0, 0, 2, 2, 0, 0, 2, 0, 1, 0, 0, 2, 1, 0, 1, 2, 0, 0, 1, 0];
  const corner = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const;
  const mid = [
    [0.5, 0],
    [1, 0.5],
    [0.5, 1],
    [0, 0.5],
  ] as const;

  it.each([
    ["no", []],
    ["one", [2]],
    ["two opposite", [0, 2]],
    ["two opposite, the other way", [1, 3]],
    ["two neighbouring", [0, 1]],
    ["two neighbouring, the last and the first", [0, 3]],
  ])("covers a square with %s split edges once, facing up", (_, split) => {
    const corners: number[] = [];
    const places: (readonly [number, number])[] = [];
    const middles: number[] = [];
    for (let i = 0; i < 4; i++) {
      corners.push(i);
      places.push(corner[i]!);
      if ((split as number[]).includes(i)) {
        middles.push(corners.length);
        corners.push(4 + i);
        places.push(mid[i]!);
      }
    }
    const identity = Array.from({ length: 8 }, (_, v) => v);
    const { triangles } = triangulate([{ corners, places, middles, face: 0 }], positions, identity);
    expect(triangles.length / 3).toBe(corners.length - 2);
    let area = 0;
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((i) => triangles[t + i]! * 3) as [number, number, number];
      const doubled =
        (positions[b]! - positions[a]!) * (positions[c + 1]! - positions[a + 1]!) -
        (positions[c]! - positions[a]!) * (positions[b + 1]! - positions[a + 1]!);
      expect(doubled).toBeGreaterThan(0);
      area += doubled / 2;
    }
    expect(area).toBeCloseTo(4, 12);
    expect(auditTopology(triangles).borders.map((loop) => loop.length)).toEqual([corners.length]);
  });
});
