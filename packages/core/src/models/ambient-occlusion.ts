// How much of the surroundings' light reaches a point: rays from it that leave the head (Zhukov et al., "An
// Ambient Light Illumination Model", 1998). For what lies behind lids and lips, where a light model that
// knows only normals would have teeth and eyeballs shine.

import { vertexNormals } from "../render/normals.js";
import { SurfaceIndex } from "./closest-point.js";
import type { MorphableModel, Part } from "./morphable-model.js";
import { isVisible, PART_MATERIALS } from "./part-materials.js";
import { surfacePositions } from "./surface-points.js";

const RAYS = 32;
/** Rays start a little above the surface, millimetres, so as not to hit it. */
const OFFSET = 0.15;
/** Of MediaPipe's landmarks. */
const NOSE_TIP = 4;
/** Nostrils lie within this of the tip, millimetres. */
const NOSE_REACH = 30;
/** Skin that sees at least this share of its surroundings is on the outside. */
const NOSTRIL_OPEN = 0.55;
/** Light spreads within teeth, so that they are brighter than their place: the share to this power. */
const TRANSLUCENCE = 0.45;
/** Farther off, millimetres, a head hides nothing from itself that matters. */
const REACH = 80;

/**
 * The share of light that reaches vertices past the head itself.
 *
 * @param positions `V x 3`, from `evaluateModel`
 * @param wanted indices of the vertices to find it for; those of `shaded` parts where not given
 * @returns `V`, in [0, 1]; 1 for all other vertices
 */
export function ambientOcclusion(
  model: MorphableModel,
  positions: Float32Array,
  wanted: Iterable<number> = verticesOf(model, ({ kind }) => PART_MATERIALS[kind].shaded),
): Float32Array {
  const out = new Float32Array(positions.length / 3).fill(1);
  // Hairs let through nearly all light.
  const visible = verticesOf(model, (part) => isVisible(part) && part.kind !== "lashes");
  const shaded = new Set(wanted);
  if (shaded.size === 0) return out;
  const index = new SurfaceIndex(positions, Uint32Array.from(visible));
  const normals = vertexNormals(positions, model.triangles);
  const directions = cosineDirections();
  for (const v of shaded) {
    const n = [normals[3 * v]!, normals[3 * v + 1]!, normals[3 * v + 2]!] as const;
    const origin = [0, 1, 2].map((k) => positions[3 * v + k]! + OFFSET * n[k]!) as Triple;
    const [s, t] = tangents(n);
    let free = 0;
    for (const [a, b, c] of directions) {
      const along = [0, 1, 2].map((k) => a * s[k]! + b * t[k]! + c * n[k]!) as Triple;
      if (index.firstAlong(origin, along, 0, REACH) === undefined) free++;
    }
    out[v] = free / RAYS;
  }
  for (const v of new Set(verticesOf(model, ({ kind }) => kind === "teeth"))) {
    out[v] = out[v]! ** TRANSLUCENCE;
  }
  return out;
}

/**
 * How much light reaches the skin of the nostrils, which skins painted or photographed from outside show
 * too bright. Found on the mean head; nostrils hardly change.
 *
 * @returns `V`, in [0, 1]; 1 for all other vertices, and throughout for a model without landmarks
 */
export function nostrilOcclusion(model: MorphableModel): Float32Array {
  let found = NOSTRILS.get(model);
  if (!found) {
    found = measureNostrils(model);
    NOSTRILS.set(model, found);
  }
  return found;
}

/** Every picture of a model asks again. */
const NOSTRILS = new WeakMap<MorphableModel, Float32Array>();

function measureNostrils(model: MorphableModel): Float32Array {
  const points = model.landmarks?.mediapipe478;
  if (!points) return new Float32Array(model.mean.length / 3).fill(1);
  const tip = surfacePositions(model.mean, model.triangles, points).subarray(
    3 * NOSE_TIP,
    3 * NOSE_TIP + 3,
  );
  const near = verticesOf(model, ({ kind }) => kind === "skin").filter((v) => {
    const away = [0, 1, 2].map((k) => model.mean[3 * v + k]! - tip[k]!);
    return Math.hypot(...away) < NOSE_REACH;
  });
  return ambientOcclusion(model, model.mean, near).map((open) => Math.min(1, open / NOSTRIL_OPEN));
}

/** Three for each triangle of the parts. */
function verticesOf({ parts, triangles }: MorphableModel, choose: (part: Part) => boolean) {
  return parts
    .filter(choose)
    .flatMap(({ start, count }) => Array.from(triangles.subarray(3 * start, 3 * (start + count))));
}

type Triple = [number, number, number];

/** Evenly over the disc below the hemisphere (Malley's method), on Vogel's spiral. */
function cosineDirections(): Triple[] {
  const turn = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: RAYS }, (_, i) => {
    const square = (i + 0.5) / RAYS;
    const radius = Math.sqrt(square);
    return [radius * Math.cos(turn * i), radius * Math.sin(turn * i), Math.sqrt(1 - square)];
  });
}

/** Two unit vectors that make a right-handed frame with a unit vector (Duff et al. 2017). */
function tangents([x, y, z]: readonly [number, number, number]): [Triple, Triple] {
  const sign = z < 0 ? -1 : 1;
  const a = -1 / (sign + z);
  const b = x * y * a;
  return [
    [1 + sign * x * x * a, sign * b, -sign * x],
    [b, sign + y * y * a, -y],
  ];
}

/**
 * What light from all around becomes on the way to a place that sees only a share of it: it also comes by
 * way of the flesh around, which is red.
 *
 * @param open the share, from {@link ambientOcclusion}
 * @returns factors of linear R G B
 */
export function reddened(open: number): [r: number, g: number, b: number] {
  const indirect = 1 - open;
  return [open + 0.25 * indirect, open + 0.13 * indirect, open + 0.11 * indirect];
}
