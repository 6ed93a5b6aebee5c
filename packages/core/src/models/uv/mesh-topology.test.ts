import { describe, expect, it } from "vitest";
import { cheapestPath, cutMesh } from "./mesh-cut.js";
import { fillHoles } from "./mesh-fill.js";
import {
  boundaryLoops,
  connectedPieces,
  NO_TRIANGLE,
  triangleNeighbours,
} from "./mesh-topology.js";

/** `n x n` squares, each cut in two, counter-clockwise; without the squares that `hole` names. */
function grid(n: number, hole: (x: number, y: number) => boolean = () => false) {
  const positions: number[] = [];
  for (let y = 0; y <= n; y++) for (let x = 0; x <= n; x++) positions.push(x, y, 0);
  const triangles: number[] = [];
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      if (hole(x, y)) continue;
      const a = y * (n + 1) + x;
      triangles.push(a, a + 1, a + n + 2, a, a + n + 2, a + n + 1);
    }
  }
  return { positions, triangles: Uint32Array.from(triangles) };
}

/** V - E + F. */
function euler(triangles: Uint32Array): number {
  const neighbours = triangleNeighbours(triangles);
  const border = neighbours.filter((edge) => edge === NO_TRIANGLE).length;
  const edges = (triangles.length + border) / 2;
  return new Set(triangles).size - edges + triangles.length / 3;
}

describe("triangleNeighbours", () => {
  it("joins each inner edge both ways", () => {
    const { triangles } = grid(4);
    const neighbours = triangleNeighbours(triangles);
    for (const [edge, other] of neighbours.entries()) {
      if (other !== NO_TRIANGLE) expect(neighbours[other]).toBe(edge);
    }
    // 16 border edges.
    expect(neighbours.filter((edge) => edge === NO_TRIANGLE)).toHaveLength(16);
  });

  it("does not join three triangles at an edge, nor two of opposite orientation", () => {
    const fan = Uint32Array.from([0, 1, 2, 1, 0, 3, 1, 0, 4]);
    expect([...triangleNeighbours(fan)].every((edge) => edge === NO_TRIANGLE)).toBe(true);
    const opposite = Uint32Array.from([0, 1, 2, 0, 1, 3]);
    expect([...triangleNeighbours(opposite)].every((edge) => edge === NO_TRIANGLE)).toBe(true);
  });
});

describe("boundaryLoops", () => {
  it("finds the outer border and the hole, both with the mesh on the left", () => {
    const { positions, triangles } = grid(5, (x, y) => x === 2 && y === 2);
    const loops = boundaryLoops(triangles, triangleNeighbours(triangles));
    expect(loops.map((loop) => loop.length)).toEqual([20, 4]);
    const area = (loop: number[]) =>
      loop.reduce((sum, v, i) => {
        const w = loop[(i + 1) % loop.length]!;
        return (
          sum +
          (positions[3 * v]! * positions[3 * w + 1]! - positions[3 * w]! * positions[3 * v + 1]!) /
            2
        );
      }, 0);
    expect(area(loops[0]!)).toBeCloseTo(25);
    expect(area(loops[1]!)).toBeCloseTo(-1);
  });
});

it("connectedPieces counts what hangs together by edges", () => {
  const { triangles } = grid(2, (x, y) => x !== y);
  // Two squares that meet in a point.
  expect(connectedPieces(triangleNeighbours(triangles)).sizes).toEqual([2, 2]);
});

describe("cutMesh", () => {
  it("opens a path from the border to a hole: one border, a disk", () => {
    const { triangles } = grid(5, (x, y) => x === 2 && y === 2);
    expect(euler(triangles)).toBe(0);
    const path = cheapestPath(
      triangles,
      2,
      (v) => v === 14,
      () => 1,
    )!;
    expect(path).toEqual([2, 8, 14]);
    const cut = cutMesh(triangles, path);
    expect(euler(cut.triangles)).toBe(1);
    expect(boundaryLoops(cut.triangles, triangleNeighbours(cut.triangles))).toHaveLength(1);
    expect(cut.vertexOf.filter((v) => v === 2 || v === 8 || v === 14)).toHaveLength(6);
    expect(cut.triangles.map((v) => cut.vertexOf[v]!)).toEqual(triangles);
  });

  it("leaves an end inside the surface single, and splits a vertex where only points meet", () => {
    const { triangles } = grid(4);
    const cut = cutMesh(triangles, [2, 7, 12]);
    expect(cut.vertexOf.filter((v) => v === 12)).toHaveLength(1);
    expect(cut.vertexOf.filter((v) => v === 7)).toHaveLength(2);
    const pinched = grid(2, (x, y) => x !== y);
    expect(cutMesh(pinched.triangles, []).vertexOf.filter((v) => v === 4)).toHaveLength(2);
  });
});

it("cheapestPath goes around what is dear, and says when there is no way", () => {
  const { triangles } = grid(4);
  const dear = (v: number) => (v === 12 ? 100 : 1);
  const path = cheapestPath(
    triangles,
    10,
    (v) => v === 14,
    (a, b) => dear(a) + dear(b),
  )!;
  expect(path).not.toContain(12);
  expect(
    cheapestPath(
      triangles,
      0,
      (v) => v === 999,
      () => 1,
    ),
  ).toBeUndefined();
});

it("fillHoles closes a hole with the same orientation", () => {
  const { positions, triangles } = grid(5, (x, y) => x === 2 && y === 2);
  const loops = boundaryLoops(triangles, triangleNeighbours(triangles));
  const filled = fillHoles(positions, triangles, loops.slice(1));
  expect(euler(filled.triangles)).toBe(1);
  expect([...filled.positions.slice(-3)]).toEqual([2.5, 2.5, 0]);
  let area = 0;
  for (let t = 0; t < filled.triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => filled.triangles[t + i]! * 3) as [
      number,
      number,
      number,
    ];
    const p = filled.positions;
    const twice =
      (p[b]! - p[a]!) * (p[c + 1]! - p[a + 1]!) - (p[c]! - p[a]!) * (p[b + 1]! - p[a + 1]!);
    expect(twice).toBeGreaterThan(0);
    area += twice / 2;
  }
  expect(area).toBeCloseTo(25);
});
