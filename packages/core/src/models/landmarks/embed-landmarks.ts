// MediaPipe's 478 landmarks on any head: pictures of the mean head from several sides, the landmark
// network on each, and the surface points that the landmarks show.

import { GanfitError } from "../../errors.js";
import type { Image } from "../../image/image.js";
import type { FaceNetworks } from "../../networks/faces.js";
import { findFace } from "../../networks/find-face.js";
import { LANDMARK_GROUPS } from "../../networks/ibug68.js";
import { cropOfLandmarks } from "../../networks/landmarks.js";
import { type PreviewOptions, preview, projectView, type View } from "../../render/preview.js";
import { barycentricAt, type Raster, rasterize } from "../../render/rasterize.js";
import { type SurfaceHit, SurfaceIndex } from "../closest-point.js";
import type { MorphableModel, PartKind, SurfacePoints } from "../morphable-model.js";
import { surfacePositions } from "../surface-points.js";
import { splineWarp } from "../uv/register-warp.js";
import { ibug68Positions, JAW_COUNT } from "./embed-ibug68.js";
import { MEDIAPIPE_MIRROR } from "./embed-mirror.js";

export interface EmbedOptions {
  /** Yaw and pitch in degrees of each view, the straight one first. */
  readonly views?: readonly (readonly [yaw: number, pitch: number])[];
  /** Pixels along each side of the pictures. */
  readonly size?: number;
  /**
   * Pictures of skin with brows and lips, worn one after the other through the model's own `uv`: the
   * network places brows and the borders of the lips better where they have a colour.
   */
  readonly textures?: readonly Image[];
  /**
   * Whether the landmarks follow the 68 points of the model's own file, where it has them: people placed
   * those, and a head without colours tells the network little of brows and lips.
   */
  readonly guided?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export const EMBED_DEFAULTS: Required<Omit<EmbedOptions, "signal">> = {
  views: [
    [0, 0],
    [-15, 0],
    [15, 0],
    [-30, 0],
    [30, 0],
    [-45, 0],
    [45, 0],
    [0, -12],
    [0, 12],
  ],
  size: 512,
  textures: [],
  guided: true,
};

const FACE_POINTS = 468;
const POINTS = 478;
/** Millimetres across the pictures: a face and some of what is around it. */
const SPAN = 320;

/** The first of iBUG's points on the brows, and the landmarks below its ten points. */
const FIRST_BROW = 17;
const BROWS_LOWER = [46, 53, 52, 65, 55, 285, 295, 282, 283, 276];

/** Millimetres (see `splineWarp`): published points are not more exact than this. */
const FOLLOW_SOFTNESS = 20;

/** Squared cosine below which a landmark belongs to the side of the face in a view from the front. */
const LATERAL = 0.5;

/** The borders of the lips where they meet, at the middle first, without the corners. */
const UPPER_INNER_LIP = [13, 82, 81, 80, 191, 312, 311, 310, 415];
const LOWER_INNER_LIP = [14, 87, 178, 88, 95, 317, 402, 318, 324];

/**
 * Finds MediaPipe's 478 landmarks on a model's mean.
 *
 * In each view a landmark lies on the skin that is seen there; views count by the square of the cosine
 * at which they see it, and those far from the median are left out. The mean of the views is made
 * symmetric where the model has a symmetry map, and goes to the nearest point of the skin. Points of
 * the inner lips stay on their own lip. The irises lie on the eyes where the model has eyes (parts of
 * kind `eyes`), else on the skin.
 *
 * @returns 478 points
 * @throws GanfitError `model` where no face is found in the picture of the mean from the front
 */
export async function embedLandmarks(
  model: MorphableModel,
  networks: FaceNetworks,
  options: EmbedOptions = {},
): Promise<SurfacePoints> {
  const { views, size, textures, guided, signal } = {
    ...EMBED_DEFAULTS,
    signal: undefined,
    ...options,
  };
  const looks = textures.length > 0 ? textures.map((texture) => ({ ...LOOK, texture })) : [LOOK];
  const sums = new ViewSums();
  const skin = trianglesOf(model, ["skin"]);
  const eyes = trianglesOf(model, ["eyes"]);
  if (skin.length === 0) {
    throw new GanfitError("model", `${model.name} has no part of kind "skin" to put landmarks on.`);
  }

  // From the front with all of the head, to learn where the face is.
  const overview = { width: size, height: size, yaw: 0, pitch: 0 };
  let known = await firstLook(model, networks, overview, looks[0]!);
  let lateral = new Float32Array(POINTS);
  for (const [yaw, pitch] of views) {
    const view = { width: size, height: size, yaw, pitch, centre: centreOf(known), span: SPAN };
    for (const look of looks) {
      signal?.throwIfAborted();
      const picture = preview(model.mean, model, { ...view, ...look });
      const guess = projectView(known, view);
      const measured = await networks.landmarks.refine(picture, cropOfLandmarks(guess));
      if (measured.presence < 0.5) continue;
      const seen = surfaceUnder(model, view, measured.points);
      if (yaw === 0 && pitch === 0) {
        known = filled(seen.positions, known);
        lateral = seen.weights.map((weight) => (weight < LATERAL ? 1 : 0));
      }
      // Sideways, the far contour of the picture is not the contour of the face.
      for (let i = 0; i < POINTS; i++) {
        if (lateral[i] && Math.sign(yaw) * known[3 * i]! > 0) seen.weights[i] = 0;
      }
      sums.add(seen, measured.presence);
    }
  }
  const positions = sums.combine();
  if (positions === undefined) {
    throw new GanfitError(
      "model",
      `Pictures of ${model.name} show no face from enough sides to place all landmarks: check its axes and unit.`,
    );
  }
  if (model.symmetry) symmetrise(positions);
  const published = model.landmarks?.ibug68;
  if (published && guided)
    followPublished(positions, surfacePositions(model.mean, model.triangles, published));
  return project(model, skin, eyes, positions);
}

const LOOK = {
  colours: { eyes: [235, 232, 228], mouth: [120, 50, 50] },
  hide: ["other", "lashes"] as PartKind[],
  background: [128, 128, 128],
  // The network sees a picture of half the size.
  supersampling: 1,
} satisfies Partial<PreviewOptions> & { hide: readonly PartKind[] };

async function firstLook(
  model: MorphableModel,
  networks: FaceNetworks,
  view: View,
  look: Partial<PreviewOptions>,
): Promise<Float32Array> {
  const picture = preview(model.mean, model, { ...view, ...look });
  let face: Awaited<ReturnType<typeof findFace>>;
  try {
    face = await findFace(picture, networks, { index: 0 });
  } catch (error) {
    const unusable = error instanceof GanfitError && ["no-face", "face-cut"].includes(error.code);
    if (!unusable) throw error;
    throw new GanfitError(
      "model",
      `No face is seen in a picture of ${model.name} from +z: check its axes, unit and parts.`,
      { cause: error },
    );
  }
  const seen = surfaceUnder(model, view, face.landmarks);
  const centre = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < POINTS; i++) {
    if (!(seen.weights[i]! > 0)) continue;
    count++;
    for (let k = 0; k < 3; k++) centre[k]! += seen.positions[3 * i + k]!;
  }
  return filled(
    seen.positions,
    Float32Array.from({ length: 3 * POINTS }, (_, i) => centre[i % 3]! / Math.max(count, 1)),
  );
}

