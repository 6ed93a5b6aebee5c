import { describe, expect, it } from "vitest";
import { motionAbout, randomNumbers } from "../../test/now-shapes.js";
import { composeSimilarities, rotationOf, undoSimilarity } from "./similarity-algebra.js";
import { movePoints } from "./similarity3.js";

describe("similarities", () => {
  const random = randomNumbers(1);
  const points = Float64Array.from({ length: 30 }, () => 20 * random() - 10);
  const first = motionAbout([0.3, -1.2, 2], [4, -5, 6], 0.7);
  const second = motionAbout([-2, 0.1, 0.4], [-1, 8, 2], 3);

  it("compose as they act", () => {
    const both = movePoints(points, composeSimilarities(second, first));
    const inTurn = movePoints(movePoints(points, first), second);
    expect(both.every((value, i) => Math.abs(value - inTurn[i]!) < 1e-12)).toBe(true);
  });

  it("are undone", () => {
    const back = undoSimilarity(movePoints(points, first), first);
    expect(back.every((value, i) => Math.abs(value - points[i]!) < 1e-12)).toBe(true);
  });

  it("turn about an axis by the right hand", () => {
    const quarter = rotationOf([0, 0, Math.PI / 2]);
    expect(quarter.map((value) => Math.round(1e12 * value) / 1e12 + 0)).toEqual([
      0, -1, 0, 1, 0, 0, 0, 0, 1,
    ]);
  });

  it("turn alike on both sides of the series' end", () => {
    const [below, above] = [rotationOf([0.99999e-4, 0, 0]), rotationOf([1.00001e-4, 0, 0])];
    expect(below[7]).toBeCloseTo(Math.sin(0.99999e-4), 18);
    expect(above[7]).toBeCloseTo(Math.sin(1.00001e-4), 18);
    expect(rotationOf([0, 0, 0])).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });
});
