// The common texture layout, made from a head: its skin laid flat with most room for the face, and
// points of it with their places.

import { SurfaceIndex } from "../../packages/core/src/models/closest-point.js";
import type { MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import { surfacePositions } from "../../packages/core/src/models/surface-points.js";
import {
  FRAME_LANDMARKS,
  UV_FRAME,
  type UvFrame,
} from "../../packages/core/src/models/uv/uv-frame.js";
import {
  lengths,
  type OpenSkin,
  openSkin,
  skinOf,
} from "../../packages/core/src/models/uv/uv-skin.js";
import { TargetList } from "../../packages/core/src/models/uv/uv-targets.js";
import { addBorder, flatten, hide } from "../../packages/core/src/models/uv/uv-unwrap.js";

/**
 * Size of things in the texture against their size on the head, by the angle between straight ahead
 * and the direction in which they lie from the middle of the head (up and down count less): full within
 * the face, and at the back this much.
 */
const BACK_SCALE = 0.15;
const FACE_ANGLE = 1.3;
const SOFTNESS = 0.2;
/** Millimetres from the origin between the ears. */
const CENTRE = [0, 0, 10] as const;
/** Millimetres between the points that are spread over the skin besides the landmarks. */
const SPACING = 17;
/** Least openness of the places of such points. */
const SEEN = 0.5;
/** Millimetres from the seam, on one side of it, where another head could have them on the other. */
const SEAM_DISTANCE = 12;
/** Points along the seam. */
const SEAM_POINTS = 40;

/** @param model symmetric across x = 0, with both sets of landmarks, in millimetres */
export async function makeFrame(model: MorphableModel): Promise<UvFrame> {
  const skin = skinOf(model);
  const { mean } = model;
  const middle = [...new Set(skin.triangles)].filter((v) => model.symmetry![v] === v);
  const top = middle.filter((v) => mean[3 * v + 1]! > 60);
  const tip = nearestTo(top, (v) => Math.abs(mean[3 * v + 2]! - CENTRE[2]));
  const cost = (a: number, b: number) => {
    const length = lengths([a, b], mean)[1]!;
    const aside = Math.abs(mean[3 * a]!) + Math.abs(mean[3 * b]!);
    // Backwards and down, not over the face.
    const front = Math.max(0, mean[3 * b + 2]! - CENTRE[2]);
    return length * (1 + aside + front);
  };
  const open = openSkin(model, skin, { tip, end: tip, cost });
  const targets = new TargetList();
  addBorder(targets, open, 1);
  const start = new Float64Array(2 * open.vertexOf.length).fill(0.5);
  const shape = hide(model, open, density(open));
  const map = await flatten(model, open, fitted(open, shape), targets.build(), start, {
    lambda: 1,
    pointWeight: 3e3,
    finalIterations: 3000,
  });
  return frameOf(model, open, map);
}

function density({ positions }: OpenSkin): Float64Array {
  const scale = new Float64Array(positions.length / 3);
  for (let v = 0; v < scale.length; v++) {
    const [x, y, z] = CENTRE.map((c, k) => positions[3 * v + k]! - c) as [number, number, number];
    const angle = Math.atan2(Math.hypot(x, 0.8 * y), z);
    const face = 1 / (1 + Math.exp((angle - FACE_ANGLE) / SOFTNESS));
    scale[v] = BACK_SCALE + (1 - BACK_SCALE) * face;
  }
  return scale;
}

/** Scaled so that the areas together fill the layout. */
function fitted<T extends { scale: Float64Array }>(open: OpenSkin, shape: T): T {
  let area = 0;
  for (let t = 0; t < open.triangles.length; t += 3) {
    const s = [0, 1, 2].reduce((sum, i) => sum + shape.scale[open.triangles[t + i]!]! / 3, 0);
    area += s * s * areaOf(open, t);
  }
  const factor = Math.sqrt(0.93 / area);
  return { ...shape, scale: shape.scale.map((value) => value * factor) };
}

function areaOf({ positions, triangles }: OpenSkin, t: number): number {
  const [a, b, c] = [0, 1, 2].map((i) => triangles[t + i]! * 3) as [number, number, number];
  const u = [0, 1, 2].map((k) => positions[b + k]! - positions[a + k]!) as [number, number, number];
  const v = [0, 1, 2].map((k) => positions[c + k]! - positions[a + k]!) as [number, number, number];
  return (
    Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2
  );
}

function frameOf(model: MorphableModel, open: OpenSkin, map: Float64Array): UvFrame {
  const { mean } = model;
  const skin = open.triangles.slice(0, 3 * open.skinCount);
  const index = new SurfaceIndex(mean, skin);
  const size = 3 * FRAME_LANDMARKS;
  const { mediapipe478, ibug68 } = model.landmarks!;
  const landmarks = surfacePositions(mean, model.triangles, mediapipe478!).slice(0, size);
  const positions = [...landmarks, ...spread(model, open, landmarks)];
  const place = (points: ArrayLike<number>) => {
    const n = points.length / 3;
    const uv = new Float32Array(2 * n);
    const normals = new Float32Array(3 * n);
    const scale = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const hit = index.closest(points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!)!;
      const corners = open.mapTriangles.subarray(3 * hit.triangle, 3 * hit.triangle + 3);
      for (let k = 0; k < 2; k++) {
        const value = hit.barycentric.reduce((sum, b, c) => sum + b * map[2 * corners[c]! + k]!, 0);
        uv[2 * i + k] = k === 0 ? value : 1 - value;
      }
      normals.set(hit.normal, 3 * i);
      const [a, b, c] = [...corners].map((v) => [map[2 * v]!, map[2 * v + 1]!]) as number[][];
      const area =
        ((b![0]! - a![0]!) * (c![1]! - a![1]!) - (c![0]! - a![0]!) * (b![1]! - a![1]!)) / 2;
      scale[i] = Math.sqrt(area / areaOf(open, 3 * hit.triangle));
    }
    return { uv, normals, scale };
  };
  const points = place(positions);
  const faces = surfacePositions(mean, model.triangles, ibug68!);
  return {
    name: UV_FRAME,
    points: { positions: Float32Array.from(positions), ...points },
    ibug68: { positions: faces, uv: place(faces).uv },
    seam: seamLine(open),
  };
}

