import fc from "fast-check";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { expect, test } from "vitest";
import {
  applySimilarity,
  composeSimilarity,
  estimateSimilarity,
  IDENTITY,
  invertSimilarity,
  type Similarity,
  similarityMatrix,
} from "./similarity.js";

const SEED = { seed: 3 };
const number = fc.double({ min: -500, max: 500, noNaN: true });
const similarity: fc.Arbitrary<Similarity> = fc.record({
  scale: fc.double({ min: 0.05, max: 20, noNaN: true }),
  rotation: fc.double({ min: -3.14, max: 3.14, noNaN: true }),
  tx: number,
  ty: number,
});
const points = (n: number) => fc.array(number, { minLength: 2 * n, maxLength: 2 * n });

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance);
  }
}

test("a quarter turn goes clockwise where y points down", () => {
  const turn = { scale: 2, rotation: Math.PI / 2, tx: 10, ty: 20 };
  expectClose(applySimilarity(turn, [1, 0, 0, 1]), [10, 22, 8, 20], 1e-12);
  expectClose(similarityMatrix(turn), [0, -2, 10, 2, 0, 20], 1e-12);
});

test("composition and inverse", () => {
  fc.assert(
    fc.property(similarity, similarity, points(3), (f, g, p) => {
      const both = applySimilarity(composeSimilarity(f, g), p);
      expectClose(both, applySimilarity(f, applySimilarity(g, p)), 1e-7);
      expectClose(applySimilarity(invertSimilarity(f), applySimilarity(f, p)), p, 1e-7);
      expectClose(applySimilarity(composeSimilarity(invertSimilarity(f), f), p), p, 1e-7);
    }),
    SEED,
  );
  expect(invertSimilarity(IDENTITY)).toEqual(IDENTITY);
});

test("pairs of points give their similarity back", () => {
  fc.assert(
    fc.property(similarity, points(4), (transform, p) => {
      fc.pre(Math.hypot(p[0]! - p[2]!, p[1]! - p[3]!) > 1);
      const found = estimateSimilarity(p, applySimilarity(transform, p));
      expect(Math.abs(found.scale / transform.scale - 1)).toBeLessThan(1e-7);
      expectClose(applySimilarity(found, p), applySimilarity(transform, p), 1e-5);
    }),
    SEED,
  );
});

/** Umeyama 1991, equations 34 to 43, with a singular value decomposition. */
function umeyama(from: readonly number[], to: readonly number[]): number[] {
  const n = from.length / 2;
  const x = Matrix.zeros(n, 2);
  const y = Matrix.zeros(n, 2);
  for (let i = 0; i < n; i++) {
    x.setRow(i, [from[2 * i]!, from[2 * i + 1]!]);
    y.setRow(i, [to[2 * i]!, to[2 * i + 1]!]);
  }
  const meanX = x.mean("column");
  const meanY = y.mean("column");
  const centredX = x.clone().subRowVector(meanX);
  const centredY = y.clone().subRowVector(meanY);
  const covariance = centredY.transpose().mmul(centredX).div(n);
  const svd = new SingularValueDecomposition(covariance, { autoTranspose: true });
  const u = svd.leftSingularVectors;
  const v = svd.rightSingularVectors;
  const determinant = (m: Matrix) => m.get(0, 0) * m.get(1, 1) - m.get(0, 1) * m.get(1, 0);
  const sign = Math.sign(determinant(u) * determinant(v));
  const s = Matrix.diag([1, sign]);
  const rotation = u.mmul(s).mmul(v.transpose());
  const variance = centredX.norm("frobenius") ** 2 / n;
  const [d0, d1] = svd.diagonal as [number, number];
  const matrix = rotation.mul((d0 + sign * d1) / variance);
  const moved = matrix.mmul(Matrix.columnVector(meanX));
  return [
    ...[matrix.get(0, 0), matrix.get(0, 1), meanY[0]! - moved.get(0, 0)],
    ...[matrix.get(1, 0), matrix.get(1, 1), meanY[1]! - moved.get(1, 0)],
  ];
}

test("least squares as Umeyama's, for points that fit badly or are mirrored", () => {
  fc.assert(
    fc.property(points(5), points(5), fc.boolean(), (from, to, mirrored) => {
      const target = mirrored ? from.map((value, i) => (i % 2 ? value : -value) + to[i]! / 50) : to;
      const expected = umeyama(from, target);
      const size = Math.hypot(expected[0]!, expected[3]!);
      fc.pre(size > 1e-3 && size < 1e3);
      const found = similarityMatrix(estimateSimilarity(from, target));
      expectClose(found, expected, 1e-6 * (1 + Math.hypot(...expected)));
    }),
    { ...SEED, numRuns: 300 },
  );
});

test("points that determine nothing are refused", () => {
  const cases: [number[], number[]][] = [
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2, 3, 4],
      [1, 2, 3],
    ],
    [
      [5.1, 5.2, 5.1, 5.2, 5.1, 5.2],
      [0, 0, 1, 1, 2, 0],
    ],
    [
      [0, 0, 1, 1],
      [7, 7, 7, 7],
    ],
    [
      [0, 0, 1, Number.NaN],
      [0, 0, 1, 1],
    ],
    [
      [1, 0, 0, 1, -1, 0, 0, -1],
      [1, 0, 0, -1, -1, 0, 0, 1],
    ],
  ];
  for (const [from, to] of cases) {
    expect(() => estimateSimilarity(from, to)).toThrow(/similarity/);
  }
});
