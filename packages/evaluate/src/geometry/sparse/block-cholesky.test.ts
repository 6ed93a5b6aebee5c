import { randomNormals, randomUniform } from "@ganfit/core";
import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { BlockCholesky } from "./block-cholesky.js";

/** A positive definite matrix on random edges: dense, and as the blocks of its diagonal. */
function randomSystem(vertexCount: number, edgeCount: number, seed: number) {
  const next = randomUniform(seed);
  const pairs: number[] = [];
  while (pairs.length < 2 * edgeCount) {
    const [a, b] = [Math.floor(next() * vertexCount), Math.floor(next() * vertexCount)];
    if (a !== b) pairs.push(a, b);
  }
  const edge = [-2, -0.5, -3, -1];
  const dense = Matrix.zeros(4 * vertexCount, 4 * vertexCount);
  const add = (i: number, j: number, x: number) => dense.set(i, j, dense.get(i, j) + x);
  const diagonal = new Float64Array(16 * vertexCount);
  for (let v = 0; v < vertexCount; v++) {
    const m = new Matrix([...Array(4)].map((_, i) => [...randomNormals(4, 17 * seed + 4 * v + i)]));
    const block = m.mmul(m.transpose());
    for (let i = 0; i < 16; i++)
      diagonal[16 * v + i] = block.get(i >> 2, i & 3) + (i % 5 ? 0 : 0.1);
  }
  for (let e = 0; e < pairs.length; e += 2) {
    const [a, b] = [pairs[e]!, pairs[e + 1]!];
    for (let i = 0; i < 4; i++) {
      for (const v of [a, b]) diagonal[16 * v + 5 * i]! -= edge[i]!;
      add(4 * a + i, 4 * b + i, edge[i]!);
      add(4 * b + i, 4 * a + i, edge[i]!);
    }
  }
  for (let v = 0; v < vertexCount; v++) {
    for (let i = 0; i < 16; i++) add(4 * v + (i >> 2), 4 * v + (i & 3), diagonal[16 * v + i]!);
  }
  return { edges: Uint32Array.from(pairs), diagonal, edge, dense };
}

describe("the block sparse factorisation", () => {
  it.each([
    [1, 0],
    [2, 1],
    [9, 12],
    [40, 30],
    [60, 150],
    [70, 700],
  ])("solves as a dense one does: %d vertices, %d edges", (vertexCount, edgeCount) => {
    const { edges, diagonal, edge, dense } = randomSystem(vertexCount, edgeCount, vertexCount);
    const positions = Float64Array.from(randomNormals(3 * vertexCount, 5));
    const system = new BlockCholesky(edges, positions);
    const b = Float64Array.from(randomNormals(12 * vertexCount, 6));
    const truth = new CholeskyDecomposition(dense).solve(Matrix.from1DArray(4 * vertexCount, 3, b));
    // Twice: the memory of the first factor must not show in the second.
    for (const scale of [3, 1]) {
      expect(
        system.factor(
          diagonal.map((x) => scale * x),
          edge.map((x) => scale * x),
        ),
      ).toBe(true);
      const x = b.slice();
      system.solve(x);
      truth.to1DArray().forEach((value, i) => {
        expect(scale * x[i]!).toBeCloseTo(value, 9);
      });
    }
  });

  it("says so where the matrix is not positive definite", () => {
    const { edges, diagonal, edge } = randomSystem(30, 50, 1);
    const system = new BlockCholesky(edges, Float64Array.from(randomNormals(90, 1)));
    for (const [v, value] of [
      [0, -1],
      [17, 0],
      [29, NaN],
    ] as const) {
      const wrong = diagonal.slice();
      wrong[16 * v + 10] = value;
      expect(system.factor(wrong, edge)).toBe(false);
    }
    expect(system.factor(diagonal, edge)).toBe(true);
  });
});
