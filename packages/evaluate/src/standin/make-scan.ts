/** A known head as a scanner would give it. */
import { randomUniform } from "@ganfit/core";
import type { Mesh } from "../geometry/mesh.js";
import { pointAt } from "../geometry/points.js";
import { movePoints, type Similarity3 } from "../geometry/similarity3.js";
import { NOSE_TIP } from "../ibug68.js";
import { seedFor } from "../seeds.js";
import { addHair } from "./hair.js";
import type { KnownHead } from "./known-heads.js";
import { type MotionRange, randomMotion } from "./random-motion.js";
import {
  addNoise,
  type Cut,
  changeOrder,
  changePose,
  cutHoles,
  cutOff,
  inTurn,
  NEW_VERTEX,
  type Patch,
} from "./scan-defects.js";
import { type ScanSurface, scannedMesh } from "./scan-surface.js";

export interface ScanOptions {
  readonly seed: number;
  /** Standard deviation of the noise along the normals, millimetres. */
  readonly noise: number;
  /** From the model's frame to the scan's, millimetres. */
  readonly motion: MotionRange;
  /** Of hair; 0 for none. */
  readonly strands: number;
}

export interface Scan {
  readonly mesh: Mesh;
  /** For each vertex that of the {@link ScanSurface}, or `NEW_VERTEX`. */
  readonly source: Uint32Array;
  /** `68 x 3`, on the surface without noise, in the scan's frame. */
  readonly landmarks: Float64Array;
  /** From the model's frame to the scan's. */
  readonly motion: Similarity3;
  readonly defects: ScanDefects;
}

/** As truth.json has them, in the model's frame, millimetres. */
export interface ScanDefects {
  readonly noise: number;
  readonly holes: readonly Patch[];
  readonly cut: Cut;
  /** Vertices of hair. */
  readonly hair: number;
}

/** No hole comes nearer to a landmark, millimetres. */
const SPARED = 1.5;
/** Least radius of a hole, millimetres. */
const SMALLEST = 1;
/** How far from its place a hole may be for having room, millimetres. */
const REACH = 15;
/** Nothing nearer to the tip of the nose has hair, so that the face is free of it, millimetres. */
const BALD = 112;
/** Only what is higher above the brows has hair, millimetres. */
const HAIRLINE = 40;

/** A scan whose everything is decided by the head and the seed. */
export function makeScan(surface: ScanSurface, head: KnownHead, options: ScanOptions): Scan {
  const { seed, noise, strands } = options;
  const seeds = (what: string) => seedFor(seed, what);
  const whole = scannedMesh(surface, head);
  const corners = Float64Array.from(
    surface.aroundLandmarks.flatMap((v) => [...whole.positions.subarray(3 * v, 3 * v + 3)]),
  );
  const holes = randomHoles(whole, head.landmarks, corners, seeds("holes"));
  const cut = behindTheEars(corners, seeds("cut"));
  const motion = randomMotion(seeds("motion"), options.motion);
  const away = pointAt(head.landmarks, NOSE_TIP);
  const { mesh, source } = inTurn(whole, [
    (m) => cutOff(m, cut),
    (m) => cutHoles(m, holes),
    (m) => addNoise(m, { seed: seeds("noise"), sigma: noise }),
    (m) => addHair(m, { seed: seeds("hair"), strands, roots: scalp(m, head.landmarks), away }),
    (m) => changePose(m, motion),
    (m) => changeOrder(m, seeds("order")),
  ]);
  const hair = source.reduce((count, vertex) => count + Number(vertex === NEW_VERTEX), 0);
  return {
    mesh,
    source,
    landmarks: movePoints(head.landmarks, motion),
    motion,
    defects: { noise, holes, cut, hair },
  };
}

/**
 * At the nostrils, under the chin, on both sides of the face: at vertices, and at no landmark.
 *
 * @param corners of the triangles that landmarks lie on, which stay
 */
function randomHoles(
  { positions }: Mesh,
  landmarks: Float64Array,
  corners: Float64Array,
  seed: number,
): Patch[] {
  const next = randomUniform(seed);
  const near = (landmark: number, offset: readonly number[]) =>
    [0, 1, 2].map((k) => landmarks[3 * landmark + k]! + offset[k]! + 2 * (next() - 0.5));
  const wanted = [
    { point: near(32, [0, 2, 1]), radius: 4 },
    { point: near(34, [0, 2, 1]), radius: 4 },
    { point: near(8, [0, -14, -22]), radius: 9 + 6 * next() },
    { point: near(2, [8, 0, 12]), radius: 3 + 4 * next() },
    { point: near(14, [-8, 0, 12]), radius: 3 + 4 * next() },
  ];
  const away = (from: ArrayLike<number>, points: Float64Array) =>
    Math.hypot(...difference(from, nearest(points, from)));
  const room = (at: ArrayLike<number>) => Math.min(away(at, landmarks) - SPARED, away(at, corners));
  return wanted.flatMap(({ point, radius }) => {
    const roomy = within(positions, point, REACH).filter((vertex) => room(vertex) > SMALLEST);
    if (roomy.length === 0) return [];
    const centre = nearest(Float64Array.from(roomy.flat()), point);
    return [{ centre, radius: Math.min(radius, room(centre)) }];
  });
}

/** A plane across the head, slightly askew, behind all of some points. */
function behindTheEars(points: Float64Array, seed: number): Cut {
  const next = randomUniform(seed);
  const [x, y] = [0.2 * (next() - 0.5), 0.2 * (next() - 0.5)];
  const length = Math.hypot(x, y, 1);
  const normal = [x / length, y / length, 1 / length] as const;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < points.length; i += 3) {
    const [a, b, c] = points.subarray(i, i + 3);
    least = Math.min(least, normal[0] * a! + normal[1] * b! + normal[2] * c!);
  }
  return { normal, offset: least - 8 - 10 * next() };
}

function scalp({ positions }: Mesh, landmarks: Float64Array): number[] {
  const lowest = Math.max(landmarks[3 * 19 + 1]!, landmarks[3 * 24 + 1]!) + HAIRLINE;
  const nose = pointAt(landmarks, NOSE_TIP);
  return Array.from({ length: positions.length / 3 }, (_, vertex) => vertex).filter((vertex) => {
    const point = positions.subarray(3 * vertex, 3 * vertex + 3);
    return point[1]! > lowest && Math.hypot(...difference(point, nose)) > BALD;
  });
}

function within(points: Float64Array, of: ArrayLike<number>, distance: number): number[][] {
  return Array.from({ length: points.length / 3 }, (_, i) => i)
    .filter((i) => Math.hypot(...difference(points.subarray(3 * i, 3 * i + 3), of)) < distance)
    .map((i) => [...points.subarray(3 * i, 3 * i + 3)]);
}

function nearest(points: Float64Array, to: ArrayLike<number>): [number, number, number] {
  let best: [number, number, number] = [0, 0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    const distance = Math.hypot(x - to[0]!, y - to[1]!, z - to[2]!);
    if (distance < least) [best, least] = [[x, y, z], distance];
  }
  return best;
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): [number, number, number] {
  return [a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!];
}
