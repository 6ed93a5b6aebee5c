import { describe, expect, it } from "vitest";
import { icosphere, inradius, motionAbout, relief } from "../../test/now-shapes.js";
import { movePoints } from "../geometry/similarity3.js";
import { mean } from "../statistics/statistics.js";
import { nowDistances } from "./now-distances.js";

const worst = (distances: Float64Array) => Math.max(...distances);
const scaled = (points: Float64Array, factor: number) => points.map((value) => factor * value);

describe("the NoW metric", () => {
  const { mesh: scan, landmarks: scanLandmarks } = relief(1, 25);

  it("is 0 for the scan itself", () => {
    const { crop, distances, reflected } = nowDistances({
      scan,
      scanLandmarks,
      mesh: scan,
      meshLandmarks: scanLandmarks,
      unit: null,
    });
    expect(distances.length).toBe(crop.positions.length / 3);
    expect(distances.length).toBeGreaterThan(200);
    expect(distances.length).toBeLessThan(scan.positions.length / 3);
    expect(worst(distances)).toBeLessThan(1e-9);
    expect(reflected).toBe(false);
  });

  it("takes no notice of turning, moving and scaling, nor of landmarks that are a little off", () => {
    const motion = motionAbout([1, -2, 0.5], [400, -30, 7], 0.013);
    const meshLandmarks = movePoints(
      scanLandmarks.map((value, i) => value + [2, -1.5, 1, -2][i % 4]!),
      motion,
    );
    const mesh = { ...scan, positions: movePoints(scan.positions, motion) };
    const { distances } = nowDistances({ scan, scanLandmarks, mesh, meshLandmarks, unit: null });
    expect(worst(distances)).toBeLessThan(1e-6);
  });

  it("mirrors a mesh whose landmarks fit better so", () => {
    const mirrored = (points: Float64Array) => points.map((value, i) => (i % 3 ? value : -value));
    const { distances, reflected } = nowDistances({
      scan,
      scanLandmarks,
      mesh: { ...scan, positions: mirrored(scan.positions) },
      meshLandmarks: mirrored(scanLandmarks),
      unit: null,
    });
    expect(reflected).toBe(true);
    expect(worst(distances)).toBeLessThan(1e-6);
  });

  it("passes over triangles without area", () => {
    const far = scan.positions.length / 3;
    const mesh = {
      positions: Float64Array.of(...scan.positions, 0, 0, 1000, 1, 0, 1001, 2, 0, 1002),
      triangles: Uint32Array.of(...scan.triangles, far, far + 1, far + 2, 5, 5, 6),
    };
    const input = { scan, scanLandmarks, mesh, meshLandmarks: scanLandmarks, unit: null };
    expect(worst(nowDistances(input).distances)).toBeLessThan(1e-9);
    const nothing = { ...mesh, triangles: mesh.triangles.slice(-6) };
    expect(() => nowDistances({ ...input, mesh: nothing })).toThrow("no triangle with an area");
  });

  it("says that landmarks belong to another scan", () => {
    const away = scanLandmarks.map((value) => value + 1000);
    expect(() =>
      nowDistances({ scan, scanLandmarks: away, mesh: scan, meshLandmarks: away, unit: null }),
    ).toThrow("No vertex of the scan");
  });
});

describe("the NoW metric on spheres", () => {
  // Landmarks such that the mask has the sphere's centre and 2.1 times its radius.
  const landmarks = Float64Array.of(
    ...[-1, 0, 0, -0.1, 0.7, 0.2, 0.1, 0.7, -0.2, 1, 0, 0, 0, -0.3, 0],
    ...[-0.3, -0.5, 0.4, 0.3, -0.5, 0.6],
  );
  const sphere = icosphere(3);
  const of = (radius: number) => ({ ...sphere, positions: scaled(sphere.positions, radius) });
  const scan = of(50);
  const scanLandmarks = scaled(landmarks, 50);

  it.each([
    ["mm", 1],
    ["cm", 10],
    ["m", 1000],
  ] as const)("is, metrically, by how much the radii differ, in %s", (unit, millimetres) => {
    const grown = {
      mesh: of(53 / millimetres),
      meshLandmarks: scaled(landmarks, 53 / millimetres),
    };
    const { crop, distances } = nowDistances({ scan, scanLandmarks, ...grown, unit });
    expect(crop.positions.length).toBe(scan.positions.length);
    // Between the balls inside and about the polyhedron.
    expect(Math.min(...distances)).toBeGreaterThan(53 * inradius(sphere) - 50 - 1e-3);
    expect(worst(distances)).toBeLessThanOrEqual(3 + 1e-3);
    const free = nowDistances({ scan, scanLandmarks, ...grown, unit: null });
    expect(worst(free.distances)).toBeLessThan(1e-6);
  });

  it("is the mean of what vertices are moved along normals", () => {
    const side = (vertex: number) => (vertex % 2 === 0 ? 1 : -1);
    const rough = {
      ...sphere,
      positions: sphere.positions.map((value, i) => value * (50 + 0.8 * side(Math.floor(i / 3)))),
    };
    const { distances } = nowDistances({
      scan: rough,
      scanLandmarks,
      mesh: scan,
      meshLandmarks: scanLandmarks,
      unit: "mm",
    });
    const deepest = 50 * (1 - inradius(sphere));
    expect(Math.abs(mean(distances) - 0.8)).toBeLessThan(deepest);
  });
});
