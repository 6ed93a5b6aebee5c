// Texture coordinates in the common layout (uv-frame.ts) for any head model.

import { GanfitError } from "../../errors.js";
import { SurfaceIndex } from "../closest-point.js";
import type { MorphableModel, Part, UvMap } from "../morphable-model.js";
import { surfacePositions } from "../surface-points.js";
import { openness } from "./mesh-openness.js";
import { ibugTrust, type ModelLandmarks, registerFrame } from "./register-frame.js";
import type { Warp } from "./register-warp.js";
import { conformalMap } from "./uv-conformal.js";
import { type PointTargets, type ReferenceMesh, referenceMesh } from "./uv-distortion.js";
import { UV_MARGIN, type UvFrame } from "./uv-frame.js";
import { neckPlace, seamPlace } from "./uv-layout.js";
import { type OpenSkin, openSkin, type SeamChoice, type Skin, skinOf } from "./uv-skin.js";
import { TargetList } from "./uv-targets.js";
import { countFolds, isFolded, type UntangleOptions, untangle } from "./uv-untangle.js";

export interface UnwrapOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Weight of all points of one sort together. */
const WEIGHTS = { frame: 1, ibug68: 0.35, seam: 0.2, neck: 0.1 };
/** Nearest points of the frame that tell a vertex's scale. */
const NEIGHBOURS = 6;
/** Millimetres from the seam's line at which an edge costs twice its length. */
const SEAM_WIDTH = 5;
/** Millimetres within which the seam's upper end must be found for the skin to have a seam. */
const TIP_REACH = 20;
/** How much of its full scale a place keeps that nothing can see, and of its weight. */
const HIDDEN_SCALE = 0.4;
const HIDDEN_WEIGHT = 0.02;
/** How often points near folds are given less weight, how much less, and how many triangles around. */
const RELEASES = 3;
const RELEASE = 0.05;
const RELEASE_RINGS = 3;
/** Weight of triangles that only close a hole. */
const FILL_WEIGHT = 0.2;

/**
 * Lays a model's skin out in the common layout, so that it can wear every texture made for it.
 *
 * The layout's points are found on the mean (see `registerFrame`); the skin, cut open at the back if
 * it reaches there, is laid flat without folds and with as little distortion as those points allow.
 * Skin in further pieces takes the coordinates of the nearest place of the largest one. Other parts
 * keep their own coordinates where the model has any; otherwise eyes are seen from the front with the
 * angle from the z axis as radius (0.5 for the back), and the rest is projected along z. Textures of
 * different kinds of parts are different pictures, so these may overlap.
 *
 * Takes some seconds for 10,000 vertices.
 *
 * @param model with both sets of landmarks
 * @param frame from `parseUvFrame`
 * @throws GanfitError `model` where landmarks or skin are missing, or the skin cannot be cut open; the
 *   signal's reason
 */
export async function unwrapModel(
  model: MorphableModel,
  frame: UvFrame,
  { signal }: UnwrapOptions = {},
): Promise<UvMap> {
  const landmarks = landmarksOf(model);
  const skin = skinOf(model);
  const surface = new SurfaceIndex(model.mean, skin.triangles);
  const registered = registerFrame(frame, surface, landmarks);
  const open = openSkin(model, skin, chooseSeam(model, skin, surface, frame, registered.warp));

  const targets = new TargetList();
  const { points, ibug68 } = frame;
  const count = points.scale.length;
  const found = registered.triangles.reduce((sum, t) => sum + (t >= 0 ? 1 : 0), 0);
  for (let i = 0; i < count; i++) {
    const t = registered.triangles[i]!;
    if (t < 0) continue;
    targets.point(
      open.mapTriangles.subarray(3 * t, 3 * t + 3),
      registered.barycentric.subarray(3 * i, 3 * i + 3),
      upwards(points.uv, i),
      WEIGHTS.frame / found,
    );
  }
  const trust = ibugTrust(landmarks);
  for (let i = 0; i < 68; i++) {
    const hit = surface.closest(...at(landmarks.ibug68, i))!;
    const vertices = open.mapTriangles.subarray(3 * hit.triangle, 3 * hit.triangle + 3);
    targets.point(
      vertices,
      hit.barycentric,
      upwards(ibug68.uv, i),
      (WEIGHTS.ibug68 * trust[i]!) / 68,
    );
  }
  addBorder(targets, open, neckEnd(model, open, frame, registered.warp));

  const known = knownPoints(model, skin, registered, frame);
  const scale = await vertexScale(model, open, known);
  const start = startFrom(open, known);
  const map = await flatten(model, open, scale, targets.build(), start, { signal });
  return assemble(model, skin, surface, open, map, frame.name);
}