interface Seen {
  /** `478 x 3` model coordinates; NaN where the landmark shows no surface. */
  readonly positions: Float32Array;
  /** `478`: squared cosine between the surface and the line of sight. */
  readonly weights: Float32Array;
}

/** The surface that is nearest to the viewer at each landmark. */
function surfaceUnder(model: MorphableModel, view: View, points: Float32Array): Seen {
  // A landmark is looked up at its exact place: a finer picture only finds the triangle.
  const factor = 2;
  const large = { ...view, width: view.width * factor, height: view.height * factor };
  const screen = projectView(model.mean, large);
  const kinds = kindsOf(model);
  // What is hidden in the pictures neither covers nor holds landmarks.
  const triangles = model.triangles.map((vertex, i) =>
    LOOK.hide.includes(kinds[Math.floor(i / 3)]!) ? model.triangles[i - (i % 3)]! : vertex,
  );
  const raster = rasterize({
    positions: screen,
    triangles,
    width: large.width,
    height: large.height,
  });
  const positions = new Float32Array(3 * POINTS).fill(Number.NaN);
  const weights = new Float32Array(POINTS);
  const barycentric = [0, 0, 0];
  const hasEyes = kinds.includes("eyes");
  for (let i = 0; i < POINTS; i++) {
    const x = points[3 * i]! * factor;
    const y = points[3 * i + 1]! * factor;
    const kind = i >= FACE_POINTS && hasEyes ? "eyes" : "skin";
    // Seen through an opening, the inside of the head's back is no place for a landmark.
    const usable = (t: number) =>
      kinds[t] === kind && facing(model.mean, screen, triangles, t, large) > 0;
    const t = nearestTriangle(raster, usable, x, y);
    if (t < 0) continue;
    barycentricAt(screen, triangles, t, x, y, barycentric);
    // The landmark may lie a pixel beside the triangle.
    let sum = 0;
    for (let c = 0; c < 3; c++) {
      barycentric[c] = Math.min(1, Math.max(0, barycentric[c]!));
      sum += barycentric[c]!;
    }
    for (let k = 0; k < 3; k++) {
      let value = 0;
      for (let c = 0; c < 3; c++) {
        value += (barycentric[c]! / sum) * model.mean[triangles[3 * t + c]! * 3 + k]!;
      }
      positions[3 * i + k] = value;
    }
    weights[i] = facing(model.mean, screen, triangles, t, large) ** 2;
  }
  return { positions, weights };
}

