import { randomUniform, vertexNormals } from "@ganfit/core";
import { expect, test } from "vitest";
import type { Mesh } from "../geometry/mesh.js";
import { alignPoints } from "../geometry/similarity3.js";
import { seedFor } from "../seeds.js";
import { addHair } from "./hair.js";
import { randomMotion } from "./random-motion.js";
import {
  addNoise,
  changeOrder,
  changePose,
  cutHoles,
  cutOff,
  inTurn,
  NEW_VERTEX,
} from "./scan-defects.js";

/** A ball of radius 50, `2 n x n` vertices in rings. */
function ball(n: number): Mesh {
  const positions: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < 2 * n; j++) {
      const [a, b] = [(Math.PI * (i + 0.5)) / n, (Math.PI * (j + 0.5 * (i % 2))) / n];
      positions.push(
        50 * Math.sin(a) * Math.cos(b),
        50 * Math.sin(a) * Math.sin(b),
        50 * Math.cos(a),
      );
      if (i === n - 1) continue;
      const [v, w] = [i * 2 * n + j, i * 2 * n + ((j + 1) % (2 * n))];
      triangles.push(v, v + 2 * n, w, w, v + 2 * n, w + 2 * n);
    }
  }
  return { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) };
}

const mesh = ball(25);
const COUNT = 1250;
const at = ({ positions }: Mesh, vertex: number) => [
  ...positions.subarray(3 * vertex, 3 * vertex + 3),
];

test("noise lies along the normals and has the standard deviation asked for", () => {
  const { mesh: noisy, source } = addNoise(mesh, { seed: 4, sigma: 0.3 });
  const normals = vertexNormals(Float32Array.from(mesh.positions), mesh.triangles);
  let [sum, squares, across] = [0, 0, 0];
  for (let v = 0; v < source.length; v++) {
    const moved = at(noisy, v).map((value, k) => value - at(mesh, v)[k]!);
    const along = moved.reduce((s, value, k) => s + value * normals[3 * v + k]!, 0);
    across = Math.max(across, Math.abs(Math.hypot(...moved) - Math.abs(along)));
    sum += along;
    squares += along ** 2;
  }
  expect(across).toBeLessThan(1e-6);
  const n = source.length;
  // Three standard errors of both estimates.
  expect(Math.abs(sum / n)).toBeLessThan((3 * 0.3) / Math.sqrt(n));
  expect(Math.abs(Math.sqrt(squares / n) / 0.3 - 1)).toBeLessThan(3 / Math.sqrt(2 * n));
  expect(addNoise(mesh, { seed: 4, sigma: 0.3 }).mesh).toEqual(noisy);
  expect(addNoise(mesh, { seed: 5, sigma: 0.3 }).mesh).not.toEqual(noisy);
});

test("holes take what lies within them and nothing else", () => {
  const patches = [
    { centre: [50, 0, 0], radius: 12 },
    { centre: [0, 0, -50], radius: 5 },
  ] as const;
  const { mesh: left, source } = cutHoles(mesh, patches);
  const inside = (point: number[]) =>
    patches.some(
      ({ centre, radius }) => Math.hypot(...point.map((x, k) => x - centre[k]!)) < radius,
    );
  const expected = [...Array(COUNT).keys()].filter((v) => !inside(at(mesh, v)));
  expect([...source]).toEqual(expected);
  expect(expected.length).toBeLessThan(COUNT);
  source.forEach((from, to) => {
    expect(at(left, to)).toEqual(at(mesh, from));
  });
  // Of a ring around a hole every triangle is there that has its corners.
  const whole = new Set(source);
  const kept = mesh.triangles.filter((_, c) =>
    mesh.triangles.subarray(c - (c % 3), c - (c % 3) + 3).every((v) => whole.has(v)),
  );
  expect([...left.triangles].map((v) => source[v])).toEqual([...kept]);
});

test("a cut leaves one side of its plane", () => {
  const { mesh: left, source } = cutOff(mesh, { normal: [0, 0.6, 0.8], offset: 10 });
  expect(source.length).toBeGreaterThan(COUNT / 5);
  expect(source.length).toBeLessThan(COUNT / 2);
  for (let v = 0; v < source.length; v++) {
    const [, y, z] = at(left, v);
    expect(0.6 * y! + 0.8 * z!).toBeGreaterThanOrEqual(10);
  }
});

