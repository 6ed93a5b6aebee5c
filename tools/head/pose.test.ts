import { describe, expect, it } from "vitest";
import { normals } from "../../packages/core/src/random.js";
import { fitPose, jacobianOfPose, projectPoints } from "./pose.js";

const points = Float64Array.from(normals(90, 4), (value) => 30 * value);

describe("pose of a head", () => {
  const pose = { scale: 3, yaw: 0.1, pitch: -0.15, roll: 0.2, x: 700, y: 650, distance: 1200 };

  it("is found again from its picture", () => {
    const seen = projectPoints(points, pose);
    const measured = Array.from(points, (_, i) =>
      i % 3 < 2 ? seen[Math.floor(i / 3) * 2 + (i % 3)]! : 0,
    );
    const found = fitPose(points, measured, 1200);
    for (const name of ["scale", "yaw", "pitch", "roll", "x", "y"] as const) {
      expect(found[name]).toBeCloseTo(pose[name], 5);
    }
  });

  it("shows nearer things larger, x to the right and y up", () => {
    const front = { scale: 2, yaw: 0, pitch: 0, roll: 0, x: 100, y: 100, distance: 1000 };
    const seen = projectPoints([10, 5, 0, 10, 5, 500, 0, 0, 0], front);
    expect([...seen]).toEqual([120, 90, 140, 80, 100, 100]);
    // Turning to their left brings the nose to the right of the picture; looking up, upwards.
    expect(projectPoints([0, 0, 100], { ...front, yaw: 0.1 })[0]!).toBeGreaterThan(100);
    expect(projectPoints([0, 0, 100], { ...front, pitch: -0.1 })[1]!).toBeLessThan(100);
  });

  it("has the motions of a plane figure in its Jacobian when the camera is far", () => {
    const jacobian = jacobianOfPose(points, 1e9);
    for (let i = 0; i < 30; i++) {
      const [x, y, z] = [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!];
      const rows = [jacobian.getRow(2 * i), jacobian.getRow(2 * i + 1)];
      const expected = [
        [x, z, 0, -y, 1, 0],
        [y, 0, -z, x, 0, -1],
      ];
      rows.forEach((row, r) => {
        row.forEach((value, k) => {
          expect(value).toBeCloseTo(expected[r]![k]!, 3);
        });
      });
    }
  });
});