function landmarksOf({ name, mean, triangles, landmarks }: MorphableModel): ModelLandmarks {
  const { ibug68 = null, mediapipe478 = null } = landmarks ?? {};
  if (ibug68 === null || mediapipe478 === null) {
    throw new GanfitError(
      "model",
      `${name} has no ${ibug68 ? "478" : "68"} landmarks yet: they must be embedded before it is unwrapped.`,
    );
  }
  return {
    ibug68: surfacePositions(mean, triangles, ibug68),
    mediapipe: surfacePositions(mean, triangles, mediapipe478),
  };
}

/** Along the seam of the default head, if the skin reaches its upper end. */
function chooseSeam(
  model: MorphableModel,
  skin: Skin,
  surface: SurfaceIndex,
  frame: UvFrame,
  warp: Warp,
): SeamChoice | undefined {
  const line = warpAll(frame.seam, warp);
  const hit = surface.closest(...at(line, 0), TIP_REACH);
  if (hit === undefined) return undefined;
  const above = [0, 1, 2].reduce((sum, k) => sum + (line[k]! - hit.point[k]!) * hit.normal[k]!, 0);
  // The nearest point is at the end of the skin, not below.
  if (Math.abs(above) < 0.7 * hit.distance && hit.distance > 2) return undefined;
  const corners = skin.triangles.subarray(3 * hit.triangle, 3 * hit.triangle + 3);
  const onBorder = new Set(skin.border);
  const tip = [...corners].sort((a, b) => {
    const off = (v: number) =>
      Math.abs(model.mean[3 * v]! - line[0]!) + distanceTo(line, model.mean, v);
    return off(a) - off(b);
  })[0]!;
  if (onBorder.has(tip)) return undefined;
  let end = tip;
  let nearest = Infinity;
  for (const v of skin.triangles) {
    const last = line.length - 3;
    const d = Math.hypot(...[0, 1, 2].map((k) => model.mean[3 * v + k]! - line[last + k]!));
    if (d < nearest) {
      nearest = d;
      end = v;
    }
  }
  const distances = new Map<number, number>();
  const off = (v: number) => {
    let d = distances.get(v);
    if (d === undefined) {
      d = distanceTo(line, model.mean, v);
      distances.set(v, d);
    }
    return d;
  };
  const cost = (a: number, b: number) => {
    const length = Math.hypot(
      ...[0, 1, 2].map((k) => model.mean[3 * a + k]! - model.mean[3 * b + k]!),
    );
    return (length + 1e-9) * (1 + ((off(a) + off(b)) / (2 * SEAM_WIDTH)) ** 2);
  };
  return { tip, end, cost };
}

/** Distance of a vertex from a line of `n x 3` points. */
function distanceTo(line: Float32Array, positions: Float32Array, v: number): number {
  let best = Infinity;
  for (let i = 0; i + 5 < line.length; i += 3) {
    const u = [0, 1, 2].map((k) => line[i + 3 + k]! - line[i + k]!);
    const w = [0, 1, 2].map((k) => positions[3 * v + k]! - line[i + k]!);
    const uu = u.reduce((sum, value) => sum + value * value, 0);
    const uw = u.reduce((sum, value, k) => sum + value * w[k]!, 0);
    const s = uu > 0 ? Math.min(1, Math.max(0, uw / uu)) : 0;
    best = Math.min(best, Math.hypot(...w.map((value, k) => value - s * u[k]!)));
  }
  return best;
}

/** Where on the layout's seam the lower end of the model's lies: 1 for a neck as long or longer. */
function neckEnd(model: MorphableModel, open: OpenSkin, frame: UvFrame, warp: Warp): number {
  const bottom = open.seam.left.at(-1);
  if (bottom === undefined) return 0;
  const line = warpAll(frame.seam, warp);
  const p = at(model.mean, open.vertexOf[bottom]!);
  const steps = line.length / 3;
  let length = 0;
  let best = Infinity;
  let along = 0;
  const lengths = [0];
  for (let i = 1; i < steps; i++) {
    length += Math.hypot(
      ...[0, 1, 2].map((k) => frame.seam[3 * i + k]! - frame.seam[3 * i - 3 + k]!),
    );
    lengths.push(length);
  }
  for (let i = 0; i < steps; i++) {
    const d = Math.hypot(...[0, 1, 2].map((k) => p[k]! - line[3 * i + k]!));
    if (d < best) {
      best = d;
      along = lengths[i]! / length;
    }
  }
  return along;
}

