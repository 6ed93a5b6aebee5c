// Eyeballs: where they are, and what they look like.
//
// Every eyeball wears the same picture, laid flat around its front pole. A point `a` radians from the
// axis (+z, where the mean head looks) lies at `a R / (12 mm pi)` of the picture's width from its middle,
// so that lengths on the front of the eye are true whatever the ball's radius R, and an iris is as wide
// as real ones are (11.8 mm on a ball of 12 mm; Gross et al. 2008). Models draw their balls with other
// radii. Beyond 60 degrees what is left of the picture is spread evenly to the back pole.

import { Matrix, solve } from "ml-matrix";
import type { Colour } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { clampedByte } from "../image/tensor.js";
import type { Vector3 } from "../render/camera.js";
import { smoothStep } from "../smooth-step.js";
import type { MorphableModel, Part } from "./morphable-model.js";
import type { TexturedHead } from "./textured-head.js";

export interface Eyeball {
  /** Which of the model's vertices belong to it. */
  readonly vertices: Uint32Array;
  /** On the mean head, millimetres. */
  readonly centre: Vector3;
  /** Millimetres. */
  readonly radius: number;
  /** Whether the vertices lie on a ball at all; false for eyes made in another way. */
  readonly round: boolean;
}

/** Of the eyeball whose picture fills the square, millimetres. */
const NOMINAL_RADIUS = 12;
/** Radii along the surface, millimetres. */
const IRIS = 6;
const PUPIL = 1.75;
const COLLARETTE = 2.7;
/** Up to here lengths are true, radians from the axis. */
const TRUE_ANGLE = Math.PI / 3;
/** Share of the radius by which vertices of a ball may be off it: corneas, and shells inside. */
const OFF_SPHERE = 0.16;
/** Share of a ball's vertices that has to lie on it. */
const ROUND_SHARE = 0.5;

/**
 * As portraits show it beside lit skin: what lies between lids gets less light than the shading at a vertex
 * accounts for (0.56 of white, gamma-coded, on average; see exposure.ts).
 */
const SCLERA: Colour = [164, 158, 154];
const SCLERA_CORNER: Colour = [150, 118, 109];
const PUPIL_COLOUR: Colour = [10, 8, 8];

/**
 * The model's eyeballs: one for each part of kind `eyes`, two where a part lies on both sides of the
 * middle.
 */
export function findEyeballs(model: MorphableModel): readonly Eyeball[] {
  let found = FOUND.get(model);
  if (!found) {
    found = model.parts
      .filter(({ kind, count }) => kind === "eyes" && count > 0)
      .flatMap((part) => sidesOf(model, part))
      .map((vertices) => fitBall(model.mean, vertices));
    FOUND.set(model, found);
  }
  return found;
}

/** Every picture of a model asks again. */
const FOUND = new WeakMap<MorphableModel, readonly Eyeball[]>();

function sidesOf({ mean, triangles }: MorphableModel, { start, count }: Part): Uint32Array[] {
  const vertices = new Set(triangles.subarray(3 * start, 3 * (start + count)));
  const left: number[] = [];
  const right: number[] = [];
  for (const v of vertices) (mean[3 * v]! > 0 ? left : right).push(v);
  return [left, right].filter((side) => side.length > 0).map((side) => Uint32Array.from(side));
}

/** Least squares of |p|^2 = 2 p.c + (R^2 - |c|^2), again without what lies off the ball. */
function fitBall(mean: Float32Array, vertices: Uint32Array): Eyeball {
  let kept = vertices;
  let centre: [number, number, number] = [0, 0, 0];
  let radius = 0;
  const distance = (v: number) =>
    Math.hypot(
      mean[3 * v]! - centre[0],
      mean[3 * v + 1]! - centre[1],
      mean[3 * v + 2]! - centre[2],
    );
  for (let round = 0; round < 8; round++) {
    // Normal equations: a model's eyes may have many vertices, and four unknowns are easy.
    const left = Matrix.zeros(4, 4);
    const right = Matrix.zeros(4, 1);
    for (const v of kept) {
      const [px, py, pz] = [mean[3 * v]!, mean[3 * v + 1]!, mean[3 * v + 2]!];
      const row = [2 * px, 2 * py, 2 * pz, 1];
      const square = px * px + py * py + pz * pz;
      for (let a = 0; a < 4; a++) {
        for (let b = 0; b < 4; b++) left.set(a, b, left.get(a, b) + row[a]! * row[b]!);
        right.set(a, 0, right.get(a, 0) + row[a]! * square);
      }
    }
    const [x, y, z, rest] = solve(left, right, true).to1DArray();
    centre = [x!, y!, z!];
    radius = Math.sqrt(Math.max(0, rest! + x! * x! + y! * y! + z! * z!));
    const on = vertices.filter((v) => Math.abs(distance(v) - radius) < OFF_SPHERE * radius);
    if (on.length < 4 || on.length === kept.length) break;
    kept = on;
  }
  const on = vertices.filter((v) => Math.abs(distance(v) - radius) < OFF_SPHERE * radius);
  return { vertices, centre, radius, round: on.length >= ROUND_SHARE * vertices.length };
}

/**
 * Where vertices of eyeballs lie in the picture of {@link eyeTexture}. Eyes that are no balls get a place
 * of plain white, since nothing tells where their irises would be.
 *
 * @returns `V x 2`, u to the right and v down; 0 for vertices of other parts
 */
