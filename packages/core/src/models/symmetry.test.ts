import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { random, sampleModel } from "../../test/sample-model.js";
import { needs, shared } from "../../test/shared.js";
import { openEosFolder } from "./readers/surrey.node.js";
import { findSymmetry } from "./symmetry.js";

const model = sampleModel({ rows: 20, columns: 24 });

describe("an ellipsoid", () => {
  test("has the symmetry it was made with, though its quads are cut one way", () => {
    expect(findSymmetry(model.mean, model.triangles)).toEqual(model.symmetry);
  });

  test("also when it is askew, shifted and turned", () => {
    const next = random(2);
    for (const [noise, angle, shift] of [
      [1.5, 0, 0],
      [0, 0.03, 2],
      [1, 0.02, -1.5],
    ] as const) {
      const mean = model.mean.slice();
      for (let i = 0; i < mean.length; i += 3) {
        const [x, y, z] = model.mean.subarray(i, i + 3) as unknown as [number, number, number];
        mean[i] = x * Math.cos(angle) + z * Math.sin(angle) + shift + noise * (next() - 0.5);
        mean[i + 1] = y + noise * (next() - 0.5);
        mean[i + 2] = z * Math.cos(angle) - x * Math.sin(angle) + noise * (next() - 0.5);
      }
      expect(findSymmetry(mean, model.triangles)).toEqual(model.symmetry);
    }
  });

  test("with a second layer in the same place keeps the layers apart", () => {
    // Rows 0 to 7 twice, both hanging on row 8.
    const count = model.mean.length / 3;
    const doubled = 8 * 24;
    const mean = Float32Array.of(...model.mean, ...model.mean.subarray(0, 3 * doubled));
    const second = (v: number) => (v < doubled ? v + count : v);
    const layer: number[] = [];
    for (let t = 0; t < model.triangles.length; t += 3) {
      const corners = [...model.triangles.subarray(t, t + 3)];
      if (corners.some((v) => v < doubled)) layer.push(...corners.map(second));
    }
    const found = findSymmetry(mean, Uint32Array.of(...model.triangles, ...layer));
    const images = [...model.symmetry!];
    expect(found).toEqual(Uint32Array.of(...images, ...images.slice(0, doubled).map(second)));
  });

  test("with a piece missing on one side is not symmetric", () => {
    const used = new Set<number>(model.triangles.subarray(0, 60));
    expect(used.size).toBeGreaterThan(3);
    expect(findSymmetry(model.mean, model.triangles.subarray(60))).toBeNull();
  });
});

test("lopsided and degenerate meshes are not symmetric", () => {
  const lopsided = model.mean.map((value, i) => (i % 3 === 0 && value > 0 ? value * 1.6 : value));
  expect(findSymmetry(lopsided, model.triangles)).toBeNull();
  expect(findSymmetry(new Float32Array(model.mean.length), model.triangles)).toBeNull();
  expect(
    findSymmetry(
      model.mean.map(() => Number.NaN),
      model.triangles,
    ),
  ).toBeNull();
  // So far away that a neighbouring cube has the same number.
  const far = model.mean.slice();
  far[0] = 1e30;
  expect(findSymmetry(far, model.triangles)).toBeNull();
  const heap = Float32Array.from({ length: 3 * 20_000 }, (_, i) => (i < 60 ? i : 0));
  expect(
    findSymmetry(
      heap,
      Uint32Array.from({ length: 60 }, (_, i) => i % 20),
    ),
  ).toBeNull();
});

const SFM = "surrey-face-model/sfm_reference_symmetry.txt";

test.skipIf(!shared(SFM))(
  needs(SFM, "agrees with the symmetry that the Surrey Face Model publishes for 845 vertices"),
  async () => {
    const { symmetry } = await openEosFolder(shared("surrey-face-model")!);
    const published = readFileSync(shared(SFM)!, "utf8")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => Number.parseInt(line, 10) - 1);
    expect(published.length).toBe(845);
    const different = published.filter((image, v) => symmetry![v] !== image);
    expect(different).toEqual([]);
  },
);