/** Places for the seam, and for the neck's border if it is as low as the layout's. */
export function addBorder(targets: TargetList, open: OpenSkin, end: number): void {
  const { left, right } = open.seam;
  for (const [i, s] of open.seamLengths.entries()) {
    const [u, v] = seamPlace(s * end);
    const weight = WEIGHTS.seam / (2 * left.length);
    targets.vertex(left[i]!, [u, v], weight);
    if (right[i] !== left[i]) targets.vertex(right[i]!, [1 - u, v], weight);
  }
  if (end < 0.97) return;
  const points = open.border.map((v) => at(open.positions, open.vertexOf[v]!));
  let length = 0;
  const along = points.map((p, i) => {
    if (i > 0) length += Math.hypot(...p.map((value, k) => value - points[i - 1]![k]!));
    return length;
  });
  for (const [i, v] of open.border.entries()) {
    targets.vertex(v, neckPlace(along[i]! / length), WEIGHTS.neck / points.length);
  }
}

interface KnownPoint {
  readonly p: readonly [number, number, number];
  /** Length in the texture of a millimetre on the model. */
  readonly scale: number;
  /** u to the right, v up. */
  readonly place: readonly [number, number];
}

/** The frame's points on the model. */
function knownPoints(
  model: MorphableModel,
  { triangles }: Skin,
  registered: { warp: Warp; triangles: Int32Array; barycentric: Float32Array },
  { points }: UvFrame,
): KnownPoint[] {
  const known: KnownPoint[] = [];
  for (let i = 0; i < points.scale.length; i++) {
    const t = registered.triangles[i]!;
    if (t < 0) continue;
    const p: [number, number, number] = [0, 0, 0];
    for (let c = 0; c < 3; c++) {
      const v = triangles[3 * t + c]!;
      for (let k = 0; k < 3; k++) {
        p[k]! += registered.barycentric[3 * i + c]! * model.mean[3 * v + k]!;
      }
    }
    known.push({ p, scale: points.scale[i]!, place: upwards(points.uv, i) });
  }
  return known;
}

/** `P`: length in the texture of a millimetre at each position of the open skin. */
async function vertexScale(
  model: MorphableModel,
  open: OpenSkin,
  known: readonly KnownPoint[],
): Promise<VertexScale> {
  const scale = new Float64Array(open.positions.length / 3);
  for (const v of new Set(open.triangles)) {
    let sum = 0;
    let total = 0;
    for (const { point, weight } of nearest(known, at(open.positions, v))) {
      sum += weight * Math.log(point.scale);
      total += weight;
    }
    scale[v] = Math.exp(sum / total);
  }
  return hide(model, open, scale);
}

export interface VertexScale {
  /** `P`: length in the texture of a millimetre. */
  readonly scale: Float64Array;
  /** `P`: factor of the weight, in (0, 1]. */
  readonly importance: Float64Array;
}

/** Lets places that nothing can see, such as the inside of the nose, be smaller and bend more. */
export function hide(model: MorphableModel, open: OpenSkin, scale: Float64Array): VertexScale {
  const solid = model.triangles.slice();
  for (const { kind, start, count } of model.parts) {
    // Thin or clear shells hide nothing.
    if (kind === "lashes" || kind === "other") solid.fill(0, 3 * start, 3 * (start + count));
  }
  const skin = open.triangles.subarray(0, 3 * open.skinCount);
  const free = openness(model.mean, skin, new SurfaceIndex(model.mean, solid));
  const importance = new Float64Array(scale.length).fill(1);
  const result = scale.slice();
  for (let v = 0; v < free.length; v++) {
    const open = Math.min(1, free[v]! / 0.7);
    result[v]! *= HIDDEN_SCALE + (1 - HIDDEN_SCALE) * open;
    importance[v] = HIDDEN_WEIGHT + (1 - HIDDEN_WEIGHT) * open * open;
  }
  return { scale: result, importance };
}

