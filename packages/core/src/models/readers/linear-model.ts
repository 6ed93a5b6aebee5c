import { GanfitError } from "../../errors.js";
import type { Basis, MorphableModel, Part } from "../morphable-model.js";
import { checkModel } from "../validate-model.js";
import { moveOrigin, originFromNose } from "./head-frame.js";
import { countOf, type NdArray, toC } from "./ndarray.js";

/*
 * What the readers of published models (Basel, FLAME, LSFM) have in common: numbers as their files hold them
 * become a `MorphableModel` that keeps its promises about units, orientation and parts.
 */

/** What a file says about its surface. */
export interface PublishedModel {
  readonly name: string;
  readonly licence: string;
  readonly attribution: string;
  /** `V x 3`, millimetres. Becomes part of the model, and may be moved. */
  readonly mean: Float32Array;
  /** `T x 3` from 0, in either orientation. */
  readonly triangles: Uint32Array;
  readonly identity: Basis;
  readonly expression: Basis;
}

/**
 * Checks a model (`checkModel`) and completes it: triangles counter-clockwise seen from outside and
 * ordered by part (connected pieces: the largest is the skin, round ones of an eyeball's size are eyes), the
 * origin inside the head.
 *
 * The origin is left where the file has it if that can be between the ears; otherwise it is put there as seen from
 * the tip of the nose (`originFromNose`).
 *
 * @throws GanfitError `model`
 */
export function linearModel(published: PublishedModel): MorphableModel {
  const { mean, triangles } = published;
  const whole: Part = { name: "skin", kind: "skin", start: 0, count: triangles.length / 3 };
  const model = { ...published, parts: [whole], landmarks: null, symmetry: null, uv: null };
  checkModel(model);
  placeOrigin(mean);
  return { ...model, ...orderedSurface(mean, triangles) };
}

/** A basis with no modes. */
export const EMPTY_BASIS: Basis = {
  names: [],
  displacements: new Float32Array(0),
  standardDeviations: new Float32Array(0),
  prior: "normal",
};

/** Names `identity-1`, `identity-2` and so on. */
export const numbered = (kind: string, count: number): string[] =>
  Array.from({ length: count }, (_, k) => `${kind}-${k + 1}`);

/**
 * The triangles of a file, `T x 3` or `3 x T`, from 0.
 *
 * @param base index of the first vertex in the file
 * @throws GanfitError `model` where they are no whole numbers in range
 */
export function trianglesOf(array: NdArray, base: 0 | 1, what: string): Uint32Array {
  const { shape, data } = array;
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || (rows !== 3 && columns !== 3) || rows * columns === 0) {
    throw new GanfitError(
      "model",
      `${what} has triangles of shape ${shape.join(" x ")} instead of T x 3.`,
    );
  }
  // A 3 x T array whose first index runs fastest lies in memory as T x 3 does, and so does its opposite.
  const cornersLast = columns === 3;
  const memoryIsTx3 = cornersLast === (array.order === "C");
  const count = data.length / 3;
  const out = new Uint32Array(data.length);
  for (let t = 0; t < count; t++) {
    for (let c = 0; c < 3; c++) {
      const index = data[memoryIsTx3 ? 3 * t + c : c * count + t]! - base;
      if (!(Number.isInteger(index) && index >= 0 && index < 2 ** 32)) {
        throw new GanfitError(
          "model",
          `${what} has a triangle with a corner that is no vertex (${index}).`,
        );
      }
      out[3 * t + c] = index;
    }
  }
  return out;
}

/**
 * A list of `count` numbers times `scale`, from an array of any shape with that many.
 *
 * @throws GanfitError `model` for another number of them
 */
export function listOf(
  array: NdArray,
  count: number,
  scale: number,
  name: string,
  what: string,
): Float32Array {
  if (countOf(array.shape) !== count) {
    throw new GanfitError(
      "model",
      `${what} has ${name} of shape ${array.shape.join(" x ")} where ${count} numbers should be.`,
    );
  }
  return Float32Array.from(toC(array).data, (x) => x * scale);
}

/** Least and greatest x, y and z. */
export function boundsOf(mean: Float32Array): { min: number[]; max: number[] } {
  const min = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const max = min.map((x) => -x);
  for (let i = 0; i < mean.length; i++) {
    const d = i % 3;
    if (mean[i]! < min[d]!) min[d] = mean[i]!;
    if (mean[i]! > max[d]!) max[d] = mean[i]!;
  }
  return { min, max };
}

/** Moves the head where the origin of the file cannot be between the ears. */
function placeOrigin(mean: Float32Array): void {
  const { min, max } = boundsOf(mean);
  const middle = (max[0]! + min[0]!) / 2;
  const plausible =
    Math.abs(middle) < 0.1 * (max[0]! - min[0]!) &&
    min[1]! < 0 &&
    max[1]! > 0 &&
    min[2]! < 60 &&
    max[2]! > 60;
  if (!plausible) moveOrigin(mean, originFromNose(mean));
}

