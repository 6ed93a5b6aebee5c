import { describe, expect, test } from "vitest";
import { head, keypoints, person, regions, sample } from "../../test/realy-case.js";
import { ClosestPointSearch } from "../geometry/closest-points.js";
import { pickPoints } from "../geometry/points.js";
import { IDENTITY, invertSimilarity, rotationOf } from "../geometry/similarity-algebra.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { ALIGNMENT_KEYPOINTS, REALY_REGIONS } from "./realy-regions.js";
import { alignRegion } from "./region-align.js";

const face = person(4);
const angle = 0.05;
const MOTION: Similarity3 = {
  scale: 1,
  rotation: rotationOf([0, 0, angle]),
  translation: [2, -1, 1],
};

describe("alignRegion", () => {
  test.each(REALY_REGIONS)("takes back a rigid motion of the %s", (region) => {
    const own = pickPoints(keypoints(face), ALIGNMENT_KEYPOINTS[region]);
    const mesh = head(face);
    const surface = new ClosestPointSearch({
      ...mesh,
      positions: movePoints(mesh.positions, MOTION),
    });
    // Vertices of the head's own grid, so that the truth is reached.
    const scan = regions(face)[region].positions;
    const predicted = movePoints(own, MOTION);
    const pose = alignRegion({ region, surface, scan, predicted, truth: own });
    const before = movePoints(scan, MOTION);
    const after = movePoints(before, pose);
    const rms = (points: Float64Array) =>
      Math.sqrt(points.reduce((sum, x, i) => sum + (x - scan[i]!) ** 2, 0) / (scan.length / 3));
    expect(rms(before)).toBeGreaterThan(2);
    expect(rms(after)).toBeLessThan(0.03);
    expect(pose.scale).toBe(1);
  });

  test("the step after which nothing changes is not applied", () => {
    // A plane a third of a unit below the scan: the first fit is perfect and the search stops before it.
    const plane = sample(() => 0, { x: [-20, 20], y: [-20, 20], spacing: 4 });
    const scan = Float64Array.from(
      { length: 30 },
      (_, i) => [((i * 7) % 31) - 15, ((i * 11) % 29) - 14, 1 / 3][i % 3]!,
    );
    const predicted = Float64Array.of(1, 2, 0, -5, 8, 0, 3, -9, 0);
    const truth = predicted.map((value, i) => (i % 3 === 2 ? 1 / 3 : value));
    const surface = new ClosestPointSearch(plane);
    expect(alignRegion({ region: "nose", surface, scan, predicted, truth })).toBe(IDENTITY);
  });

  test("the motion found does not depend on where the scan lies", () => {
    const own = pickPoints(keypoints(face), ALIGNMENT_KEYPOINTS.mouth);
    const scan = regions(person(5), 4, 1).mouth.positions;
    const mesh = head(face);
    const here = alignRegion({
      region: "mouth",
      surface: new ClosestPointSearch(mesh),
      scan,
      predicted: own,
      truth: own,
    });
    // All of it moved the same way: the result is the same seen from there.
    const there = alignRegion({
      region: "mouth",
      surface: new ClosestPointSearch({ ...mesh, positions: movePoints(mesh.positions, MOTION) }),
      scan: movePoints(scan, MOTION),
      predicted: movePoints(own, MOTION),
      truth: movePoints(own, MOTION),
    });
    const back = movePoints(
      movePoints(movePoints(mesh.positions, MOTION), there),
      invertSimilarity(MOTION),
    );
    const straight = movePoints(mesh.positions, here);
    for (let i = 0; i < back.length; i += 97) expect(back[i]).toBeCloseTo(straight[i]!, 8);
  });
});
