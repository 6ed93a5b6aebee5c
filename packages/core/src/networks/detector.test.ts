import { describe, expect, it } from "vitest";
import { decodeDetections, mergeDetections } from "./detector.js";

/** One anchor in the middle of the input. */
const ANCHOR = Float32Array.of(0.5, 0.5);

function values(box: readonly number[], keypoint: readonly [number, number] = [0, 0]) {
  return Float32Array.from([...box, ...Array.from({ length: 6 }, () => keypoint).flat()]);
}

describe("decoding the detector's output", () => {
  it("adds pixels to the anchor and takes the sigmoid of the score", () => {
    const [one] = decodeDetections(
      values([4, -6, 30, 40], [8, -10]),
      Float32Array.of(2),
      ANCHOR,
      0.5,
    );
    expect(one!.box).toEqual({ x: 68, y: 58, width: 30, height: 40 });
    expect([...one!.keypoints.slice(0, 4)]).toEqual([72, 54, 72, 54]);
    expect(one!.score).toBeCloseTo(1 / (1 + Math.exp(-2)), 12);
  });

  it("leaves out low scores, NaN, and boxes without extent", () => {
    const decode = (score: number, box = [0, 0, 10, 10]) =>
      decodeDetections(values(box), Float32Array.of(score), ANCHOR, 0.5).length;
    expect([decode(1), decode(-1), decode(NaN)]).toEqual([1, 0, 0]);
    expect([decode(1, [0, 0, -1, 10]), decode(1, [0, 0, NaN, 10])]).toEqual([0, 0]);
    expect(decode(1e30)).toBe(1);
  });
});

describe("merging detections", () => {
  const at = (x: number, score: number) => ({
    box: { x, y: 50, width: 20, height: 20 },
    keypoints: Float64Array.from({ length: 12 }, () => x),
    score,
  });

  it("takes the weighted mean of those that overlap, and keeps the others", () => {
    const merged = mergeDetections([at(50, 0.9), at(100, 0.8), at(54, 0.6)]);
    expect(merged.map(({ score }) => score)).toEqual([0.9, 0.8]);
    expect(merged[0]!.box.x).toBeCloseTo((0.9 * 50 + 0.6 * 54) / 1.5, 12);
    expect(merged[0]!.keypoints[3]).toBeCloseTo((0.9 * 50 + 0.6 * 54) / 1.5, 12);
    expect(merged[1]!.box.x).toBe(100);
  });
});
