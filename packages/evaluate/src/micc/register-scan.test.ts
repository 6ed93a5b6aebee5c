import { describe, expect, it } from "vitest";
import { bumpy, landmarked, landmarkIds, MOTION, moved, sheet } from "../../test/micc-faces.js";
import { ClosestPointSearch } from "../geometry/closest-points.js";
import { pickPoints } from "../geometry/points.js";
import { invertSimilarity } from "../geometry/similarity-algebra.js";
import { movePoints } from "../geometry/similarity3.js";
import { verticesAround } from "./face-around.js";
import { nonrigidIcp } from "./nonrigid-icp.js";
import { registerMicc } from "./register-scan.js";

/** Another face: longer, with a larger nose. */
const other = (x: number, y: number) =>
  1.1 * bumpy(x, 0.95 * y) + 7 * Math.exp(-(x * x) / 300 - (y * y) / 800);

describe("registerMicc", () => {
  const template = sheet(20);
  const ids = landmarkIds(template);

  it("brings the template's triangles on to a scan, in the template's place", () => {
    const scan = sheet(40, other);
    const marks = landmarked(sheet(20, other), ids);
    const elsewhere = moved({ ...scan, landmarks: marks.landmarks }, MOTION);
    const registered = registerMicc(elsewhere, elsewhere.landmarks, template, ids);
    expect(registered.triangles).toBe(template.triangles);
    // The scan's place beside the template is that of its landmarks; undo it to compare where the truth is known.
    const direct = registerMicc(scan, marks.landmarks, template, ids);
    registered.positions.forEach((value, i) => {
      expect(value).toBeCloseTo(direct.positions[i]!, 3);
    });
  });

  it("recovers the surface, and most of its points, to a fraction of a millimetre", () => {
    const scan = sheet(40, other);
    const marks = pickPoints(sheet(20, other).positions, ids);
    const registered = nonrigidIcp(template, ids, { ...scan, landmarks: marks });
    const inner = verticesAround(template, [0, 0, 0], 95);
    const { distances } = new ClosestPointSearch(scan).find(
      pickPoints(registered.positions, inner),
    );
    const mean = distances.reduce((sum, value) => sum + value, 0) / distances.length;
    expect(mean).toBeLessThan(0.2);
    const { distances: before } = new ClosestPointSearch(scan).find(
      pickPoints(template.positions, inner),
    );
    expect(before.reduce((sum, value) => sum + value, 0) / before.length).toBeGreaterThan(1);
  });

  it("does nothing to a template that is there already", () => {
    const marked = landmarked(template, ids);
    const motion = { ...MOTION, translation: [1, 2, 3] as [number, number, number] };
    const there = moved(marked, motion);
    const { positions } = nonrigidIcp(template, ids, there);
    const back = movePoints(positions, invertSimilarity(motion));
    back.forEach((value, i) => {
      expect(value).toBeCloseTo(template.positions[i]!, 2);
    });
  });

  it("says so where the scan's triangles run the other way round, or a level does not settle", () => {
    const { positions, triangles, landmarks } = landmarked(template, ids);
    const inside = { positions, triangles: triangles.slice().reverse(), landmarks };
    expect(() => nonrigidIcp(template, ids, inside)).toThrow(/same way round/);
    const scan = { ...sheet(30, other), landmarks };
    expect(() => nonrigidIcp(template, ids, scan, { mostSolves: 1 })).toThrow(
      /does not settle.*1 steps at stiffness 50/,
    );
  });
});
