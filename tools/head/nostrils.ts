// The base mesh hints at nostrils with a dent of two millimetres, and no target deepens it. People, and
// scans of them, have cavities: these directions make them.

import { SurfaceIndex } from "../../packages/core/src/models/closest-point.js";
import { openness } from "../../packages/core/src/models/uv/mesh-openness.js";
import type { BaseHead } from "./base-head.js";

/** Millimetres along the skin from the bottom of the dent to where the direction ends: its rim. */
const RADIUS = 5;
/** Back, up and towards the middle, the way the left nostril leads. */
const INWARDS = [-0.4, 0.5, -0.77] as const;
/** The box in which the left nostril lies, millimetres from the tip of the nose. */
const BOX = { x: [3, 15], y: [-9, 6], z: [-25, -4] } as const;

/** Millimetres around the middle of the inner wall that go towards the septum, which the base mesh has thick. */
const WALL_RADIUS = 5;
/** The inner wall lies this far from the bottom along the skin, millimetres. */
const WALL = [2, 3.5] as const;
const TOWARDS_SEPTUM = [-1, 0.2, -0.2] as const;

export interface NostrilDirections {
  /** `V x 3`: both nostrils 1 mm deeper at their deepest, nothing outside of them. */
  readonly depth: Float32Array;
  /** `V x 3`: their inner walls 1 mm nearer to the septum. */
  readonly width: Float32Array;
}

export function nostrilDirections(head: BaseHead): NostrilDirections {
  const { mean } = head;
  const skin = skinTriangles(head);
  const open = openness(mean, skin, new SurfaceIndex(mean, skin), 10);
  const vertices = [...new Set(skin)];
  const tip = vertices.reduce((best, v) => (mean[3 * v + 2]! > mean[3 * best + 2]! ? v : best));
  const inBox = vertices.filter((v) =>
    (["x", "y", "z"] as const).every((axis, k) => {
      const offset = mean[3 * v + k]! - (k === 0 ? 0 : mean[3 * tip + k]!);
      return offset >= BOX[axis][0] && offset <= BOX[axis][1];
    }),
  );
  const bottom = inBox.reduce((best, v) => (open[v]! < open[best]! ? v : best));
  const around = distancesAlong(skin, mean, bottom, RADIUS);
  const wall = [...around]
    .filter(([, distance]) => distance >= WALL[0] && distance <= WALL[1])
    .reduce((best, [v]) => (mean[3 * v]! < mean[3 * best]! ? v : best), bottom);
  return {
    depth: bump(head, around, RADIUS, INWARDS),
    width: bump(head, distancesAlong(skin, mean, wall, WALL_RADIUS), WALL_RADIUS, TOWARDS_SEPTUM),
  };
}

/** Moves the left nostril's vertices one way, flat in the middle and at the rim, and the right one's like it. */
function bump(
  { mean, symmetry }: BaseHead,
  distances: ReadonlyMap<number, number>,
  radius: number,
  way: readonly [number, number, number],
): Float32Array {
  const out = new Float32Array(mean.length);
  for (const [v, distance] of distances) {
    const rest = 1 - (distance / radius) ** 2;
    const amount = rest * rest * (3 - 2 * rest);
    const mirror = symmetry[v]!;
    if (mirror === v) continue;
    for (let k = 0; k < 3; k++) {
      out[3 * v + k] = amount * way[k]!;
      out[3 * mirror + k] = amount * way[k]! * (k === 0 ? -1 : 1);
    }
  }
  return out;
}

function skinTriangles({ triangles, parts }: BaseHead): Uint32Array {
  const chosen = parts
    .filter(({ kind }) => kind === "skin")
    .flatMap(({ start, count }) => [...triangles.subarray(3 * start, 3 * (start + count))]);
  return Uint32Array.from(chosen);
}

/** Vertices up to `limit` from a vertex along edges (Dijkstra), with their distances. */
function distancesAlong(
  triangles: Uint32Array,
  positions: Float32Array,
  from: number,
  limit: number,
): Map<number, number> {
  const neighbours = new Map<number, Set<number>>();
  for (let t = 0; t < triangles.length; t += 3) {
    for (let i = 0; i < 3; i++) {
      const [a, b] = [triangles[t + i]!, triangles[t + ((i + 1) % 3)]!];
      for (const [u, w] of [
        [a, b],
        [b, a],
      ] as const) {
        const set = neighbours.get(u);
        if (set) set.add(w);
        else neighbours.set(u, new Set([w]));
      }
    }
  }
  const length = (a: number, b: number) =>
    Math.hypot(...[0, 1, 2].map((k) => positions[3 * a + k]! - positions[3 * b + k]!));
  const done = new Map<number, number>();
  const reached = new Map([[from, 0]]);
  while (reached.size > 0) {
    const [v, distance] = [...reached].reduce((best, entry) => (entry[1] < best[1] ? entry : best));
    reached.delete(v);
    done.set(v, distance);
    for (const w of neighbours.get(v)!) {
      const through = distance + length(v, w);
      if (!done.has(w) && through < limit && through < (reached.get(w) ?? Infinity)) {
        reached.set(w, through);
      }
    }
  }
  return done;
}
