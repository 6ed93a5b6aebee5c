import { describe, expect, test } from "vitest";
import { person, sample } from "../../test/realy-case.js";
import { pickPoints } from "../geometry/points.js";
import { deformRegion } from "./region-deform.js";

/** 13 x 9 vertices around the nose, a unit apart. */
const REGION = (() => {
  const mesh = sample(person(3), { x: [-24, 24], y: [-20, 12], spacing: 4 });
  return { ...mesh, positions: mesh.positions.map((value) => value / 4) };
})();

/** A stretch, a shear and a shift, small beside the distances of vertices. */
const affine = (points: Float64Array, strength: number) => {
  const out = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    out[i] = x + strength * (0.02 * x + 0.01 * z - 0.2);
    out[i + 1] = y + strength * (0.03 * x - 0.02 * y);
    out[i + 2] = z + strength * (0.02 * y + 0.1);
  }
  return out;
};

const most = (a: Float64Array, b: Float64Array) =>
  a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i]!)), 0);

const marksAt = (vertices: readonly number[], strength: number) => ({
  vertices: Uint32Array.from(vertices),
  targets: affine(pickPoints(REGION.positions, vertices), strength),
});

describe("deformRegion", () => {
  // An affine map of the whole costs no stiffness, so that every term is zero at it.
  test("follows an affine map exactly, led by keypoints far beyond the nearest vertices", () => {
    const cloud = affine(REGION.positions, 8);
    const marks = marksAt([0, 12, 58, 60, 70, 104, 116], 8);
    expect(most(cloud, REGION.positions)).toBeGreaterThan(2);
    expect(most(deformRegion(REGION, cloud, marks), cloud)).toBeLessThan(1e-6);
  });

  test("without keypoints, as long as the nearest vertices are the right ones", () => {
    const cloud = affine(REGION.positions, 0.5);
    expect(most(deformRegion(REGION, cloud, null), cloud)).toBeLessThan(1e-6);
  });

  test("stays where it is on its own cloud", () => {
    const still = deformRegion(REGION, REGION.positions, null);
    expect(most(still, REGION.positions)).toBeLessThan(1e-9);
  });

  test("of two targets of one vertex the last counts", () => {
    const cloud = affine(REGION.positions, 1);
    const once = marksAt([0, 12, 58, 60, 104, 116], 1);
    const twice = {
      vertices: Uint32Array.from([58, ...once.vertices]),
      targets: Float64Array.from([9, 9, 9, ...once.targets]),
    };
    expect(deformRegion(REGION, cloud, twice)).toEqual(deformRegion(REGION, cloud, once));
  });

  test("a vertex far from the cloud is drawn by its neighbours only", () => {
    const bump = REGION.positions.slice();
    bump[3 * 58 + 2]! += 30;
    const spiked = { ...REGION, positions: bump };
    const deformed = deformRegion(spiked, REGION.positions, null);
    // Its data row has weight 0; the stiffness carries it along instead of pulling it down.
    expect(deformed[3 * 58 + 2]! - REGION.positions[3 * 58 + 2]!).toBeGreaterThan(10);
  });

  test("goes on where the keypoints determine nothing but a line", () => {
    const deformed = deformRegion(REGION, REGION.positions, marksAt([0, 1], 0));
    // The cloud is the region itself, and so are the two keypoints: nothing moves.
    deformed.forEach((x, i) => {
      expect(x).toBeCloseTo(REGION.positions[i]!, 4);
    });
  });
});
