import {
  DEFAULT_MODEL,
  evaluateModel,
  loadModel,
  SurfaceIndex,
  surfacePositions,
} from "@ganfit/core";
import { expect, test } from "vitest";
import { movePoints } from "../geometry/similarity3.js";
import { exportTopology } from "../realy/head-export.js";
import { displace } from "./displacement.js";
import { knownHead, meanHead, skinOf } from "./known-heads.js";
import { makeScan } from "./make-scan.js";
import { NEW_VERTEX } from "./scan-defects.js";
import { scanRegions } from "./scan-regions.js";
import { scannedMesh, scanSurface, spread } from "./scan-surface.js";
import { DISPLACEMENT, faceOf, reconstructions } from "./systems.js";

const model = await loadModel(DEFAULT_MODEL);
const skin = skinOf(model);
const mean = meanHead(skin);
const head = knownHead(skin, 11);
const surface = scanSurface(skin, 2500);

/** Of long arrays, which `toEqual` takes seconds for. */
function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => value === b[i]);
}

test("a known head is the model's with its coefficients, skin alone", () => {
  const whole = evaluateModel(
    model,
    head.identity,
    new Float32Array(model.expression.names.length),
  );
  const expected = [...skin.vertices].flatMap((v) => [...whole.subarray(3 * v, 3 * v + 3)]);
  expect(same(head.mesh.positions, expected)).toBe(true);
  const marks = surfacePositions(whole, model.triangles, model.landmarks!.ibug68!);
  head.landmarks.forEach((value, i) => {
    expect(value).toBeCloseTo(marks[i]!, 4);
  });
  const kinds = model.parts.filter(({ kind }) => kind === "skin");
  expect(skin.triangles.length / 3).toBe(kinds.reduce((sum, { count }) => sum + count, 0));
});

test("identities are standard normal within 2.5, and the seed's", () => {
  const all = Array.from({ length: 8 }, (_, seed) => [...knownHead(skin, seed).identity]).flat();
  expect(Math.max(...all.map(Math.abs))).toBe(2.5);
  const square = all.reduce((sum, value) => sum + value ** 2, 0) / all.length;
  // Of N(0, 1) cut off at 2.5 the mean square is 0.97.
  expect(square).toBeGreaterThan(0.85);
  expect(square).toBeLessThan(1.1);
  expect(same(knownHead(skin, 11).mesh.positions, head.mesh.positions)).toBe(true);
});

test("skin and eyes together are the topology that REALY's predictions are exported in", () => {
  const topology = exportTopology(model).parts;
  const parts = skinOf(model, ["skin", "eyes"]);
  expect(same(parts.vertices, topology.vertices)).toBe(true);
  expect(same(parts.triangles, topology.triangles)).toBe(true);
});

test("a scanned surface lies on the head, seen from outside", () => {
  for (const vertices of [2500, 12_000]) {
    const own = vertices === 2500 ? surface : scanSurface(skin, vertices);
    const { positions, triangles } = scannedMesh(own, head);
    expect(positions.length / 3).toBe(vertices);
    const truth = new SurfaceIndex(head.mesh.positions, head.mesh.triangles);
    for (let v = 0; v < vertices; v += 17) {
      const [x, y, z] = positions.subarray(3 * v, 3 * v + 3);
      expect(truth.closest(x!, y!, z!)!.distance).toBeLessThan(1e-4);
    }
    // Nothing of the back of the head, of the mouth's inside.
    const deepest = Math.min(...positions.filter((_, i) => i % 3 === 2));
    expect(deepest).toBeGreaterThan(head.landmarks[3 * 30 + 2]! - 170);
    expect(new Set(triangles).size).toBe(vertices);
  }
});

test("a scan's landmarks lie on it within its noise, and its truth is known", () => {
  const noise = 0.2;
  for (let seed = 0; seed < 4; seed++) {
    const own = knownHead(skin, 100 + seed);
    const motion = { degrees: 20, shift: 60 };
    const scan = makeScan(surface, own, { seed, noise, motion, strands: 20 });
    const index = new SurfaceIndex(scan.mesh.positions, scan.mesh.triangles);
    for (let i = 0; i < scan.landmarks.length; i += 3) {
      const [x, y, z] = scan.landmarks.subarray(i, i + 3);
      expect(index.closest(x!, y!, z!)!.distance).toBeLessThan(3 * noise);
    }
    const truth = movePoints(scannedMesh(surface, own).positions, scan.motion);
    let [count, hair, squares] = [0, 0, 0];
    scan.source.forEach((from, to) => {
      if (from === NEW_VERTEX) {
        hair++;
        return;
      }
      count++;
      for (let k = 0; k < 3; k++) {
        squares += (scan.mesh.positions[3 * to + k]! - truth[3 * from + k]!) ** 2;
      }
    });
    expect(Math.abs(Math.sqrt(squares / count) / noise - 1)).toBeLessThan(4 / Math.sqrt(2 * count));
    expect(hair).toBe(scan.defects.hair);
    expect(hair).toBe(20 * 14);
    expect(count).toBeGreaterThan(1800);
    // Each hole is there: nothing of the truth within it is left.
    const still = scannedMesh(surface, own).positions;
    expect(scan.defects.holes.length).toBeGreaterThanOrEqual(3);
    for (const { centre, radius } of scan.defects.holes) {
      const left = [...scan.source].filter(
        (v) =>
          v !== NEW_VERTEX && Math.hypot(...centre.map((c, k) => still[3 * v + k]! - c)) < radius,
      );
      expect(left).toEqual([]);
    }
  }
});