test("another pose is the motion that it is said to be", () => {
  const motion = randomMotion(3, { degrees: 180, shift: 100, scale: [0.1, 10] });
  const found = alignPoints(mesh.positions, changePose(mesh, motion).mesh.positions);
  expect(found.scale).toBeCloseTo(motion.scale, 9);
  found.rotation.forEach((value, i) => {
    expect(value).toBeCloseTo(motion.rotation[i]!, 9);
  });
  found.translation.forEach((value, k) => {
    expect(value).toBeCloseTo(motion.translation[k]!, 6);
  });
});

test("random motions stay in their range", () => {
  for (let seed = 0; seed < 200; seed++) {
    const {
      scale,
      rotation: r,
      translation,
    } = randomMotion(seed, {
      degrees: 20,
      shift: 5,
      scale: [0.5, 2],
    });
    const cosine = (r[0]! + r[4]! + r[8]! - 1) / 2;
    expect(cosine).toBeGreaterThanOrEqual(Math.cos((20 * Math.PI) / 180) - 1e-12);
    expect(Math.max(...translation.map(Math.abs))).toBeLessThanOrEqual(5);
    expect(scale).toBeGreaterThanOrEqual(0.5);
    expect(scale).toBeLessThanOrEqual(2);
  }
});

test("another order is the same surface", () => {
  const { mesh: mixed, source } = changeOrder(mesh, 8);
  expect([...source].sort((a, b) => a - b)).toEqual([...Array(COUNT).keys()]);
  expect([...source]).not.toEqual([...Array(COUNT).keys()]);
  source.forEach((from, to) => {
    expect(at(mixed, to)).toEqual(at(mesh, from));
  });
  // From its smallest corner on, a triangle has the same name wherever it begins.
  const names = (triangles: ArrayLike<number>) =>
    Array.from({ length: triangles.length / 3 }, (_, t) => {
      const corners = [0, 1, 2].map((c) => triangles[3 * t + c]!);
      const first = corners.indexOf(Math.min(...corners));
      return [0, 1, 2].map((c) => corners[(first + c) % 3]).join(" ");
    });
  const back = names(Array.from(mixed.triangles, (v) => source[v]!));
  expect(back).not.toEqual(names(mesh.triangles));
  expect(back.sort()).toEqual(names(mesh.triangles).sort());
});

test("hair is joined to nothing and runs away from where it should", () => {
  const roots = [...Array(COUNT).keys()].filter((v) => at(mesh, v)[2]! > 40);
  const { mesh: hairy, source } = addHair(mesh, { seed: 2, strands: 50, roots, away: [0, 0, -50] });
  expect([...source.subarray(0, COUNT)]).toEqual([...Array(COUNT).keys()]);
  const added = source.subarray(COUNT);
  expect(added.length).toBe(50 * 14);
  expect(added.every((vertex) => vertex === NEW_VERTEX)).toBe(true);
  const more = hairy.triangles.subarray(mesh.triangles.length);
  expect(more.every((vertex) => vertex >= COUNT)).toBe(true);
  expect(new Set(more).size).toBe(added.length);
  for (let v = COUNT; v < source.length; v++) expect(at(hairy, v)[2]).toBeGreaterThan(30);
});

test("defects in turn still say where vertices come from", () => {
  const all = inTurn(mesh, [
    (m) => cutOff(m, { normal: [0, 0, 1], offset: -20 }),
    (m) => addHair(m, { seed: 1, strands: 3, roots: [0], away: [0, 0, -50] }),
    (m) => cutHoles(m, [{ centre: [50, 0, 0], radius: 9 }]),
    (m) => changeOrder(m, 6),
  ]);
  let hair = 0;
  all.source.forEach((from, to) => {
    if (from === NEW_VERTEX) hair++;
    else expect(at(all.mesh, to)).toEqual(at(mesh, from));
  });
  expect(hair).toBe(3 * 14);
});

test("seeds of different things differ", () => {
  const next = randomUniform(1);
  const labels = Array.from({ length: 2000 }, (_, i) => [
    i % 50,
    Math.floor(1e6 * next()),
    "noise",
  ]);
  const seeds = labels.map((label) => seedFor(7, ...label));
  expect(new Set(seeds).size).toBe(new Set(labels.map(String)).size);
  expect(seeds.every((seed) => seed >= 0 && seed < 2 ** 32 && Number.isInteger(seed))).toBe(true);
  expect(seedFor(7, 1, 2)).not.toBe(seedFor(7, 12));
});