export function eyeCoordinates(model: MorphableModel): Float32Array {
  const out = new Float32Array((model.mean.length / 3) * 2);
  const white = 0.5 + (1.4 * IRIS) / (Math.PI * NOMINAL_RADIUS);
  for (const { vertices, centre, radius, round } of findEyeballs(model)) {
    for (const v of vertices) {
      if (!round) {
        out.set([white, 0.5], 2 * v);
        continue;
      }
      const x = model.mean[3 * v]! - centre[0];
      const y = model.mean[3 * v + 1]! - centre[1];
      const z = model.mean[3 * v + 2]! - centre[2];
      const across = Math.hypot(x, y);
      const away = radiusInPicture(Math.atan2(across, z), radius);
      const [right, up] = across > 0 ? [x / across, y / across] : [0, 0];
      out.set([0.5 + away * right, 0.5 - away * up], 2 * v);
    }
  }
  return out;
}

/**
 * Where eyes look.
 *
 * @param normals `V x 3`, of the head in some expression
 * @returns `V x 3`: for vertices of an eyeball the normal at its front pole, 0 for others
 */
export function eyeAxes(model: MorphableModel, normals: Float32Array): Float32Array {
  const out = new Float32Array(normals.length);
  for (const { vertices, centre, round } of findEyeballs(model)) {
    if (!round) continue;
    let pole = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const v of vertices) {
      const off = Math.hypot(model.mean[3 * v]! - centre[0], model.mean[3 * v + 1]! - centre[1]);
      const front = model.mean[3 * v + 2]! - centre[2];
      // Of the shells that an eye may have, the outermost.
      const tilt = Math.atan2(off, front) - 1e-4 * front;
      if (tilt < least) [pole, least] = [v, tilt];
    }
    const axis = normals.subarray(3 * pole, 3 * pole + 3);
    for (const v of vertices) out.set(axis, 3 * v);
  }
  return out;
}

function radiusInPicture(angle: number, radius: number): number {
  const scale = radius / (NOMINAL_RADIUS * Math.PI);
  const end = Math.min(0.48, TRUE_ANGLE * scale);
  const trueAngle = end / scale;
  if (angle <= trueAngle) return angle * scale;
  return end + ((0.5 - end) * (angle - trueAngle)) / (Math.PI - trueAngle);
}

/**
 * What an eyeball looks like: white, redder towards its back, an iris with a dark rim and radial fibres,
 * a pupil. Always the same for the same colours.
 *
 * @param head the iris' colour on average, and by how much the white is darkened
 * @param size pixels along a side
 */
export function eyeTexture(
  { irisColour, exposure }: Pick<TexturedHead, "irisColour" | "exposure">,
  size = 512,
): Image {
  const data = new Uint8Array(3 * size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size - 0.5;
      const y = (row + 0.5) / size - 0.5;
      const millimetres = Math.hypot(x, y) * NOMINAL_RADIUS * Math.PI;
      const colour = eyeColour(irisColour, exposure, millimetres, Math.atan2(y, x));
      for (let c = 0; c < 3; c++) data[3 * (row * size + column) + c] = clampedByte(colour[c]!);
    }
  }
  return { width: size, height: size, data };
}

function eyeColour(iris: Colour, exposure: number, radius: number, angle: number): Colour {
  const sideways = Math.abs(Math.cos(angle));
  const redness = smoothStep(10, 19, radius) * (0.5 + 0.4 * sideways);
  const [r, g, b] = mixColours(SCLERA, SCLERA_CORNER, redness);
  const white: Colour = [exposure * r, exposure * g, exposure * b];
  if (radius > IRIS + 0.5) return white;

  // Fibres run from the pupil outwards; the collarette, where two layers meet, is the lightest.
  const fibres = 0.6 * noise(angle, radius / 2.5, 48) + 0.4 * noise(angle, radius / 1.5, 110);
  const ring = Math.exp(-(((radius - COLLARETTE) / 0.7) ** 2));
  const rim = 1 - 0.62 * smoothStep(IRIS - 1.5, IRIS - 0.1, radius);
  const brightness = (0.74 + 0.5 * fibres + 0.22 * ring) * rim;
  const inner: Colour = [iris[0] * brightness, iris[1] * brightness, iris[2] * brightness];
  const withPupil = mixColours(
    inner,
    PUPIL_COLOUR,
    1 - smoothStep(PUPIL - 0.15, PUPIL + 0.2, radius),
  );
  return mixColours(withPupil, white, smoothStep(IRIS - 0.4, IRIS + 0.5, radius));
}

function mixColours(a: Colour, b: Colour, share: number): Colour {
  const at = (c: 0 | 1 | 2) => a[c] + share * (b[c] - a[c]);
  return [at(0), at(1), at(2)];
}

/** Smooth in [0, 1], around the circle with `count` random values, slowly changing with `along`. */
function noise(angle: number, along: number, count: number): number {
  const around = (angle / (2 * Math.PI) + 1) * count;
  const [i, j] = [Math.floor(around), Math.floor(along)];
  const [s, t] = [smoothStep(0, 1, around - i), smoothStep(0, 1, along - j)];
  const at = (a: number, b: number) => randomAt(a % count, b, count);
  const near = (1 - s) * at(i, j) + s * at(i + 1, j);
  const far = (1 - s) * at(i, j + 1) + s * at(i + 1, j + 1);
  return (1 - t) * near + t * far;
}

/** The same number in [0, 1) for the same three integers: a mixing function for hashes (murmur3). */
function randomAt(a: number, b: number, c: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
