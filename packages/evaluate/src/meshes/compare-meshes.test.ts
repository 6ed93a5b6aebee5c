import { describe, expect, it } from "vitest";
import { icosphere, inradius, motionAbout, relief } from "../../test/now-shapes.js";
import { movePoints } from "../geometry/similarity3.js";
import { mean } from "../statistics/statistics.js";
import { compareMeshes } from "./compare-meshes.js";

const { mesh: truth, landmarks } = relief(21, 19);
const motion = motionAbout([0.3, -2, 1], [50, 60, -70], 1.3);
const moved = { ...truth, positions: movePoints(truth.positions, motion) };
const movedLandmarks = movePoints(landmarks, motion);
const largest = (values: Float64Array) => Math.max(...values);

describe("compareMeshes", () => {
  it("is 0 both ways for a mesh that was moved and scaled", () => {
    const found = compareMeshes({
      truth,
      mesh: moved,
      align: "similarity",
      landmarks: { truth: landmarks, mesh: movedLandmarks },
      region: null,
    });
    expect(found.vertices.length).toBe(truth.positions.length / 3);
    expect(largest(found.truthToMesh)).toBeLessThan(1e-6);
    expect(largest(found.meshToTruth)).toBeLessThan(1e-6);
  });

  it("undoes turns and shifts, but no scale, where only these are allowed", () => {
    const scaleOf = (factor: number) => {
      const sphere = icosphere(3);
      const bigger = sphere.positions.map((value, i) => 50 * factor * value + [7, 8, 9][i % 3]!);
      return compareMeshes({
        truth: { ...sphere, positions: sphere.positions.map((value) => 50 * value) },
        mesh: { ...sphere, positions: bigger },
        align: "rigid",
        landmarks: { truth: sphere.positions.map((value) => 50 * value), mesh: bigger },
        region: null,
      });
    };
    expect(largest(scaleOf(1).truthToMesh)).toBeLessThan(1e-9);
    const deepest = 50 * (1 - inradius(icosphere(3)));
    expect(Math.abs(mean(scaleOf(1.04).truthToMesh) - 2)).toBeLessThan(1.04 * deepest);
    expect(Math.abs(mean(scaleOf(1.04).meshToTruth) - 2)).toBeLessThan(1.04 * deepest);
  });

  it("takes meshes as they lie", () => {
    const up = truth.positions.map((value, i) => (i % 3 === 2 ? value + 4 : value));
    const found = compareMeshes({
      truth,
      mesh: { ...truth, positions: up },
      align: "none",
      landmarks: null,
      region: null,
    });
    expect(mean(found.truthToMesh)).toBeGreaterThan(2);
    expect(largest(found.truthToMesh)).toBeLessThanOrEqual(4 + 1e-9);
  });

  it("measures a plate a known height above another, in the region alone", () => {
    const plate = (z: number, half: number) => ({
      positions: Float64Array.of(
        -half,
        -half,
        z,
        half,
        -half,
        z,
        half,
        half,
        z,
        -half,
        half,
        z,
        0,
        0,
        z,
      ),
      triangles: Uint32Array.of(0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4),
    });
    const found = compareMeshes({
      truth: plate(0, 30),
      mesh: plate(2.5, 50),
      align: "none",
      landmarks: null,
      region: { centre: [0, 0, 0], radius: 45 },
    });
    expect([...found.vertices]).toEqual([0, 1, 2, 3, 4]);
    expect([...found.truthToMesh]).toEqual([2.5, 2.5, 2.5, 2.5, 2.5]);
    // The reconstruction's corners are farther than 45 from the centre.
    expect([...found.meshToTruth]).toEqual([2.5]);
  });

  it("passes over vertices of no triangle", () => {
    const stray = { ...moved, positions: Float64Array.of(...moved.positions, 0, 0, 9000) };
    const found = compareMeshes({
      truth: { ...truth, positions: Float64Array.of(...truth.positions, 5000, 0, 0) },
      mesh: stray,
      align: "similarity",
      landmarks: { truth: landmarks, mesh: movedLandmarks },
      region: null,
    });
    expect(largest(found.truthToMesh)).toBeLessThan(1e-6);
    expect(largest(found.meshToTruth)).toBeLessThan(1e-6);
  });

  it("says that there is nothing to be measured", () => {
    const pair = { truth, mesh: moved, align: "none", landmarks: null } as const;
    const far = { centre: [1e4, 0, 0], radius: 10 };
    expect(() => compareMeshes({ ...pair, region: far })).toThrow("of the ground truth lies");
    const near = { centre: [0, 0, 60], radius: 20 };
    expect(() => compareMeshes({ ...pair, region: near })).toThrow("of the aligned reconstruction");
    const empty = { ...truth, triangles: new Uint32Array(0) };
    expect(() => compareMeshes({ ...pair, mesh: empty, region: null })).toThrow("no triangles");
    expect(() => compareMeshes({ ...pair, align: "rigid", region: null })).toThrow(
      "needs landmarks",
    );
  });
});
