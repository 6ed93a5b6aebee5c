import { describe, expect, it } from "vitest";
import { bumpy, landmarked, MOTION, sheet } from "../../test/micc-faces.js";
import type { Mesh } from "../geometry/mesh.js";
import { pointAt } from "../geometry/points.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { verticesAround } from "./face-around.js";
import { type MarkedFace, miccDistance, miccDistanceOfTopology } from "./micc-distance.js";

const CELLS = 40;

function face(mesh: Mesh): MarkedFace {
  const marked = landmarked(mesh);
  return { ...marked, noseTip: pointAt(marked.landmarks, 30) };
}

function elsewhere(a: MarkedFace, motion: Similarity3): MarkedFace {
  return {
    ...a,
    positions: movePoints(a.positions, motion),
    landmarks: movePoints(a.landmarks, motion),
    noseTip: pointAt(movePoints(a.noseTip, motion), 0),
  };
}

/** Waves that no similarity takes away: odd about the nose tip in x and in y. */
const HEIGHT = 0.5;
const wave = (x: number, y: number) =>
  HEIGHT * Math.sin((2 * Math.PI * x) / 60) * Math.sin((2 * Math.PI * y) / 60);

describe.each([
  ["of one topology", miccDistanceOfTopology],
  ["by landmarks", miccDistance],
] as const)("the distance %s", (_, distanceOf) => {
  it("is nothing between a face and itself", () => {
    const { mean, forth, back } = distanceOf(face(sheet(CELLS)), face(sheet(CELLS)));
    expect(mean).toBeLessThan(1e-6);
    expect(forth.vertices).toEqual(back.vertices);
    expect(forth.distances).toHaveLength(forth.vertices.length);
  });

  it("is nothing between a face and itself elsewhere, turned", () => {
    const a = face(sheet(CELLS));
    const { mean } = distanceOf(a, elsewhere(a, { ...MOTION, scale: 1 }));
    expect(mean).toBeLessThan(1e-6);
  });

  it("is nothing between a face and itself larger", () => {
    const a = face(sheet(CELLS));
    const { mean } = distanceOf(a, elsewhere(a, MOTION));
    expect(mean).toBeLessThan(1e-6);
  });

  it("is the mean height of waves on a plane", () => {
    const waves = face(sheet(CELLS, wave));
    const { mean, forth, back } = distanceOf(waves, face(sheet(CELLS, () => 0)));
    const around = verticesAround(waves, waves.noseTip, 95);
    const expected =
      around.reduce((sum, v) => sum + Math.abs(waves.positions[3 * v + 2]!), 0) / around.length;
    expect(expected).toBeGreaterThan(0.15);
    // Forth, feet are straight below. menpo's scale is |feet| / |points|: with heights of h / 2 and distances from
    // the nose of 95 / sqrt(2), both root mean squares, it lacks (h / 95)^2 / 4 = 7e-6 of 1 in each of a few steps.
    expect(Math.abs(forth.mean / expected - 1)).toBeLessThan(1e-4);
    // Back, a wave's slope makes the nearest point nearer than straight above: by half the square of the steepest
    // slope, 2 pi h / 60, to the next order, at most.
    const slope = (2 * Math.PI * HEIGHT) / 60;
    expect(back.mean / expected).toBeLessThan(1 + 1e-4);
    expect(back.mean / expected).toBeGreaterThan(1 - slope ** 2);
    expect(mean).toBeCloseTo((forth.mean + back.mean) / 2, 12);
  });

  it("takes no notice of what lies farther than the radius from the nose tip", () => {
    const far = face(sheet(CELLS, (x, y) => bumpy(x, y) + (Math.hypot(x, y) > 85 ? 30 : 0)));
    const near = face(sheet(CELLS));
    expect(distanceOf(far, near, { radius: 60 }).forth.mean).toBeLessThan(1e-6);
    expect(distanceOf(far, near, { radius: 95 }).forth.mean).toBeGreaterThan(1);
  });

  it("forgives a scale, in the millimetres of the face that is measured against", () => {
    const bump = face(
      sheet(CELLS, (x, y) => bumpy(x, y) + 5 * Math.exp(-((x - 30) ** 2 + y ** 2) / 200)),
    );
    const a = face(sheet(CELLS));
    const at = (scale: number) =>
      distanceOf(bump, elsewhere(a, { ...MOTION, scale }), { tolerance: 1e-3 * scale });
    const same = at(1);
    const double = at(2);
    expect(double.forth.mean / same.forth.mean).toBeCloseTo(2, 5);
  });
});

describe("the distance of one topology", () => {
  it("keeps the last mean, even where it is more than the one before", () => {
    const flat = sheet(CELLS, () => 0);
    const spike = sheet(CELLS, (x, y) => (Math.hypot(x - 6, y - 6) < 1 ? 30 : 0));
    const { forth } = miccDistanceOfTopology(face(spike), face(flat));
    // Least squares tilt all to please one; before the first step all but one lay exactly.
    expect(forth.mean).toBeGreaterThan(1.2 * (30 / forth.vertices.length));
  });

  it("follows vertices, not closeness: a mesh turned by 90 degrees about itself comes back", () => {
    const a = face(sheet(CELLS));
    const turned = elsewhere(a, { ...MOTION, scale: 1, translation: [0, 0, 0] });
    expect(miccDistanceOfTopology(a, turned).mean).toBeLessThan(1e-6);
  });

  it("stops sooner where the faces lie on each other already, as the published loop does", () => {
    // What the first step is held against is the distance before anything has moved.
    const bump = face(
      sheet(CELLS, (x, y) => bumpy(x, y) + 5 * Math.exp(-((x - 30) ** 2 + y ** 2) / 200)),
    );
    const a = face(sheet(CELLS));
    const far = elsewhere(a, { ...MOTION, scale: 1 });
    const forthTo = (b: MarkedFace, tolerance?: number) =>
      miccDistanceOfTopology(bump, b, tolerance === undefined ? {} : { tolerance }).forth.mean;
    const oneStep = 1e9;
    expect(forthTo(a)).toBe(forthTo(a, oneStep));
    expect(Math.abs(forthTo(far, oneStep) - forthTo(far))).toBeGreaterThan(1e-4);
  });

  it("refuses another number of vertices", () => {
    expect(() => miccDistanceOfTopology(face(sheet(20)), face(sheet(22)))).toThrow(RangeError);
  });
});

describe("the distance by landmarks", () => {
  it("does not depend on how the surface is cut into triangles", () => {
    // Linear interpolation over cells of 6 mm misses by up to 6^2 / 8 times the sum of the curvatures, 0.034 + 0.016.
    expect(miccDistance(face(sheet(40)), face(sheet(56))).mean).toBeLessThan(0.225);
  });
});
