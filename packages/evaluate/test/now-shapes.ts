/** Shapes whose distances are known, and faces that are none. */
import type { Mesh } from "../src/geometry/mesh.js";
import { rotationOf } from "../src/geometry/similarity-algebra.js";
import type { Similarity3 } from "../src/geometry/similarity3.js";

/** Seeded numbers in [0, 1): mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A unit icosahedron, each triangle cut in four so many times: 10 * 4^times + 2 vertices. */
export function icosphere(times: number): Mesh {
  const g = (1 + Math.sqrt(5)) / 2;
  const points = [
    [-1, g, 0],
    [1, g, 0],
    [-1, -g, 0],
    [1, -g, 0],
    [0, -1, g],
    [0, 1, g],
    [0, -1, -g],
    [0, 1, -g],
    [g, 0, -1],
    [g, 0, 1],
    [-g, 0, -1],
    [-g, 0, 1],
  ].map(toUnit);
  let triangles = [
    0, 11, 5, 0, 5, 1, 0, 1, 7, 0, 7, 10, 0, 10, 11, 1, 5, 9, 5, 11, 4, 11, 10, 2, 10, 7, 6, 7, 1,
    8, 3, 9, 4, 3, 4, 2, 3, 2, 6, 3, 6, 8, 3, 8, 9, 4, 9, 5, 2, 4, 11, 6, 2, 10, 8, 6, 7, 9, 8, 1,
  ];
  for (let time = 0; time < times; time++) {
    const middles = new Map<string, number>();
    const middle = (a: number, b: number) => {
      const key = a < b ? `${a} ${b}` : `${b} ${a}`;
      const known = middles.get(key);
      if (known !== undefined) return known;
      points.push(toUnit(points[a]!.map((value, k) => value + points[b]![k]!)));
      middles.set(key, points.length - 1);
      return points.length - 1;
    };
    const finer: number[] = [];
    for (let t = 0; t < triangles.length; t += 3) {
      const [a, b, c] = triangles.slice(t, t + 3) as [number, number, number];
      const [ab, bc, ca] = [middle(a, b), middle(b, c), middle(c, a)];
      finer.push(a, ab, ca, b, bc, ab, c, ca, bc, ab, bc, ca);
    }
    triangles = finer;
  }
  return { positions: Float64Array.from(points.flat()), triangles: Uint32Array.from(triangles) };
}

function toUnit(point: readonly number[]): number[] {
  const length = Math.hypot(...point);
  return point.map((value) => value / length);
}

/** Radius of the largest ball about the origin within a convex polyhedron. */
export function inradius({ positions, triangles }: Mesh): number {
  let least = Number.POSITIVE_INFINITY;
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => {
      const v = triangles[t + k]!;
      return [...positions.subarray(3 * v, 3 * v + 3)] as [number, number, number];
    }) as [Triple, Triple, Triple];
    const [u, v] = [b.map((x, k) => x - a[k]!), c.map((x, k) => x - a[k]!)] as [Triple, Triple];
    const normal = [
      u[1] * v[2] - u[2] * v[1],
      u[2] * v[0] - u[0] * v[2],
      u[0] * v[1] - u[1] * v[0],
    ] as const;
    const along = normal.reduce((sum, x, k) => sum + x * a[k]!, 0);
    least = Math.min(least, Math.abs(along) / Math.hypot(...normal));
  }
  return least;
}

type Triple = [number, number, number];

/** A height field on a jittered grid, about as large as a face in millimetres. */
export interface Relief {
  readonly mesh: Mesh;
  /** `7 x 3`: where a face would have NoW's landmarks, on the surface. */
  readonly landmarks: Float64Array;
}

/**
 * A bulge with a nose, two hollows for eyes and bumps that depend on the seed: enough relief to pin every motion down.
 *
 * @param side vertices along an edge
 * @param bumps height, millimetres
 * @param grid seed of the vertices' places, so that one surface has several meshes
 */
export function relief(seed: number, side: number, bumps = 3, grid = 0): Relief {
  const random = randomNumbers(seed);
  const hills = Array.from({ length: 12 }, () => ({
    x: 140 * random() - 70,
    y: 140 * random() - 70,
    width: 15 + 15 * random(),
    height: bumps * (2 * random() - 1),
  }));
  hills.push({ x: 0, y: -5, width: 9, height: 22 });
  hills.push({ x: -32, y: 30, width: 10, height: -8 }, { x: 32, y: 30, width: 10, height: -8 });
  const height = (x: number, y: number) =>
    hills.reduce(
      (sum, hill) =>
        sum + hill.height * Math.exp(-((x - hill.x) ** 2 + (y - hill.y) ** 2) / hill.width ** 2),
      60 - (x * x) / 130 - (y * y) / 260,
    );
  const jitter = randomNumbers(1000 + grid);
  const step = 180 / (side - 1);
  const positions: number[] = [];
  const triangles: number[] = [];
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      const x = -90 + step * (j + 0.5 * (jitter() - 0.5));
      const y = -90 + step * (i + 0.5 * (jitter() - 0.5));
      positions.push(x, y, height(x, y));
      if (i === 0 || j === 0) continue;
      const [a, b, c, d] = [
        (i - 1) * side + j - 1,
        (i - 1) * side + j,
        i * side + j - 1,
        i * side + j,
      ];
      triangles.push(a, b, d, a, d, c);
    }
  }
  const places = [
    [-46, 30],
    [-18, 30],
    [18, 30],
    [46, 30],
    [0, -15],
    [-25, -42],
    [25, -42],
  ] as const;
  return {
    mesh: { positions: Float64Array.from(positions), triangles: Uint32Array.from(triangles) },
    landmarks: Float64Array.from(places.flatMap(([x, y]) => [x, y, height(x, y)])),
  };
}

export function motionAbout(
  turn: readonly number[],
  translation: [number, number, number],
  scale = 1,
): Similarity3 {
  return { scale, rotation: rotationOf(turn), translation };
}