/** The usable triangle at a pixel, or at the nearest of the pixels around it; -1 where there is none. */
function nearestTriangle(
  { triangle: ids, width, height }: Raster,
  usable: (triangle: number) => boolean,
  x: number,
  y: number,
): number {
  const reach = 6;
  let best = -1;
  let nearest = Infinity;
  for (let row = Math.floor(y) - reach; row <= Math.floor(y) + reach; row++) {
    for (let column = Math.floor(x) - reach; column <= Math.floor(x) + reach; column++) {
      if (row < 0 || column < 0 || row >= height || column >= width) continue;
      const id = ids[row * width + column]!;
      const distance = (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2;
      if (id < 0 || distance >= nearest || !usable(id)) continue;
      best = id;
      nearest = distance;
    }
  }
  return best;
}

function kindsOf({ parts, triangles }: MorphableModel): PartKind[] {
  const kinds = new Array<PartKind>(triangles.length / 3).fill("other");
  for (const { kind, start, count } of parts) kinds.fill(kind, start, start + count);
  return kinds;
}

/**
 * Cosine between a triangle's normal and the line of sight, negative for one seen from behind: its area
 * on the screen over its own.
 */
function facing(
  positions: Float32Array,
  screen: Float32Array,
  triangles: Uint32Array,
  t: number,
  view: View,
): number {
  const [a, b, c] = [0, 1, 2].map((i) => triangles[3 * t + i]! * 3) as [number, number, number];
  const u = [0, 1, 2].map((k) => positions[b + k]! - positions[a + k]!) as [number, number, number];
  const v = [0, 1, 2].map((k) => positions[c + k]! - positions[a + k]!) as [number, number, number];
  const area = Math.hypot(
    u[1] * v[2] - u[2] * v[1],
    u[2] * v[0] - u[0] * v[2],
    u[0] * v[1] - u[1] * v[0],
  );
  const scale = view.height / (view.span ?? SPAN);
  const seen =
    (screen[b]! - screen[a]!) * (screen[c + 1]! - screen[a + 1]!) -
    (screen[c]! - screen[a]!) * (screen[b + 1]! - screen[a + 1]!);
  // With y down, what faces the viewer runs clockwise.
  return area > 0 ? Math.max(-1, Math.min(1, -seen / (area * scale * scale))) : 0;
}

/** Robust mean over views. */
class ViewSums {
  readonly #views: { seen: Seen; presence: number }[] = [];

  add(seen: Seen, presence: number): void {
    this.#views.push({ seen, presence });
  }

  /** `478 x 3`; undefined where a landmark was seen in no view. */
  combine(): Float32Array | undefined {
    const out = new Float32Array(3 * POINTS);
    for (let i = 0; i < POINTS; i++) {
      const found = this.#views
        .map(({ seen, presence }) => ({
          p: seen.positions.subarray(3 * i, 3 * i + 3),
          weight: seen.weights[i]! * presence,
        }))
        .filter(({ weight }) => weight > 0.02);
      if (found.length === 0) return undefined;
      const median = [0, 1, 2].map((k) => weightedMedian(found, k));
      const distances = found.map(({ p }) => Math.hypot(...median.map((m, k) => p[k]! - m)));
      // Twice the usual deviation, but no stricter than the surface's own relief.
      const limit = Math.max(2, 2 * [...distances].sort((a, b) => a - b)[found.length >> 1]!);
      let total = 0;
      for (const [j, { p, weight }] of found.entries()) {
        if (distances[j]! > limit) continue;
        total += weight;
        for (let k = 0; k < 3; k++) out[3 * i + k]! += weight * p[k]!;
      }
      for (let k = 0; k < 3; k++) out[3 * i + k]! /= total;
    }
    return out;
  }
}

function weightedMedian(
  found: readonly { p: Float32Array; weight: number }[],
  axis: number,
): number {
  const sorted = [...found].sort((a, b) => a.p[axis]! - b.p[axis]!);
  let rest = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
  for (const { p, weight } of sorted) {
    rest -= weight;
    if (rest <= 0) return p[axis]!;
  }
  return sorted.at(-1)!.p[axis]!;
}

function symmetrise(positions: Float32Array): void {
  for (let i = 0; i < POINTS; i++) {
    const j = MEDIAPIPE_MIRROR[i]!;
    if (j < i) continue;
    for (let k = 0; k < 3; k++) {
      const sign = k === 0 ? -1 : 1;
      const mean = (positions[3 * i + k]! + sign * positions[3 * j + k]!) / 2;
      positions[3 * i + k] = mean;
      positions[3 * j + k] = sign * mean;
    }
  }
}

/** Moves landmarks as the features among them have to move to where the model's file has them. */
function followPublished(positions: Float32Array, published: Float32Array): void {
  const guess = ibug68Positions(positions);
  const from = [...guess.subarray(3 * JAW_COUNT)];
  const to = [...published.subarray(3 * JAW_COUNT)];
  const softness = new Array<number>(68 - JAW_COUNT).fill(FOLLOW_SOFTNESS);
  // A brow moves as a whole.
  for (const [i, lower] of BROWS_LOWER.entries()) {
    const upper = 3 * (FIRST_BROW + i);
    const p = positions.subarray(3 * lower, 3 * lower + 3);
    from.push(...p);
    to.push(...p.map((value, k) => value + published[upper + k]! - guess[upper + k]!));
    softness.push(FOLLOW_SOFTNESS);
  }
  // The outline stays: what a file calls its jaw may be the outline of a picture.
  for (const i of LANDMARK_GROUPS.faceOval) {
    const p = positions.subarray(3 * i, 3 * i + 3);
    from.push(...p);
    to.push(...p);
    softness.push(FOLLOW_SOFTNESS);
  }
  const warp = splineWarp(from, to, softness);
  for (let i = 0; i < 3 * FACE_POINTS; i += 3) {
    positions.set(warp(positions[i]!, positions[i + 1]!, positions[i + 2]!), i);
  }
}

function project(
  model: MorphableModel,
  skin: Uint32Array,
  eyes: Uint32Array,
  positions: Float32Array,
): SurfacePoints {
  const result = {
    triangles: new Uint32Array(POINTS),
    barycentric: new Float32Array(3 * POINTS),
  };
  // Where closed lips meet, the upper one faces down and the lower one up.
  const lips = new Map([
    ...UPPER_INNER_LIP.map((i) => [i, -1] as const),
    ...LOWER_INNER_LIP.map((i) => [i, 1] as const),
  ]);
  const facingUp = facingIndex(model, skin, 1);
  const facingDown = facingIndex(model, skin, -1);
  const all = { index: new SurfaceIndex(model.mean, skin), numbers: identityNumbers(skin) };
  const balls =
    eyes.length > 0
      ? { index: new SurfaceIndex(model.mean, eyes), numbers: identityNumbers(eyes) }
      : all;
  const skinStart = numbersOf(model, ["skin"]);
  const eyesStart = numbersOf(model, ["eyes"]);
  for (let i = 0; i < POINTS; i++) {
    const p = [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!] as const;
    const lip = lips.get(i);
    const surface =
      i >= FACE_POINTS
        ? balls
        : lip === undefined
          ? all
          : ((lip > 0 ? facingUp : facingDown) ?? all);
    const hit: SurfaceHit = surface.index.closest(...p)!;
    const local = surface.numbers[hit.triangle]!;
    const numbers = surface === balls && eyes.length > 0 ? eyesStart : skinStart;
    result.triangles[i] = numbers[local]!;
    result.barycentric.set(hit.barycentric, 3 * i);
  }
  return result;
}

/** The triangles whose normals have an upward (1) or downward (-1) component of at least a tenth. */
function facingIndex(model: MorphableModel, skin: Uint32Array, sign: 1 | -1) {
  const kept: number[] = [];
  const numbers: number[] = [];
  const p = model.mean;
  for (let t = 0; t < skin.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((i) => skin[t + i]! * 3) as [number, number, number];
    const u = [0, 1, 2].map((k) => p[b + k]! - p[a + k]!) as [number, number, number];
    const v = [0, 1, 2].map((k) => p[c + k]! - p[a + k]!) as [number, number, number];
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    const length = Math.hypot(...n);
    // In front as well: the lips' insides face backwards.
    if (sign * n[1]! < 0.1 * length || n[2]! < 0) continue;
    kept.push(skin[t]!, skin[t + 1]!, skin[t + 2]!);
    numbers.push(t / 3);
  }
  return kept.length > 0
    ? { index: new SurfaceIndex(p, Uint32Array.from(kept)), numbers: Uint32Array.from(numbers) }
    : undefined;
}

function identityNumbers(triangles: Uint32Array): Uint32Array {
  return Uint32Array.from({ length: triangles.length / 3 }, (_, t) => t);
}

function numbersOf({ parts }: MorphableModel, kinds: readonly PartKind[]): Uint32Array {
  const numbers: number[] = [];
  for (const { kind, start, count } of parts) {
    if (kinds.includes(kind)) for (let t = start; t < start + count; t++) numbers.push(t);
  }
  return Uint32Array.from(numbers);
}

function trianglesOf(model: MorphableModel, kinds: readonly PartKind[]): Uint32Array {
  const numbers = numbersOf(model, kinds);
  const triangles = new Uint32Array(3 * numbers.length);
  for (const [i, t] of numbers.entries()) {
    triangles.set(model.triangles.subarray(3 * t, 3 * t + 3), 3 * i);
  }
  return triangles;
}

function centreOf(points: Float32Array): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < points.length; i++) sum[i % 3]! += (3 * points[i]!) / points.length;
  return sum;
}

function filled(positions: Float32Array, otherwise: Float32Array): Float32Array {
  return positions.map((value, i) => (Number.isNaN(value) ? otherwise[i]! : value));
}