test("a fine scan has all its holes", () => {
  const fine = scanSurface(skin, 12_000);
  const options = { seed: 1, noise: 0.2, motion: { degrees: 20, shift: 60 }, strands: 0 };
  const { holes } = makeScan(fine, head, options).defects;
  expect(holes.length).toBe(5);
  for (const { radius } of holes) expect(radius).toBeGreaterThan(1);
});

test("hair keeps out of the face that protocols measure", () => {
  const options = { seed: 5, noise: 0, motion: { degrees: 0, shift: 0 }, strands: 200 };
  const { mesh, source } = makeScan(surface, head, options);
  const nose = head.landmarks.subarray(3 * 30, 3 * 31);
  source.forEach((from, v) => {
    if (from !== NEW_VERTEX) return;
    const away = Math.hypot(...[0, 1, 2].map((k) => mesh.positions[3 * v + k]! - nose[k]!));
    expect(away).toBeGreaterThan(100);
  });
});

test("a displacement has the mean asked for, along the normals, and is smooth", () => {
  const within = faceOf(head);
  const { positions, displacement } = displace(head.mesh, { seed: 3, mean: 1.5, within });
  let [sum, count] = [0, 0];
  let steepest = 0;
  let worst = 0;
  displacement.forEach((value, v) => {
    const moved = [0, 1, 2].map((k) => positions[3 * v + k]! - head.mesh.positions[3 * v + k]!);
    worst = Math.max(worst, Math.abs(Math.hypot(...moved) - Math.abs(value)));
    if (!within(v)) return;
    sum += Math.abs(value);
    count++;
  });
  for (let c = 0; c < skin.triangles.length; c += 3) {
    const [a, b] = [skin.triangles[c]!, skin.triangles[c + 1]!];
    const apart = Math.hypot(
      ...[0, 1, 2].map((k) => head.mesh.positions[3 * a + k]! - head.mesh.positions[3 * b + k]!),
    );
    steepest = Math.max(steepest, Math.abs(displacement[a]! - displacement[b]!) / apart);
  }
  expect(worst).toBeLessThan(1e-5);
  expect(sum / count).toBeCloseTo(1.5, 12);
  expect(steepest).toBeLessThan(1);
});

test("the displaced surface is nearly as far from the truth as it was moved", () => {
  const { positions } = reconstructions(head, mean, { seed: 9 });
  const face = faceOf(head);
  const index = new SurfaceIndex(head.mesh.positions, head.mesh.triangles);
  let [sum, count] = [0, 0];
  for (let v = 0; v < skin.vertices.length; v += 5) {
    if (!face(v)) continue;
    const [x, y, z] = positions.displaced.subarray(3 * v, 3 * v + 3);
    sum += index.closest(x!, y!, z!)!.distance;
    count++;
  }
  expect(sum / count).toBeGreaterThan(0.85 * DISPLACEMENT);
  expect(sum / count).toBeLessThan(1.05 * DISPLACEMENT);
});

test("regions lie where their landmarks are", () => {
  const marked = scanRegions(head.landmarks, head.landmarks);
  for (let i = 27; i < 36; i++) expect(marked[i]).toBe("nose");
  for (let i = 48; i < 68; i++) expect(marked[i]).toBe("mouth");
  for (let i = 17; i < 27; i++) expect(marked[i]).toBe("forehead");
  for (let i = 36; i < 48; i++) expect(marked[i]).toBe("forehead");
  const regions = scanRegions(spread(surface, mean.mesh.positions), mean.landmarks);
  const share = (region: string | null) =>
    regions.filter((own) => own === region).length / regions.length;
  for (const region of ["nose", "mouth", "forehead", "cheek"]) {
    expect(share(region)).toBeGreaterThan(0.05);
  }
  expect(share(null)).toBeLessThan(0.5);
});
