import { describe, expect, it } from "vitest";
import { normals } from "../src/random.js";
import { describeShapes, rigidDistance } from "./likeness-shape.js";

const COUNT = 40;
const all = Uint32Array.from({ length: COUNT }, (_, v) => v);
const cloud = (seed: number) => Float32Array.from(normals(3 * COUNT, seed), (value) => 50 * value);

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
    expect(rigidDistance(cloud(1), moved(cloud(1)), all)).toBeLessThan(1e-4);
    const apart = rigidDistance(cloud(1), cloud(2), all);
    expect(apart).toBeGreaterThan(10);
    expect(rigidDistance(moved(cloud(1)), cloud(2), all)).toBeCloseTo(apart, 3);
    expect(rigidDistance(cloud(2), cloud(1), all)).toBeCloseTo(apart, 3);
  });

  it("is that of concentric spheres, and sees what a mirror did", () => {
    const sphere = cloud(3).map((_, i, points) => {
      const v = i - (i % 3);
      return (80 * points[i]!) / Math.hypot(points[v]!, points[v + 1]!, points[v + 2]!);
    });
    // With their antipodes, so that the centre stays where it is.
    const ball = Float32Array.from([...sphere, ...sphere.map((value) => -value)]);
    const both = Uint32Array.from({ length: 2 * COUNT }, (_, v) => v);
    const larger = ball.map((value) => 1.05 * value);
    expect(rigidDistance(ball, larger, both)).toBeCloseTo(4, 4);
    const mirrored = cloud(1).map((value, i) => (i % 3 === 0 ? -value : value));
    expect(rigidDistance(cloud(1), mirrored, all)).toBeGreaterThan(5);
  });

  it("looks at the named vertices alone", () => {
    const changed = cloud(1);
    changed[0]! += 1000;
    expect(rigidDistance(cloud(1), changed, all.subarray(1))).toBeLessThan(1e-4);
  });
});

it("the pairs of a person are told from those of two people", () => {
  const people = [1, 2, 3].map((seed) => ({ first: cloud(seed), second: moved(cloud(seed)) }));
  const { same, different, ratio } = describeShapes(people, all);
  const pairs = [
    [1, 2],
    [1, 3],
    [2, 3],
  ].map(([a, b]) => rigidDistance(cloud(a!), cloud(b!), all));
  expect(same).toBeLessThan(1e-4);
  expect(different).toBeCloseTo((pairs[0]! + pairs[1]! + pairs[2]!) / 3, 3);
  expect(ratio).toBeCloseTo(0, 5);
});
