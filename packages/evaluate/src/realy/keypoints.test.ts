import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluateModel, loadModel, type MorphableModel, surfacePositions } from "@ganfit/core";
import { beforeAll, describe, expect, test } from "vitest";
import { parseObj } from "../files/obj.js";
import { readMesh } from "../files/read-mesh.node.js";
import { exportTopology } from "./head-export.js";
import { writeRealyHead, writeRealyTopology } from "./head-export.node.js";
import { realyKeypoints } from "./keypoints.js";
import { keypointsOf } from "./topology.js";
import { readTopology } from "./topology.node.js";

let model: MorphableModel;
beforeAll(async () => {
  model = await loadModel("default");
});

/** Mirror images among the extra keypoints; 79 is its own. */
const PAIRS = [
  [68, 69],
  [70, 71],
  [72, 73],
  [74, 75],
  [76, 77],
  [78, 80],
  [79, 79],
  [81, 82],
  [83, 84],
] as const;

describe("realyKeypoints", () => {
  const places = () => {
    const points = surfacePositions(model.mean, model.triangles, realyKeypoints(model));
    return (i: number) => points.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
  };

  test("the first 68 are the model's own", () => {
    const own = surfacePositions(model.mean, model.triangles, model.landmarks!.ibug68!);
    const at = places();
    for (let i = 0; i < 68; i++) expect([...at(i)]).toEqual([...own.subarray(3 * i, 3 * i + 3)]);
  });

  test("the others are mirror images on the symmetric default head", () => {
    const at = places();
    for (const [right, left] of PAIRS) {
      const [x, y, z] = at(right);
      const [mx, my, mz] = at(left);
      expect(Math.hypot(x + mx, y - my, z - mz)).toBeLessThan(0.3);
    }
  });

  test("the others lie where REALY's paper shows them", () => {
    const at = places();
    const between = (value: number, a: number, b: number) => {
      expect(value).toBeGreaterThan(Math.min(a, b));
      expect(value).toBeLessThan(Math.max(a, b));
    };
    // Beside the nose, between its wing and the outer corner of the eye.
    between(at(70)[0], at(31)[0], at(36)[0]);
    between(at(70)[1], at(33)[1], at(36)[1]);
    // Under the eyes, the cheekbone, beside the mouth; from the middle outwards 68, 74.
    between(at(68)[1], at(36)[1], at(33)[1]);
    between(at(76)[1], at(68)[1], at(48)[1]);
    expect(at(74)[0]).toBeLessThan(at(68)[0]);
    expect(at(72)[0]).toBeLessThan(at(48)[0]);
    // Between the lower lip and the chin.
    for (const i of [78, 79, 80]) between(at(i)[1], at(57)[1], at(8)[1]);
  });

  test("they stay on the same places of another head, written and read", async () => {
    const head = evaluateModel(
      model,
      model.identity.names.map((_, i) => (i < 10 ? 1 : 0)),
      model.expression.names.map(() => 0),
    );
    const points = realyKeypoints(model);
    const moved = surfacePositions(head, model.triangles, points);
    const folder = await mkdtemp(join(tmpdir(), "realy-head-"));
    try {
      const exported = exportTopology(model);
      await writeRealyTopology(folder, "own", exported);
      await writeRealyHead(join(folder, "7.obj"), exported, head);
      const topology = await readTopology(join(folder, "own.obj"), join(folder, "own.txt"));
      const { positions } = await readMesh(join(folder, "7.obj"));
      const found = keypointsOf(topology, positions);
      for (let i = 0; i < moved.length; i++) expect(found[i]).toBeCloseTo(moved[i]!, 3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("says what a model lacks", () => {
    expect(() => realyKeypoints({ ...model, landmarks: null })).toThrow(/no iBUG landmarks/);
    expect(() => realyKeypoints({ ...model, uv: null })).toThrow(/not laid out/);
    expect(() => realyKeypoints({ ...model, parts: [] })).toThrow(/no skin/);
    const uv = { ...model.uv!, coordinates: model.uv!.coordinates.map((value) => value / 10) };
    expect(() => realyKeypoints({ ...model, uv })).toThrow(/no skin at/);
  });
});

test("the exported topology is whole and shows skin and eyes only", () => {
  const { parts, objText } = exportTopology(model);
  const { vertices, triangles } = parts;
  const mesh = parseObj(new TextEncoder().encode(objText), "own.obj");
  expect(mesh.positions.length).toBe(3 * vertices.length);
  expect([...mesh.triangles]).toEqual([...triangles]);
  expect(new Set(triangles).size).toBe(vertices.length);
  const count = model.parts
    .filter(({ kind }) => kind === "skin" || kind === "eyes")
    .reduce((sum, part) => sum + part.count, 0);
  expect(triangles.length).toBe(3 * count);
});
