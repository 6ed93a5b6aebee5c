import { GanfitError } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { icosphere, inradius, motionAbout, randomNumbers, relief } from "../../test/now-shapes.js";
import {
  alignToSurface,
  distanceDerivatives,
  frameOf,
  motionOf,
  surfaceResiduals,
} from "./align-to-surface.js";
import { ClosestPointSearch } from "./closest-points.js";
import { composeSimilarities } from "./similarity-algebra.js";
import { movePoints } from "./similarity3.js";

const scaled = (points: Float64Array, factor: number) => points.map((value) => factor * value);
const squares = (distances: Float64Array) => distances.reduce((sum, d) => sum + d * d, 0);

describe("the derivatives of distances", () => {
  it("are those of finite differences", () => {
    const random = randomNumbers(5);
    const { mesh } = relief(2, 15);
    const search = new ClosestPointSearch(mesh);
    const points = Float64Array.from({ length: 3 * 60 }, (_, i) =>
      i % 3 === 2 ? 20 + 60 * random() : 240 * random() - 120,
    );
    const frame = frameOf(points);
    const motion = motionAbout([0.2, -0.3, 0.1], [3, -2, 5], 1.2);
    const now = surfaceResiduals(points, search, motion);
    const row = new Float64Array(7);
    const h = 1e-4;
    let worst = 0;
    for (let k = 0; k < 7; k++) {
      const at = (step: number) => {
        const parameters = Array.from({ length: 7 }, (_, j) => (j === k ? step : 0));
        const moved = composeSimilarities(motionOf(parameters, frame, true), motion);
        return surfaceResiduals(points, search, moved).distances;
      };
      const [ahead, behind] = [at(h), at(-h)];
      for (let i = 0; i < 60; i++) {
        distanceDerivatives(now, i, frame, row);
        worst = Math.max(worst, Math.abs((ahead[i]! - behind[i]!) / (2 * h) - row[k]!));
      }
    }
    expect(worst).toBeLessThan(1e-3);
  });
});

describe("alignToSurface", () => {
  it("finds the motion that points on the surface were moved by", () => {
    const { mesh } = relief(3, 25);
    const inner = relief(3, 25, 3).mesh.positions.filter((_, i, all) => {
      const [x, y] = [all[i - (i % 3)]!, all[i - (i % 3) + 1]!];
      return Math.hypot(x, y) < 60;
    });
    const motion = motionAbout([0.05, -0.08, 0.1], [3, -2, 4], 1.07);
    const found = alignToSurface(movePoints(inner, motion), mesh, { scale: true });
    expect(Math.max(...found.distances)).toBeLessThan(1e-6);
    expect(found.motion.scale).toBeCloseTo(1.07, 7);
    expect(
      Math.max(...motion.translation.map((t, k) => Math.abs(t - found.motion.translation[k]!))),
    ).toBeLessThan(1e-5);
    expect(found.steps).toBeLessThan(40);
  });

  it("keeps the size of a mesh that may not be scaled", () => {
    const sphere = icosphere(3);
    const mesh = { ...sphere, positions: scaled(sphere.positions, 52) };
    const points = scaled(sphere.positions, 50).map((value, i) => value + [1, -2, 3][i % 3]!);
    const rigid = alignToSurface(points, mesh, { scale: false });
    expect(rigid.motion.scale).toBe(1);
    // It may turn, so that points face triangles, which lie deeper than vertices.
    expect(Math.min(...rigid.distances)).toBeGreaterThan(52 * inradius(sphere) - 50 - 1e-3);
    expect(Math.max(...rigid.distances)).toBeLessThanOrEqual(2 + 1e-3);
    const [x, y, z] = rigid.motion.translation;
    expect(Math.hypot(x - 1, y + 2, z - 3)).toBeLessThan(0.02);
    const similar = alignToSurface(points, mesh, { scale: true });
    expect(similar.motion.scale).toBeCloseTo(50 / 52, 6);
    expect(Math.max(...similar.distances)).toBeLessThan(1e-4);
  });

  it("stays put along directions that change nothing", () => {
    const plane = {
      positions: Float64Array.of(-100, -100, 0, 100, -100, 0, 100, 100, 0, -100, 100, 0),
      triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
    };
    const random = randomNumbers(7);
    const points = Float64Array.from({ length: 300 }, (_, i) =>
      i % 3 === 2 ? 5 : 40 * random() - 20,
    );
    const { motion, distances } = alignToSurface(points, plane, { scale: false });
    expect(Math.max(...distances)).toBeLessThan(1e-7);
    expect(Math.hypot(motion.translation[0], motion.translation[1])).toBeLessThan(0.5);
    expect(motion.translation[2]).toBeCloseTo(5, 1);
  });

  it("ends in a minimum: every small motion away from it raises the sum of squares", () => {
    const truth = relief(11, 30, 3, 1);
    const points = truth.mesh.positions.filter((_, i, all) => {
      const [x, y] = [all[i - (i % 3)]!, all[i - (i % 3) + 1]!];
      return Math.hypot(x, y) < 70;
    });
    const { mesh } = relief(12, 28, 3, 2);
    for (const scale of [true, false]) {
      const found = alignToSurface(points, mesh, { scale });
      const least = squares(found.distances);
      const search = new ClosestPointSearch(mesh);
      const frame = frameOf(points);
      for (let k = 0; k < (scale ? 7 : 6); k++) {
        for (const step of [-0.02, 0.02]) {
          const parameters = Array.from({ length: scale ? 7 : 6 }, (_, j) => (j === k ? step : 0));
          const away = composeSimilarities(motionOf(parameters, frame, scale), found.motion);
          expect(squares(surfaceResiduals(points, search, away).distances)).toBeGreaterThan(least);
        }
      }
      expect(least).toBeLessThan(squares(search.find(points).distances));
    }
  });

  it("leaves points on the surface where they are", () => {
    const { mesh } = relief(4, 12);
    const { distances, steps } = alignToSurface(mesh.positions, mesh, { scale: true });
    expect(Math.max(...distances)).toBeLessThan(1e-9);
    expect(steps).toBeLessThan(5);
  });

  it("says where a mesh is too large beside the points to be computed with", () => {
    const { mesh } = relief(4, 6);
    const huge = { ...mesh, positions: scaled(mesh.positions, 10 ** 152.2) };
    const align = () => alignToSurface(mesh.positions, huge, { scale: true });
    expect(align).toThrow(GanfitError);
    expect(align).toThrow(/differ too much in size/);
  });
});
