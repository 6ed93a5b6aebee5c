import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { needs, shared } from "../../../core/test/shared.js";
import { readMesh } from "../files/read-mesh.node.js";
import { pickPoints } from "../geometry/points.js";
import { alignPoints, movePoints } from "../geometry/similarity3.js";
import { keypointsOf, makeTopology, parseKeypointRows } from "./topology.js";
import { readTopology } from "./topology.node.js";
import { parseVertexMask } from "./vertex-mask.js";

const row = (triangle: number, first = 0.2, second = 0.3) => [triangle, first, second];
const rows = (change: (list: unknown[]) => void = () => {}) => {
  const list: unknown[] = Array.from({ length: 85 }, (_, i) => row(i % 2));
  change(list);
  return JSON.stringify(list);
};

describe("parseKeypointRows", () => {
  test("the third coordinate makes the sum 1", () => {
    const { triangles, weights } = parseKeypointRows(rows(), "a.txt");
    expect([...triangles.subarray(0, 3)]).toEqual([0, 1, 0]);
    expect([...weights.subarray(3, 6)]).toEqual([0.2, 0.3, 0.5]);
  });

  test.each([
    ["no JSON", "[[1, 2"],
    ["84 rows", rows((list) => list.pop())],
    ["86 rows", rows((list) => list.push(row(0)))],
    ["a row of two", rows((list) => (list[3] = [1, 0.5]))],
    ["a negative triangle", rows((list) => (list[3] = row(-1)))],
    ["half a triangle", rows((list) => (list[3] = row(0.5)))],
    ["a point outside", rows((list) => (list[3] = row(0, 0.9, 0.8)))],
    ["a coordinate of 7", rows((list) => (list[3] = row(0, 7, 0)))],
    ["null", rows((list) => (list[3] = [0, null, 0]))],
  ])("refuses %s, naming the file", (_, text) => {
    expect(() => parseKeypointRows(text, "a.txt")).toThrow(/^a\.txt is no REALY keypoint file/);
  });
});

describe("makeTopology", () => {
  const mesh = {
    positions: Float64Array.of(0, 0, 0, 10, 0, 0, 0, 10, 0, 10, 10, 5),
    triangles: Uint32Array.of(0, 1, 2, 1, 3, 2),
  };

  test("keypoints move with the mesh", () => {
    const topology = makeTopology("t", mesh, parseKeypointRows(rows(), "t.txt"));
    const points = keypointsOf(topology, mesh.positions);
    // 0.2 of the first corner, 0.3 of the second, 0.5 of the third.
    expect([...points.subarray(0, 3)]).toEqual([3, 5, 0]);
    expect([...points.subarray(3, 6)]).toEqual([5, 8, 1.5]);
    expect([...pickPoints(points, [1, 0])]).toEqual([5, 8, 1.5, 3, 5, 0]);
    const moved = keypointsOf(
      topology,
      mesh.positions.map((value) => 2 * value + 1),
    );
    for (let i = 0; i < moved.length; i++) expect(moved[i]).toBeCloseTo(2 * points[i]! + 1, 12);
  });

  test("refuses a triangle that the mesh does not have", () => {
    const parsed = parseKeypointRows(
      rows((list) => (list[40] = row(2))),
      "t.txt",
    );
    expect(() => makeTopology("t", mesh, parsed)).toThrow(
      /Keypoint 40 of topology t lies on triangle 2/,
    );
  });
});

test("masks hold 0 and 1 only", () => {
  expect([...parseVertexMask("0, 1,1\n0\n", "m.txt")]).toEqual([0, 1, 1, 0]);
  expect(() => parseVertexMask("0,2", "m.txt")).toThrow(/m\.txt .* number 2 is "2"/);
  expect(() => parseVertexMask(" \n", "m.txt")).toThrow(/empty/);
});

describe("published topologies", () => {
  const names = ["HIFI3D", "BFM09", "Deep3D", "FLAME"];
  const published = shared("realy");
  const load = async (name: string) => {
    const topology = await readTopology(`${published}/${name}.obj`, `${published}/${name}.txt`);
    const { positions } = await readMesh(`${published}/${name}.obj`);
    return keypointsOf(topology, positions);
  };

  test.skipIf(!published)(needs("realy", "the 68 first keypoints agree"), async () => {
    const first = (points: Float64Array) => points.subarray(0, 204);
    const target = await load("HIFI3D");
    // Between the outer corners of the eyes; the templates have different units.
    const eyes = Math.hypot(...[0, 1, 2].map((k) => target[3 * 36 + k]! - target[3 * 45 + k]!));
    for (const name of names) {
      const points = await load(name);
      const moved = movePoints(first(points), alignPoints(first(points), first(target)));
      let sum = 0;
      for (let i = 0; i < 68; i++) {
        sum += Math.hypot(...[0, 1, 2].map((k) => moved[3 * i + k]! - target[3 * i + k]!)) / 68;
      }
      // About 4 mm of 90; wrong triangles or corners would be off by much more.
      expect(sum / eyes).toBeLessThan(0.05);
    }
  });

  test.skipIf(!published)(needs("realy", "3DDFA_v2's keypoint file is sound"), async () => {
    const path = `${published}/3DDFA_v2.txt`;
    const { triangles, weights } = parseKeypointRows(await readFile(path, "utf8"), path);
    expect(triangles.length).toBe(85);
    for (let i = 0; i < 255; i += 3) {
      expect(weights[i]! + weights[i + 1]! + weights[i + 2]!).toBeCloseTo(1, 12);
    }
  });
});