/** Points about {@link SPACING} apart wherever the skin is seen, mirror images of each other. */
function spread(model: MorphableModel, open: OpenSkin, taken: Float32Array): number[] {
  const { mean, symmetry } = model;
  const unit = new Float64Array(open.positions.length / 3).fill(1);
  const { importance } = hide(model, open, unit);
  const seam = open.seam.left.map((v) => open.vertexOf[v]!);
  const nearSeam = (v: number) => seam.some((u) => lengths([u, v], mean)[1]! < SEAM_DISTANCE);
  const points: number[] = [...taken];
  const free = (v: number) => {
    for (let i = 0; i < points.length; i += 3) {
      const d = Math.hypot(...[0, 1, 2].map((k) => mean[3 * v + k]! - points[i + k]!));
      if (d < SPACING) return false;
    }
    return true;
  };
  for (const v of [...new Set(open.triangles.subarray(0, 3 * open.skinCount))].sort(
    (a, b) => a - b,
  )) {
    const w = symmetry![v]!;
    // On one half; the other follows. The seam has places of its own.
    if (mean[3 * v]! < 0 || importance[v]! < SEEN || nearSeam(v) || !free(v)) continue;
    for (const u of v === w ? [v] : [v, w]) points.push(...mean.subarray(3 * u, 3 * u + 3));
  }
  return points.slice(taken.length);
}

function seamLine(open: OpenSkin): Float32Array {
  const path = open.seam.left.map((v) => open.vertexOf[v]!);
  const out = new Float32Array(3 * SEAM_POINTS);
  for (let i = 0; i < SEAM_POINTS; i++) {
    const s = i / (SEAM_POINTS - 1);
    let k = 0;
    while (k + 2 < path.length && open.seamLengths[k + 1]! < s) k++;
    const [low, high] = [open.seamLengths[k]!, open.seamLengths[k + 1]!];
    const f = Math.min(1, (s - low) / (high - low));
    for (let c = 0; c < 3; c++) {
      const a = open.positions[3 * path[k]! + c]!;
      const b = open.positions[3 * path[k + 1]! + c]!;
      out[3 * i + c] = a + f * (b - a);
    }
  }
  return out;
}

function nearestTo(vertices: readonly number[], distance: (v: number) => number): number {
  return vertices.reduce((best, v) => (distance(v) < distance(best) ? v : best));
}
