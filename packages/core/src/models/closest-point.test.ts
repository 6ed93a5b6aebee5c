import fc from "fast-check";
import { Triangle, Vector3 } from "three";
import { describe, expect, it } from "vitest";
import { SurfaceIndex } from "./closest-point.js";
import { surfacePositions } from "./surface-points.js";
import { openness } from "./uv/mesh-openness.js";

/** A box of side 20 around the origin without its top, inside out where `inward`. */
function box(inward: boolean) {
  const positions: number[] = [];
  for (const y of [-10, 10])
    for (const z of [-10, 10]) for (const x of [-10, 10]) positions.push(x, y, z);
  // Bottom, back, front, left, right; seen from outside.
  const quads = [
    [0, 1, 3, 2],
    [0, 4, 5, 1],
    [2, 3, 7, 6],
    [0, 2, 6, 4],
    [1, 5, 7, 3],
  ];
  const corners = quads.flatMap(([a, b, c, d]) =>
    inward ? [a, c, b, a, d, c] : [a, b, c, a, c, d],
  );
  return {
    positions: Float32Array.from(positions),
    triangles: Uint32Array.from(corners as number[]),
  };
}

describe("SurfaceIndex", () => {
  const { positions, triangles } = box(false);
  const index = new SurfaceIndex(positions, triangles);

  it("finds the points that trying every triangle finds", () => {
    const coordinate = fc.double({ min: -30, max: 30, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, coordinate, (x, y, z) => {
        const hit = index.closest(x, y, z)!;
        const point = new Vector3(x, y, z);
        let distance = Infinity;
        for (let t = 0; t < triangles.length; t += 3) {
          const [a, b, c] = [0, 1, 2].map((i) =>
            new Vector3().fromArray(positions, 3 * triangles[t + i]!),
          );
          const near = new Triangle(a, b, c).closestPointToPoint(point, new Vector3());
          distance = Math.min(distance, near.distanceTo(point));
        }
        expect(hit.distance).toBeCloseTo(distance, 3);
        const again = surfacePositions(positions, triangles, {
          triangles: Uint32Array.from([hit.triangle]),
          barycentric: Float32Array.from(hit.barycentric),
        });
        hit.point.forEach((value, k) => {
          expect(again[k]!).toBeCloseTo(value, 3);
        });
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("gives outward normals, and nothing beyond the reach", () => {
    expect(index.closest(30, 1, 2)!.normal[0]).toBeCloseTo(1);
    expect(index.closest(30, 1, 2, 5)).toBeUndefined();
    expect(index.closest(1, -13, 2)!.normal[1]).toBeCloseTo(-1);
  });

  it("meets the first triangle along a ray from either side", () => {
    expect(index.firstAlong([1, 2, 3], [0, 0, 2])!.distance).toBeCloseTo(7);
    expect(index.firstAlong([1, 2, 3], [0, 1, 0])).toBeUndefined();
    expect(index.firstAlong([1, 2, 3], [0, 0, 1], 0, 5)).toBeUndefined();
  });

  it("refuses a mesh without triangles", () => {
    expect(() => new SurfaceIndex([0, 0, 0], new Uint32Array(0))).toThrow(RangeError);
  });
});

describe("openness", () => {
  it("is 1 outside of a box and less inside, least in its lower corners", () => {
    const outside = box(false);
    const around = new SurfaceIndex(outside.positions, outside.triangles);
    expect(Math.min(...openness(outside.positions, outside.triangles, around))).toBeGreaterThan(
      0.99,
    );
    const inside = box(true);
    const hidden = openness(
      inside.positions,
      inside.triangles,
      new SurfaceIndex(inside.positions, inside.triangles),
      40,
    );
    const mean = (from: number) =>
      (hidden[from]! + hidden[from + 1]! + hidden[from + 2]! + hidden[from + 3]!) / 4;
    // The upper corners look out of the box as well.
    expect(mean(0)).toBeLessThan(0.4);
    expect(mean(4)).toBeGreaterThan(mean(0));
  });
});
