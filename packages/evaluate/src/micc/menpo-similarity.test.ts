import { randomNormals, randomUniform } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { MOTION } from "../../test/micc-faces.js";
import { invertSimilarity } from "../geometry/similarity-algebra.js";
import { alignPoints, movePoints } from "../geometry/similarity3.js";
import { alignLikeMenpo } from "./menpo-similarity.js";

/** Both ends of each axis, stretched. */
function axes(x: number, y: number, z: number): number[] {
  return [x, 0, 0, -x, 0, 0, 0, y, 0, 0, -y, 0, 0, 0, z, 0, 0, -z];
}

describe("alignLikeMenpo", () => {
  it("finds the similarity that moved a cloud", () => {
    const next = randomUniform(5);
    const cloud = Float64Array.from({ length: 60 }, () => 100 * next());
    const found = alignLikeMenpo(cloud, movePoints(cloud, MOTION));
    expect(found.scale).toBeCloseTo(MOTION.scale, 12);
    found.rotation.forEach((value, i) => {
      expect(value).toBeCloseTo(MOTION.rotation[i]!, 12);
    });
    found.translation.forEach((value, i) => {
      expect(value).toBeCloseTo(MOTION.translation[i]!, 9);
    });
  });

  it("takes the ratio of the norms for the scale, not the least-squares one", () => {
    // The correlation is diag(2, 4, 10): no turn. Norms are sqrt(2 (1 + 4 + 25)) and sqrt(6).
    const { scale, rotation } = alignLikeMenpo(axes(1, 1, 1), axes(1, 2, 5));
    expect(scale).toBeCloseTo(Math.sqrt(10), 12);
    expect(rotation.map((value) => Math.round(1e9 * value) / 1e9 + 0)).toEqual([
      1, 0, 0, 0, 1, 0, 0, 0, 1,
    ]);
    expect(alignPoints(axes(1, 1, 1), axes(1, 2, 5)).scale).toBeCloseTo((1 + 2 + 5) / 3, 12);
  });

  it("never mirrors: the least of the directions gives way", () => {
    const { scale, rotation } = alignLikeMenpo(axes(1, 1, 1), axes(-1, 2, 5));
    expect(scale).toBeCloseTo(Math.sqrt(10), 12);
    expect(rotation.map((value) => Math.round(1e9 * value) / 1e9 + 0)).toEqual([
      1, 0, 0, 0, 1, 0, 0, 0, 1,
    ]);
  });

  it("gives the same norm and centre as the target, whatever the noise", () => {
    const from = randomNormals(90, 1);
    const to = randomNormals(90, 2).map((value, i) => 3 * value + 10 * from[i]! + 5);
    const got = movePoints(from, alignLikeMenpo(from, to));
    const sizeOf = (points: Float64Array) => {
      const centre = [0, 1, 2].map(
        (k) => points.filter((_, i) => i % 3 === k).reduce((a, b) => a + b) / 30,
      );
      return [...centre, Math.hypot(...points.map((value, i) => value - centre[i % 3]!))];
    };
    sizeOf(got).forEach((value, i) => {
      expect(value).toBeCloseTo(sizeOf(to)[i]!, 9);
    });
  });

  it("refuses points on a line, too few, unequal and infinite ones", () => {
    const line = Float64Array.from({ length: 30 }, (_, i) => Math.floor(i / 3));
    expect(() => alignLikeMenpo(line, line)).toThrow(/on a line/);
    expect(() => alignLikeMenpo([0, 0, 0], [1, 1, 1])).toThrow(/three or more/);
    expect(() => alignLikeMenpo(axes(1, 1, 1), axes(1, 1, 1).slice(3))).toThrow(/three or more/);
    expect(() => alignLikeMenpo(axes(1, 1, 1), axes(1, 1, Infinity))).toThrow(/three or more/);
  });

  it.each([1e-160, 1e-170, 1e120])(
    "refuses points of size %d, which cannot be computed with",
    (size) => {
      // The decomposition of the smallest does not end.
      const cloud = randomNormals(30, 5);
      const scaled = randomNormals(30, 6).map((value) => size * value);
      expect(() => alignLikeMenpo(scaled, cloud)).toThrow(/one place/);
      expect(() => alignLikeMenpo(cloud, scaled)).toThrow(/one place/);
      expect(() => alignLikeMenpo(scaled, scaled)).toThrow(/one place/);
    },
  );
});

describe("invertSimilarity", () => {
  it("undoes a similarity", () => {
    const cloud = randomNormals(30, 3);
    const tilted = { ...alignLikeMenpo(cloud, randomNormals(30, 4)), scale: 2.5 };
    const back = movePoints(movePoints(cloud, tilted), invertSimilarity(tilted));
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(cloud[i]!, 12);
    });
  });
});
