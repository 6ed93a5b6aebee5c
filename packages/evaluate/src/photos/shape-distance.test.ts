import { randomNormals } from "@ganfit/core";
import { describe, expect, it } from "vitest";
import { describeShapes, rigidDistance } from "./shape-distance.js";

const COUNT = 40;
const cloud = (seed: number) =>
  Float32Array.from(randomNormals(3 * COUNT, seed), (value) => 50 * value);

/** Turned by 0.7 about z and 0.4 about x, and shifted. */
function moved(positions: Float32Array): Float32Array {
  const [c, s, d, t] = [Math.cos(0.7), Math.sin(0.7), Math.cos(0.4), Math.sin(0.4)];
  const out = new Float32Array(positions.length);
  for (let v = 0; v < positions.length; v += 3) {
    const [x, y, z] = positions.subarray(v, v + 3) as unknown as [number, number, number];
    const [a, b] = [c * x - s * y, s * x + c * y];
    out.set([a + 12, d * b - t * z - 30, t * b + d * z + 7], v);
  }
  return out;
}

describe("distance of shapes", () => {
  it("does not depend on where the heads are", () => {
    expect(rigidDistance(cloud(1), moved(cloud(1)))).toBeLessThan(1e-4);
    const apart = rigidDistance(cloud(1), cloud(2));
    expect(apart).toBeGreaterThan(10);
    expect(rigidDistance(moved(cloud(1)), cloud(2))).toBeCloseTo(apart, 3);
    expect(rigidDistance(cloud(2), cloud(1))).toBeCloseTo(apart, 3);
  });

  it("is that of concentric spheres, and sees what a mirror did", () => {
    const sphere = cloud(3).map((_, i, points) => {
      const v = i - (i % 3);
      return (80 * points[i]!) / Math.hypot(points[v]!, points[v + 1]!, points[v + 2]!);
    });
    // With their antipodes, so that the centre stays where it is.
    const ball = Float32Array.from([...sphere, ...sphere.map((value) => -value)]);
    const larger = ball.map((value) => 1.05 * value);
    expect(rigidDistance(ball, larger)).toBeCloseTo(4, 4);
    const mirrored = cloud(1).map((value, i) => (i % 3 === 0 ? -value : value));
    expect(rigidDistance(cloud(1), mirrored)).toBeGreaterThan(5);
  });
});

describe("shapes of people", () => {
  const shapes = [1, 2, 3].flatMap((seed) => [
    { person: String(seed), place: 0, points: cloud(seed) },
    { person: String(seed), place: 1, points: moved(cloud(seed)) },
  ]);
  const apart = ([a, b]: [number, number]) => rigidDistance(cloud(a), cloud(b));
  const three = (
    [
      [1, 2],
      [1, 3],
      [2, 3],
    ] as [number, number][]
  ).map(apart);

  it("the pairs of a person are told from those of two people", () => {
    const { same, different, ratio, pairs } = describeShapes(shapes);
    expect(same).toBeLessThan(1e-4);
    expect(different).toBeCloseTo((three[0]! + three[1]! + three[2]!) / 3, 3);
    expect(ratio).toBeCloseTo(0, 5);
    expect(pairs).toEqual({ same: 3, different: 6 });
  });

  it("people are compared by photos of different places alone", () => {
    const first = shapes.filter(({ place }) => place === 0);
    expect(describeShapes(first)).toMatchObject({ pairs: { same: 0, different: 0 } });
  });

  it("of too many pairs some count", () => {
    expect(describeShapes(shapes, 2).pairs).toEqual({ same: 3, different: 2 });
  });
});