/** Connected pieces as parts, each turned right side out. */
function orderedSurface(mean: Float32Array, triangles: Uint32Array) {
  const pieces = piecesOf(triangles, mean.length / 3);
  pieces.sort((a, b) => b.length - a.length || a[0]! - b[0]!);
  const ordered = new Uint32Array(triangles.length);
  const parts: Part[] = [];
  let start = 0;
  for (const [rank, piece] of pieces.entries()) {
    const inward = enclosedVolume(mean, triangles, piece) < 0;
    for (const [i, t] of piece.entries()) {
      for (let c = 0; c < 3; c++) {
        ordered[3 * (start + i) + c] = triangles[3 * t + (inward ? 2 - c : c)]!;
      }
    }
    parts.push({ ...labelOf(mean, triangles, piece, rank, parts), start, count: piece.length });
    start += piece.length;
  }
  return { triangles: ordered, parts };
}

/** Triangles grouped by the pieces of surface they belong to, in their order in the file. */
function piecesOf(triangles: Uint32Array, vertexCount: number): number[][] {
  const parent = Uint32Array.from({ length: vertexCount }, (_, v) => v);
  const find = (v: number): number => {
    let root = v;
    while (parent[root]! !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  for (let i = 0; i < triangles.length; i += 3) {
    const a = find(triangles[i]!);
    parent[find(triangles[i + 1]!)] = a;
    parent[find(triangles[i + 2]!)] = a;
  }
  const pieces = new Map<number, number[]>();
  for (let t = 0; t < triangles.length / 3; t++) {
    const root = find(triangles[3 * t]!);
    const piece = pieces.get(root);
    if (piece === undefined) pieces.set(root, [t]);
    else piece.push(t);
  }
  return [...pieces.values()];
}

/** Middle of a piece's corners. */
function centreOf(mean: Float32Array, triangles: Uint32Array, piece: readonly number[]): number[] {
  const sum = [0, 0, 0];
  for (const t of piece) {
    for (let c = 0; c < 3; c++) {
      for (let d = 0; d < 3; d++) sum[d]! += mean[3 * triangles[3 * t + c]! + d]!;
    }
  }
  return sum.map((x) => x / (3 * piece.length));
}

/**
 * Volume of the cones from a piece's middle to its triangles: positive for a surface seen from outside. The middle
 * of a face that is open behind lies behind it, so that its sign is right too.
 */
function enclosedVolume(
  mean: Float32Array,
  triangles: Uint32Array,
  piece: readonly number[],
): number {
  const [ox, oy, oz] = centreOf(mean, triangles, piece) as [number, number, number];
  let volume = 0;
  for (const t of piece) {
    const [a, b, c] = [3 * triangles[3 * t]!, 3 * triangles[3 * t + 1]!, 3 * triangles[3 * t + 2]!];
    const [ax, ay, az] = [mean[a]! - ox, mean[a + 1]! - oy, mean[a + 2]! - oz];
    const [bx, by, bz] = [mean[b]! - ox, mean[b + 1]! - oy, mean[b + 2]! - oz];
    const [cx, cy, cz] = [mean[c]! - ox, mean[c + 1]! - oy, mean[c + 2]! - oz];
    volume += ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx);
  }
  return volume / 6;
}

/** Radii of eyeballs, millimetres, and how far (relative, r.m.s.) the cornea and the mesh may be from a sphere. */
const EYE_RADIUS = [7, 20] as const;
const EYE_ROUNDNESS = 0.12;

function labelOf(
  mean: Float32Array,
  triangles: Uint32Array,
  piece: readonly number[],
  rank: number,
  before: readonly Part[],
): Pick<Part, "name" | "kind"> {
  if (rank === 0) return { name: "skin", kind: "skin" };
  const centre = centreOf(mean, triangles, piece);
  const vertices = new Set(piece.flatMap((t) => Array.from(triangles.subarray(3 * t, 3 * t + 3))));
  const radii = Array.from(vertices, (v) =>
    Math.hypot(...centre.map((x, d) => mean[3 * v + d]! - x)),
  );
  const radius = radii.reduce((a, b) => a + b, 0) / radii.length;
  const spread = Math.sqrt(radii.reduce((a, r) => a + (r - radius) ** 2, 0) / radii.length);
  const round = spread < EYE_ROUNDNESS * radius && radius > EYE_RADIUS[0] && radius < EYE_RADIUS[1];
  const side = centre[0]! > 0 ? "eye-left" : "eye-right";
  if (round && !before.some((part) => part.name === side)) return { name: side, kind: "eyes" };
  return { name: `piece-${rank + 1}`, kind: "other" };
}
