import { randomNormals, randomUniform } from "@ganfit/core";
import { Matrix, QrDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { bumpySurface } from "../../test/bumpy-surface.js";
import { AffineDeformation, type DeformationStep, deform } from "./affine-deformation.js";
import type { Mesh } from "./mesh.js";
import { edgesOf } from "./mesh-edges.js";

/** Several random surfaces side by side as one mesh. */
function parts(sizes: readonly number[], seed: number): Mesh {
  const positions: number[] = [];
  const triangles: number[] = [];
  for (const [i, size] of sizes.entries()) {
    const mesh = bumpySurface(size);
    const noise = randomNormals(mesh.positions.length, seed + i);
    triangles.push(...mesh.triangles.map((v) => v + positions.length / 3));
    positions.push(...mesh.positions.map((x, k) => x + 10 * noise[k]! + 60 * i));
  }
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
}

/** The rows of the least squares problem written out, solved by QR: no normal equations. */
function denseSolution(
  edges: Uint32Array,
  { stiffness, balance, positions, rows }: DeformationStep,
) {
  const unknowns = (4 * positions.length) / 3;
  const left: number[][] = [];
  const right: number[][] = [];
  const row = (entries: readonly (readonly [number, number])[], target: number[]) => {
    const numbers = new Array<number>(unknowns).fill(0);
    for (const [at, value] of entries) numbers[at]! += value;
    left.push(numbers);
    right.push(target);
  };
  for (let e = 0; e < edges.length; e += 2) {
    balance.forEach((g, i) => {
      const tie = stiffness * g;
      row(
        [
          [4 * edges[e]! + i, tie],
          [4 * edges[e + 1]! + i, -tie],
        ],
        [0, 0, 0],
      );
    });
  }
  for (const { vertices, targets, weights } of rows) {
    weights.forEach((w, r) => {
      if (w === 0) return;
      const v = vertices?.[r] ?? r;
      const d = [positions[3 * v]!, positions[3 * v + 1]!, positions[3 * v + 2]!, 1];
      row(
        d.map((x, i) => [4 * v + i, w * x] as const),
        [0, 1, 2].map((k) => w * targets[3 * r + k]!),
      );
    });
  }
  return new QrDecomposition(new Matrix(left)).solve(new Matrix(right)).to1DArray();
}

function closeTo(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(found.length).toBe(expected.length);
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    const difference = Math.abs(found[i]! - expected[i]!);
    most = Math.max(most, difference);
  }
  expect(most).toBeLessThan(tolerance);
}

const AFFINE = [1.1, 0.2, -0.1, 0.05, 0.9, 0.3, -0.2, 0.1, 1.2, 5, -7, 30];

function everywhere(vertexCount: number, transform: readonly number[]): Float64Array {
  return Float64Array.from({ length: 12 * vertexCount }, (_, i) => transform[i % 12]!);
}

