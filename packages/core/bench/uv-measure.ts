/** How well texture coordinates do: figures of one model's layout, and how far two models' differ. */
import type { MorphableModel, SurfacePoints, UvMap } from "../src/models/morphable-model.js";
import { LANDMARK_GROUPS } from "../src/networks/ibug68.js";

/** Places of surface points in a layout: `n x 2`. */
export function placesOf({ coordinates, triangles }: UvMap, points: SurfacePoints): Float32Array {
  const out = new Float32Array(2 * points.triangles.length);
  for (let i = 0; i < out.length; i++) {
    const n = i >> 1;
    for (let c = 0; c < 3; c++) {
      const corner = triangles[3 * points.triangles[n]! + c]!;
      out[i]! += points.barycentric[3 * n + c]! * coordinates[2 * corner + (i % 2)]!;
    }
  }
  return out;
}

/** Distances between places, in percent of the texture's width. */
export function disagreement(a: Float32Array, b: Float32Array) {
  const distances = Array.from({ length: a.length / 2 }, (_, n) =>
    Math.hypot(a[2 * n]! - b[2 * n]!, a[2 * n + 1]! - b[2 * n + 1]!),
  );
  const mean = distances.reduce((sum, d) => sum + d, 0) / distances.length;
  const worst = Math.max(...distances);
  return { mean: 100 * mean, worst: 100 * worst, worstAt: distances.indexOf(worst) };
}

export interface LayoutFigures {
  readonly skinTriangles: number;
  /** Share of skin triangles that lie in the texture as they are seen from outside, not mirrored. */
  readonly positive: number;
  /** Least free margin at the texture's borders, in texels of 512. */
  readonly marginTexels: number;
  /** Share of the texture within MediaPipe's outline of the face. */
  readonly faceShare: number;
  /** Share of the texture that skin covers. */
  readonly covered: number;
  /**
   * Over the skin within that outline, weighted by area: the ratio of the longest to the shortest
   * direction (1 for a map that keeps angles), at the 50th, 99th and 100th percentile.
   */
  readonly stretch: readonly [number, number, number];
  /** Texels of 512 per millimetre there, at the 1st, 50th and 99th percentile. */
  readonly texelsPerMillimetre: readonly [number, number, number];
}

/** @param model with `uv` in the common layout and 478 landmarks */
export function measureLayout(model: MorphableModel): LayoutFigures {
  const { coordinates, triangles } = model.uv!;
  const oval = placesOf(model.uv!, model.landmarks!.mediapipe478!);
  const outline = LANDMARK_GROUPS.faceOval.map((i) => [oval[2 * i]!, oval[2 * i + 1]!] as const);
  let skinTriangles = 0;
  let positive = 0;
  let covered = 0;
  let margin = Infinity;
  const face: { area: number; stretch: number; density: number }[] = [];
  for (const { kind, start, count } of model.parts) {
    if (kind !== "skin") continue;
    for (let t = start; t < start + count; t++) {
      skinTriangles++;
      const p = [0, 1, 2].map((c) => {
        const i = triangles[3 * t + c]!;
        return [coordinates[2 * i]!, coordinates[2 * i + 1]!] as const;
      });
      for (const [u, v] of p) margin = Math.min(margin, u, v, 1 - u, 1 - v);
      const [a, b, c] = p as [
        readonly [number, number],
        readonly [number, number],
        readonly [number, number],
      ];
      // v points down, so what is seen from outside runs clockwise.
      const area = -((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
      if (area > 0) positive++;
      covered += Math.max(0, area);
      const middle = [0, 1].map((k) => (a[k]! + b[k]! + c[k]!) / 3) as [number, number];
      if (inside(outline, middle)) face.push(distortionOf(model, t, p, area));
    }
  }
  return {
    skinTriangles,
    positive: positive / skinTriangles,
    marginTexels: 512 * margin,
    faceShare: Math.abs(polygonArea(outline)),
    covered,
    stretch: [0.5, 0.99, 1].map((q) => percentile(face, "stretch", q)) as [number, number, number],
    texelsPerMillimetre: [0.01, 0.5, 0.99].map((q) => percentile(face, "density", q)) as [
      number,
      number,
      number,
    ],
  };
}

function distortionOf(
  { mean, triangles }: MorphableModel,
  t: number,
  p: readonly (readonly [number, number])[],
  uvArea: number,
) {
  const at = (c: number, k: number) => mean[3 * triangles[3 * t + c]! + k]!;
  const u = [0, 1, 2].map((k) => at(1, k) - at(0, k));
  const v = [0, 1, 2].map((k) => at(2, k) - at(0, k));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const [uu, uv, vv] = [dot(u, u), dot(u, v), dot(v, v)];
  const area = Math.sqrt(Math.max(0, uu * vv - uv * uv)) / 2;
  // |J|^2 from the edges' cotangents: (sum_i cot_i |q_j - q_k|^2) / (2 area).
  const q = (i: number, j: number) => (p[i]![0] - p[j]![0]) ** 2 + (p[i]![1] - p[j]![1]) ** 2;
  const squares =
    (uv * q(1, 2) + (uu - uv) * q(0, 2) + (vv - uv) * q(0, 1)) / Math.max(4 * area * area, 1e-12);
  const determinant = uvArea / Math.max(area, 1e-12);
  // The singular values s >= r have s^2 + r^2 = |J|^2 and s r = det J.
  const half = squares / (2 * Math.abs(determinant));
  const ratio = half + Math.sqrt(Math.max(0, half * half - 1));
  return { area, stretch: ratio, density: 512 * Math.sqrt(Math.abs(determinant)) };
}

function percentile(
  face: readonly { area: number; stretch: number; density: number }[],
  key: "stretch" | "density",
  q: number,
): number {
  const sorted = [...face].sort((a, b) => a[key] - b[key]);
  let rest = q * sorted.reduce((sum, { area }) => sum + area, 0);
  for (const entry of sorted) {
    rest -= entry.area;
    if (rest <= 0 && q < 1) return entry[key];
  }
  return sorted.at(-1)?.[key] ?? Number.NaN;
}

function polygonArea(outline: readonly (readonly [number, number])[]): number {
  return (
    outline.reduce((sum, [x, y], i) => {
      const [nx, ny] = outline[(i + 1) % outline.length]!;
      return sum + x * ny - nx * y;
    }, 0) / 2
  );
}

function inside(
  outline: readonly (readonly [number, number])[],
  [x, y]: readonly [number, number],
) {
  let odd = false;
  for (const [i, [ax, ay]] of outline.entries()) {
    const [bx, by] = outline[(i + 1) % outline.length]!;
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd;
  }
  return odd;
}