function* nearest(known: readonly KnownPoint[], p: readonly [number, number, number]) {
  const best: { point: KnownPoint; d: number }[] = [];
  for (const point of known) {
    const d = (point.p[0] - p[0]) ** 2 + (point.p[1] - p[1]) ** 2 + (point.p[2] - p[2]) ** 2;
    if (best.length === NEIGHBOURS && d >= best[NEIGHBOURS - 1]!.d) continue;
    if (best.length === NEIGHBOURS) best.pop();
    let i = best.length;
    while (i > 0 && best[i - 1]!.d > d) i--;
    best.splice(i, 0, { point, d });
  }
  for (const { point, d } of best) yield { point, weight: 1 / (d + 1) };
}

/** Each vertex at the place of the frame's point that is nearest to it in space. */
function startFrom(open: OpenSkin, known: readonly KnownPoint[]): Float64Array {
  const start = new Float64Array(2 * open.vertexOf.length);
  for (const [i, v] of open.vertexOf.entries()) {
    const [first] = nearest(known, at(open.positions, v));
    start[2 * i] = first?.point.place[0] ?? 0.5;
    start[2 * i + 1] = first?.point.place[1] ?? 0.5;
  }
  return start;
}

/**
 * Lays an open skin flat: conformally first, then without folds, then symmetric if the model is.
 *
 * @param start `M x 2`
 * @returns `M x 2`, u to the right and v *up*
 */
export async function flatten(
  model: MorphableModel,
  open: OpenSkin,
  { scale, importance }: VertexScale,
  targets: PointTargets,
  start: Float64Array,
  options: UntangleOptions,
): Promise<Float64Array> {
  const { positions, triangles, mapTriangles, skinCount } = open;
  const mean = (values: Float64Array, t: number) =>
    (values[triangles[3 * t]!]! + values[triangles[3 * t + 1]!]! + values[triangles[3 * t + 2]!]!) /
    3;
  const mesh = referenceMesh(
    positions,
    triangles,
    mapTriangles,
    (t) => mean(scale, t),
    (t) => (t < skinCount ? mean(importance, t) : FILL_WEIGHT),
  );
  const box = [UV_MARGIN, UV_MARGIN, 1 - UV_MARGIN, 1 - UV_MARGIN] as const;
  let held = targets;
  let { map, folded } = await untangle(mesh, held, conformalMap(mesh, held, start), {
    box,
    ...options,
  });
  for (let round = 0; folded > 0 && round < RELEASES; round++) {
    held = release(mesh, held, map);
    ({ map, folded } = await untangle(mesh, held, map, { box, ...options }));
  }
  const mirrored = mirrorMap(open, model.symmetry);
  if (mirrored === undefined) return map;
  const even = map.map((value, i) => {
    const other = map[2 * mirrored[i >> 1]! + (i % 2)]!;
    return i % 2 === 0 ? (value + 1 - other) / 2 : (value + other) / 2;
  });
  return countFolds(mesh, even) <= folded ? even : map;
}

/** Points near folds may ask for what no map without folds can do: they count less from then on. */
function release(
  { triangles }: ReferenceMesh,
  targets: PointTargets,
  map: Float64Array,
): PointTargets {
  const near = new Set<number>();
  for (let t = 0; t < triangles.length; t += 3) {
    const corners = triangles.subarray(t, t + 3);
    if (isFolded(map, corners)) for (const v of corners) near.add(v);
  }
  for (let ring = 0; ring < RELEASE_RINGS; ring++) {
    const wider = new Set(near);
    for (let t = 0; t < triangles.length; t += 3) {
      const corners = triangles.subarray(t, t + 3);
      if (corners.some((v) => near.has(v))) for (const v of corners) wider.add(v);
    }
    for (const v of wider) near.add(v);
  }
  const weights = targets.weights.map((weight, n) =>
    targets.vertices.subarray(3 * n, 3 * n + 3).some((v) => near.has(v))
      ? weight * RELEASE
      : weight,
  );
  return { ...targets, weights };
}

