import { describe, expect, it } from "vitest";
import { motionAbout, randomNumbers } from "../../test/now-shapes.js";
import { alignPoints, movePoints } from "../geometry/similarity3.js";
import { type LandmarkPose, procrustesPose } from "./procrustes.js";

function cloud(seed: number, count = 7): Float64Array {
  const random = randomNumbers(seed);
  return Float64Array.from({ length: 3 * count }, () => 60 * random() - 30);
}

const misfit = (from: Float64Array, to: Float64Array, pose: LandmarkPose) =>
  movePoints(from, pose).reduce((sum, value, i) => sum + (value - to[i]!) ** 2, 0);

describe("procrustesPose", () => {
  it("finds a similarity", () => {
    const motion = motionAbout([0.4, 1.1, -2], [100, -20, 3], 17);
    const pose = procrustesPose(cloud(1), movePoints(cloud(1), motion));
    expect(pose.reflected).toBe(false);
    expect(pose.scale).toBeCloseTo(17, 10);
    expect(pose.rotation.every((r, i) => Math.abs(r - motion.rotation[i]!) < 1e-12)).toBe(true);
    expect(pose.translation[0]).toBeCloseTo(100, 9);
  });

  it("agrees with Umeyama's where no reflection fits better", () => {
    const from = cloud(2);
    const to = movePoints(cloud(2), motionAbout([2, 0.3, 1], [5, 6, 7], 0.3));
    for (const [i, value] of to.entries()) to[i] = value + 0.5 * Math.sin(7 * i);
    const [pose, umeyama] = [procrustesPose(from, to), alignPoints(from, to)];
    expect(pose.scale).toBeCloseTo(umeyama.scale, 12);
    expect(
      Math.max(...pose.rotation.map((r, i) => Math.abs(r - umeyama.rotation[i]!))),
    ).toBeLessThan(1e-10);
  });

  it("takes the reflection where that fits better, and only there", () => {
    const from = cloud(3);
    const mirrored = from.map((value, i) => (i % 3 === 1 ? -2 * value : 2 * value));
    const pose = procrustesPose(from, mirrored);
    expect(pose.reflected).toBe(true);
    expect(misfit(from, mirrored, pose)).toBeLessThan(1e-18);
    for (let seed = 10; seed < 30; seed++) {
      const [a, b] = [cloud(seed), cloud(seed + 100)];
      const best = misfit(a, b, procrustesPose(a, b));
      const proper = misfit(a, b, { ...alignPoints(a, b), reflected: false });
      expect(best).toBeLessThanOrEqual(proper * (1 + 1e-12));
      if (!procrustesPose(a, b).reflected) expect(best).toBeCloseTo(proper, 6);
    }
  });

  it("turns landmarks in a plane without a reflection", () => {
    for (let seed = 1; seed < 9; seed++) {
      const flat = cloud(seed).map((value, i) => (i % 3 === 2 ? 0 : value));
      const to = movePoints(flat, motionAbout([seed, 0.2, -0.4], [1, 2, 3], 2));
      const pose = procrustesPose(flat, to);
      expect(pose.reflected).toBe(false);
      expect(misfit(flat, to, pose)).toBeLessThan(1e-15);
    }
  });

  it("refuses landmarks that determine nothing", () => {
    const line = Float64Array.from({ length: 21 }, (_, i) => Math.floor(i / 3) * [1, 2, 3][i % 3]!);
    expect(() => procrustesPose(line, cloud(1))).toThrow("on a line");
    expect(() => procrustesPose(new Float64Array(21).fill(4), cloud(1))).toThrow("one point");
    expect(() => procrustesPose(cloud(1), cloud(1).fill(Number.NaN, 3, 4))).toThrow("not finite");
  });
});