describe("an affine deformation", () => {
  const ONE = [1, 1, 1, 1] as const;

  it.each([
    [50, ONE, 1],
    [0.2, ONE, 2],
    [150, [2, 2, 3, 2], 3],
  ] as const)(
    "is the least squares solution: stiffness %d, balance %j",
    (stiffness, balance, seed) => {
      const { positions, triangles } = parts([25, 16, 9], seed);
      const count = positions.length / 3;
      const edges = edgesOf(triangles);
      const next = randomUniform(seed);
      const vertices = Uint32Array.of(3, 0, 30, 3, 49, 44);
      const step: DeformationStep = {
        stiffness,
        balance,
        positions,
        rows: [
          {
            vertices: null,
            targets: positions.map((x) => 1.02 * x + 4 * next()),
            weights: new Float64Array(count).map(() => (next() < 0.3 ? 0 : 1)),
          },
          {
            vertices,
            targets: Float64Array.from(randomNormals(18, seed), (x) => 40 * x),
            weights: Float64Array.of(5, 0, 1, 0.5, 2, 3),
          },
        ],
      };
      const solver = new AffineDeformation(count, edges, positions);
      const expected = denseSolution(edges, step);
      // The maps' shifts are known less well than where they bring the points.
      const found = solver.solve(step);
      closeTo(found, expected, 5e-6);
      closeTo(deform(positions, found), deform(positions, Float64Array.from(expected)), 1e-7);
    },
  );

  it("follows targets that are an affine map of the vertices exactly", () => {
    const { positions, triangles } = bumpySurface(400);
    const solver = new AffineDeformation(400, edgesOf(triangles), positions);
    const truth = everywhere(400, AFFINE);
    for (const shift of [0, 1000]) {
      const moved = positions.map((x, i) => (i % 3 === 2 ? x + shift : x));
      const targets = deform(moved, truth);
      const all = { vertices: null, targets, weights: new Float64Array(400).fill(1) };
      const some = Uint32Array.from({ length: 12 }, (_, i) => 33 * i);
      const few = {
        vertices: some,
        targets: Float64Array.from(
          [...some].flatMap((v) => [...targets.subarray(3 * v, 3 * v + 3)]),
        ),
        weights: new Float64Array(12).fill(50),
      };
      for (const rows of [[all], [few], [all, few]]) {
        const x = solver.solve({ stiffness: 50, balance: [2, 2, 3, 2], positions: moved, rows });
        closeTo(x, truth, 1e-5);
        closeTo(deform(moved, x), targets, 1e-8);
      }
    }
  });

  it("is no motion where the targets are the vertices", () => {
    const { positions, triangles } = bumpySurface(100);
    const rows = [{ vertices: null, targets: positions, weights: new Float64Array(100).fill(1) }];
    const step = { stiffness: 1, balance: ONE, positions, rows };
    const x = new AffineDeformation(100, edgesOf(triangles), positions).solve(step);
    closeTo(x, everywhere(100, [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]), 1e-14);
  });

  it("does not depend on the order of the vertices, nor on loops among the edges", () => {
    const { positions, triangles } = bumpySurface(225);
    const targets = positions.map((x, i) => x + 3 * Math.sin(i));
    const weights = new Float64Array(225).map((_, v) => 1 + (v % 3));
    const solve = (p: Float64Array, edges: Uint32Array, t: Float64Array, w: Float64Array) =>
      deform(
        p,
        new AffineDeformation(225, edges, p).solve({
          stiffness: 10,
          balance: ONE,
          positions: p,
          rows: [{ vertices: null, targets: t, weights: w }],
        }),
      );
    const straight = solve(positions, edgesOf(triangles), targets, weights);
    const to = (v: number) => (v * 101) % 225;
    const shuffle = (from: Float64Array, width: number) => {
      const out = from.slice();
      from.forEach((x, i) => {
        out[width * to(Math.floor(i / width)) + (i % width)] = x;
      });
      return out;
    };
    const edges = Uint32Array.of(7, 7, ...edgesOf(triangles.map(to)), 3, 3);
    const shuffled = solve(shuffle(positions, 3), edges, shuffle(targets, 3), shuffle(weights, 1));
    closeTo(shuffled, shuffle(straight, 3), 1e-10);
  });

  it("leaves out rows of weight zero whatever their targets, and refuses others that are not finite", () => {
    const { positions, triangles } = bumpySurface(49);
    const solver = new AffineDeformation(49, edgesOf(triangles), positions);
    const solve = (targets: Float64Array, weights: Float64Array) =>
      solver.solve({
        stiffness: 2,
        balance: ONE,
        positions,
        rows: [{ vertices: null, targets, weights }],
      });
    const weights = new Float64Array(49).fill(1).with(5, 0);
    const clean = positions.map((x, i) => x + Math.cos(i));
    const x = solve(clean, weights);
    expect(solve(clean.with(15, NaN).with(16, Infinity), weights)).toEqual(x);
    expect(() => solve(clean.with(21, NaN), weights)).toThrow("vertex 7 of the mesh is not finite");
    expect(() => solve(clean, weights.with(7, NaN))).toThrow("vertex 7 of the mesh is not finite");
  });

  it("lets parts keep still as far as their targets do not determine them", () => {
    const { positions, triangles } = parts([25, 16], 4);
    const solver = new AffineDeformation(41, edgesOf(triangles), positions);
    const targets = positions.map((x, i) => x + [2, -1, 0.5][i % 3]!);
    const moved = (weights: Float64Array, from = positions, to = targets) =>
      deform(
        from,
        solver.solve({
          stiffness: 2,
          balance: ONE,
          positions: from,
          rows: [{ vertices: null, targets: to, weights }],
        }),
      );
    const close = (found: Float64Array, expected: Float64Array, digits: number) => {
      expected.forEach((x, i) => {
        expect(found[i], `${i}`).toBeCloseTo(x, digits);
      });
    };
    // The second part has nothing to follow: it stays, and the first goes where it should.
    const first = new Float64Array(41).fill(1, 0, 25);
    const alone = moved(first);
    close(alone.subarray(0, 75), targets.subarray(0, 75), 6);
    close(alone.subarray(75), positions.subarray(75), 6);
    // Three points of it, in a plane: these are followed, and the rest comes along.
    const plane = [30, 33, 39];
    const some = plane.reduce((weights, v) => weights.with(v, 1), first);
    const along = moved(some);
    for (const v of plane)
      close(along.subarray(3 * v, 3 * v + 3), targets.subarray(3 * v, 3 * v + 3), 4);
    expect(along.every((x, i) => Math.abs(x - positions[i]!) < 5)).toBe(true);
    // A mesh that is a plane, turned and moved within itself.
    const flat = positions.map((x, i) => (i % 3 === 2 ? 0 : x));
    const turned = flat.map((_, i) =>
      i % 3 === 0
        ? 0.8 * flat[i]! - 0.6 * flat[i + 1]! + 3
        : i % 3 === 1
          ? 0.6 * flat[i - 1]! + 0.8 * flat[i]!
          : 0,
    );
    close(moved(new Float64Array(41).fill(1), flat, turned), turned, 4);
  });

  it("refuses what makes no sense", () => {
    const { positions, triangles } = bumpySurface(16);
    const edges = edgesOf(triangles);
    const solver = new AffineDeformation(16, edges, positions);
    const row = { vertices: null, targets: positions, weights: new Float64Array(16).fill(1) };
    const step = { stiffness: 1, balance: ONE, positions, rows: [row] };
    expect(() => solver.solve({ ...step, stiffness: 0 })).toThrow("above zero");
    expect(() => solver.solve({ ...step, stiffness: NaN })).toThrow("above zero");
    expect(() => solver.solve({ ...step, balance: [1, 1, 0, 1] })).toThrow("above zero");
    expect(() => solver.solve({ ...step, positions: positions.with(4, NaN) })).toThrow("Vertex 1 ");
    expect(() => solver.solve({ ...step, positions: new Float64Array(9) })).toThrow(RangeError);
    const beyond = { ...row, vertices: Uint32Array.from({ length: 16 }, (_, v) => v + 1) };
    expect(() => solver.solve({ ...step, rows: [beyond] })).toThrow(RangeError);
    expect(() =>
      solver.solve({ ...step, rows: [{ ...row, weights: new Float64Array(4) }] }),
    ).toThrow(RangeError);
    expect(() => new AffineDeformation(15, edges, positions.subarray(3))).toThrow(RangeError);
    expect(() => deform(positions, new Float64Array(12))).toThrow(RangeError);
  });
});

it("deforms each vertex by its own map", () => {
  const transforms = Float64Array.of(...AFFINE, 0, 1, 0, 1, 0, 0, 0, 0, 2, 0, 0, 1);
  const moved = deform(Float64Array.of(1, 2, 3, 4, 5, 6), transforms);
  closeTo(
    moved,
    [1.1 + 0.1 - 0.6 + 5, 0.2 + 1.8 + 0.3 - 7, -0.1 + 0.6 + 3.6 + 30, 5, 4, 13],
    1e-12,
  );
});