/** For each vertex of the open skin its mirror image; undefined where one has none. */
function mirrorMap(open: OpenSkin, symmetry: Uint32Array | null): Uint32Array | undefined {
  if (symmetry === null) return undefined;
  const { vertexOf, seam, holes } = open;
  const single = new Map<number, number>();
  for (const [i, v] of vertexOf.entries()) single.set(v, i);
  const across = new Map<number, number>();
  for (const [k, l] of seam.left.entries()) {
    across.set(l, seam.right[k]!);
    across.set(seam.right[k]!, l);
  }
  const mirrorHole = (v: number) => {
    const image = symmetry[holes[v - symmetry.length]![0]!]!;
    return symmetry.length + holes.findIndex((loop) => loop.includes(image));
  };
  const out = new Uint32Array(vertexOf.length);
  for (const [i, v] of vertexOf.entries()) {
    const image = v < symmetry.length ? symmetry[v]! : mirrorHole(v);
    const on = across.get(i);
    const other = on === undefined ? single.get(image) : on;
    if (other === undefined || (on !== undefined && image !== v)) return undefined;
    out[i] = other;
  }
  return out;
}

/** Puts the coordinates of skin and of other parts together. */
function assemble(
  model: MorphableModel,
  skin: Skin,
  surface: SurfaceIndex,
  open: OpenSkin,
  map: Float64Array,
  frame: string,
): UvMap {
  const coordinates: number[] = [];
  const triangles = new Uint32Array(model.triangles.length);
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  const used = new Map<number, number>();
  const put = (key: number, u: number, v: number) => {
    let index = used.get(key);
    if (index === undefined) {
      index = coordinates.length / 2;
      coordinates.push(clamp(u), clamp(v));
      used.set(key, index);
    }
    return index;
  };
  for (const [i, t] of skin.numbers.entries()) {
    for (let c = 0; c < 3; c++) {
      const vertex = open.mapTriangles[3 * i + c]!;
      triangles[3 * t + c] = put(vertex, map[2 * vertex]!, 1 - map[2 * vertex + 1]!);
    }
  }
  const main = new Set(skin.numbers);
  for (const part of model.parts) {
    used.clear();
    const place = part.kind === "skin" ? undefined : partProjection(model, part);
    for (let t = part.start; t < part.start + part.count; t++) {
      if (main.has(t)) continue;
      for (let c = 3 * t; c < 3 * t + 3; c++) {
        const v = model.triangles[c]!;
        if (place === undefined) {
          const hit = surface.closest(...at(model.mean, v))!;
          const corners = open.mapTriangles.subarray(3 * hit.triangle, 3 * hit.triangle + 3);
          const mix = (k: number) =>
            hit.barycentric.reduce((sum, b, i) => sum + b * map[2 * corners[i]! + k]!, 0);
          triangles[c] = put(v, mix(0), 1 - mix(1));
        } else if (model.uv !== null) {
          const own = model.uv.triangles[c]!;
          triangles[c] = put(
            own,
            model.uv.coordinates[2 * own]!,
            model.uv.coordinates[2 * own + 1]!,
          );
        } else {
          triangles[c] = put(v, ...place(v));
        }
      }
    }
  }
  return { frame, coordinates: Float32Array.from(coordinates), triangles };
}

/** Where the vertices of a part lie on a texture of their own: u right, v down. */
function partProjection(
  { mean, triangles }: MorphableModel,
  { kind, start, count }: Part,
): (vertex: number) => [number, number] {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let c = 3 * start; c < 3 * (start + count); c++) {
    for (let k = 0; k < 3; k++) {
      const value = mean[3 * triangles[c]! + k]!;
      low[k] = Math.min(low[k]!, value);
      high[k] = Math.max(high[k]!, value);
    }
  }
  const centre = low.map((value, k) => (value + high[k]!) / 2);
  const side = Math.max(high[0]! - low[0]!, high[1]! - low[1]!, 1e-6);
  return (v) => {
    const [x, y, z] = [0, 1, 2].map((k) => mean[3 * v + k]! - centre[k]!) as [
      number,
      number,
      number,
    ];
    if (kind !== "eyes") return [0.5 + x / side, 0.5 - y / side];
    const across = Math.hypot(x, y);
    const radius = Math.atan2(across, z) / (2 * Math.PI);
    return across > 0 ? [0.5 + (radius * x) / across, 0.5 - (radius * y) / across] : [0.5, 0.5];
  };
}

function warpAll(points: Float32Array, warp: Warp): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    out.set(warp(points[i]!, points[i + 1]!, points[i + 2]!), i);
  }
  return out;
}

function at(positions: ArrayLike<number>, i: number): [number, number, number] {
  return [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!];
}

/** Place of a point of the layout with v up. */
function upwards(uv: Float32Array, i: number): [number, number] {
  return [uv[2 * i]!, 1 - uv[2 * i + 1]!];
}
