/**
 * A head's texture from a photograph: every texel is projected into the picture by the fitted camera and
 * takes the colour it finds there, with a confidence that says whether it is the skin that is seen there.
 *
 * The confidence is a product of smooth factors, so that what is made of it has no edges: how squarely the
 * camera sees the skin, whether another part of the head is before it, what the segmentation says, whether
 * it lies in the picture, and whether it is neither burnt out nor black. What is excluded is excluded with a
 * margin: the fit is never exact, and hair or wall that bleeds into the skin is what unwrapped textures
 * suffer from most.
 */

import { GanfitError } from "../errors.js";
import type { Image } from "../image/image.js";
import { applySimilarity, invertSimilarity } from "../image/similarity.js";
import type { MorphableModel } from "../models/morphable-model.js";
import type { FaceSegmentation } from "../networks/segmentation.js";
import { type Camera, project } from "../render/camera.js";
import { rasterize } from "../render/rasterize.js";
import { smoothStep } from "../smooth-step.js";
import { distanceTo } from "./distance-field.js";
import { PhotoPyramid, type Window } from "./photo-pyramid.js";
import { type TexelSurface, texelSurface } from "./texel-surface.js";
import type { PartialTexture } from "./texture-map.js";
import { texturePositions } from "./texture-positions.js";

export interface UnwrapInput {
  /** With texture coordinates. */
  readonly model: MorphableModel;
  /** `V x 3`: the head in the photograph, its own frame, millimetres. */
  readonly vertices: Float32Array;
  /** In pixels of the photograph. */
  readonly camera: Camera;
  readonly photo: Image;
  /** Of the same photograph; without it everything that is visible counts as skin. */
  readonly segmentation?: FaceSegmentation | undefined;
  /** Texels along each side of the texture. */
  readonly size: number;
  /** Of these vertices and this size, where it is known already. */
  readonly surface?: TexelSurface | undefined;
}

/** Cosines between the skin's normal and the way to the camera: below the first it is not seen. */
const GRAZING = { from: 0.15, to: 0.5 } as const;

/** Skin so much behind what is drawn before it is hidden, millimetres. */
const OCCLUSION_TOLERANCE = 2;

/**
 * Over this distance from what is hidden the confidence returns, parts of the texture's side: a short one
 * from folds like that between the lips; a longer one from what lies deep behind (a cheek behind the nose),
 * where a small error of the fit shows the wrong surface.
 */
const OCCLUSION_FEATHER = { shallow: 1 / 200, deep: 1 / 64 } as const;

/** Depth from which the longer one is for, millimetres. */
const DEEP = 8;

/** Pixels along the longer side of the picture in which hidden skin is looked for. */
const OCCLUSION_SIZE = 768;

/**
 * Pixels of the segmentation (about 1.3 mm) by which a mask is shrunk where hair or background begins, and
 * over which confidence then rises. Its borders are where it is least sure.
 */
const MASK_MARGIN = { from: 2, to: 12 } as const;

/** The same around what lies between lids and lips, whose borders are sharp. */
const OPENING_MARGIN = { from: 0.5, to: 2.5 } as const;

/** Near the picture's border, pixels. */
const BORDER = { from: 1, to: 8 } as const;

/** Least channel of a burnt out colour, and greatest of a black one, gamma-coded. */
const BURNT = { from: 0.94, to: 0.995 } as const;
const BLACK = { from: 0.02, to: 0.07 } as const;

/**
 * @returns the colours, and in [0, 1] how far each can be trusted; texels of no confidence hold no colour
 *   that means anything
 * @throws GanfitError `usage` where the model has no texture coordinates or the vertices are not its own
 */
export function unwrapTexture(input: UnwrapInput): PartialTexture {
  const { model, vertices, camera, photo, size } = input;
  if (vertices.length !== model.mean.length) {
    throw new GanfitError(
      "usage",
      `${model.name} has ${model.mean.length / 3} vertices, but ${vertices.length / 3} came.`,
    );
  }
  const positions = texturePositions(model, size);
  const { places, normals } = input.surface ?? texelSurface(model, vertices, size);
  const screen = project(places, camera);
  const seen = new Uint8Array(size * size);
  for (let i = 0; i < seen.length; i++) {
    seen[i] = positions.triangle[i]! >= 0 && Number.isFinite(screen[3 * i]!) ? 1 : 0;
  }
  const facing = facingOf(places, normals, camera);
  for (let i = 0; i < seen.length; i++) if (!(facing[i]! > 0)) seen[i] = 0;

  const footprints = footprintsOf(screen, seen, size);
  const visible = visibilityOf(input, screen, seen);
  const inMasks = maskLookup(input.segmentation);
  const pyramid = new PhotoPyramid(photo, windowOf(screen, seen));
  const coarsest = Math.floor(Math.log2(photo.width + photo.height));

  const colour = new Float32Array(3 * size * size);
  const confidence = new Float32Array(size * size);
  for (let i = 0; i < seen.length; i++) {
    if (!seen[i]) continue;
    const x = screen[3 * i]!;
    const y = screen[3 * i + 1]!;
    const inside = Math.min(x, y, photo.width - x, photo.height - y);
    if (inside <= 0) continue;
    const level = Math.min(coarsest, Math.log2(footprints[i]!));
    pyramid.sample(x, y, level, colour, 3 * i);
    confidence[i] =
      smoothStep(GRAZING.from, GRAZING.to, facing[i]!) *
      visible[i]! *
      inMasks(x, y) *
      smoothStep(BORDER.from, BORDER.to, inside) *
      exposureOf(colour, 3 * i) *
      opacityAt(photo, x, y);
  }
  return { size, colour, confidence };
}

/** Cosine between the normal and the way to the camera at each texel. */
function facingOf(places: Float32Array, normals: Float32Array, { position }: Camera): Float32Array {
  const out = new Float32Array(places.length / 3);
  for (let i = 0; i < out.length; i++) {
    const x = position[0] - places[3 * i]!;
    const y = position[1] - places[3 * i + 1]!;
    const z = position[2] - places[3 * i + 2]!;
    const along = normals[3 * i]! * x + normals[3 * i + 1]! * y + normals[3 * i + 2]! * z;
    out[i] = along / Math.hypot(x, y, z);
  }
  return out;
}

/**
 * Pixels of the photo per texel, as a length. The most it is magnified is that of the middle texel: where the
 * texture stretches, nothing is gained by looking closer.
 */
function footprintsOf(screen: Float32Array, seen: Uint8Array, size: number): Float32Array {
  const out = new Float32Array(size * size);
  const measured = new Float32Array(size * size);
  let count = 0;
  for (let i = 0; i < out.length; i++) {
    const right = (i + 1) % size === 0 ? i - 1 : i + 1;
    const below = i + size < out.length ? i + size : i - size;
    if (!seen[i] || !seen[right] || !seen[below]) continue;
    const ux = screen[3 * right]! - screen[3 * i]!;
    const uy = screen[3 * right + 1]! - screen[3 * i + 1]!;
    const vx = screen[3 * below]! - screen[3 * i]!;
    const vy = screen[3 * below + 1]! - screen[3 * i + 1]!;
    out[i] = Math.sqrt(Math.abs(ux * vy - uy * vx));
    measured[count++] = out[i]!;
  }
  const middle = measured.subarray(0, count).sort()[count >> 1] ?? 1;
  const finest = Math.max(1, 2 ** Math.floor(Math.log2(middle)));
  return out.map((value) => Math.max(value, finest));
}

function windowOf(screen: Float32Array, seen: Uint8Array): Window {
  let [left, top] = [Infinity, Infinity];
  let [right, bottom] = [-Infinity, -Infinity];
  for (let i = 0; i < seen.length; i++) {
    if (!seen[i]) continue;
    left = Math.min(left, screen[3 * i]!);
    right = Math.max(right, screen[3 * i]!);
    top = Math.min(top, screen[3 * i + 1]!);
    bottom = Math.max(bottom, screen[3 * i + 1]!);
  }
  // A margin for the neighbours that interpolation and averaging take in.
  const margin = 8;
  return left <= right
    ? { left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin }
    : { left: 0, top: 0, right: 1, bottom: 1 };
}

/** 0 where another part of the head hides the texel, rising to 1 with the distance from such places. */
function visibilityOf(
  { model, vertices, camera, size }: UnwrapInput,
  screen: Float32Array,
  seen: Uint8Array,
): Float32Array {
  const { left, top, right, bottom } = windowOf(screen, seen);
  const scale = OCCLUSION_SIZE / Math.max(right - left, bottom - top);
  const width = Math.max(1, Math.ceil((right - left) * scale));
  const height = Math.max(1, Math.ceil((bottom - top) * scale));
  const drawn = project(vertices, camera);
  for (let v = 0; v < drawn.length; v += 3) {
    drawn[v] = (drawn[v]! - left) * scale;
    drawn[v + 1] = (drawn[v + 1]! - top) * scale;
  }
  const { depth } = rasterize({
    positions: drawn,
    triangles: withoutLashes(model),
    width,
    height,
  });
  const hidden = new Uint8Array(size * size);
  const deeplyHidden = new Uint8Array(size * size);
  for (let i = 0; i < hidden.length; i++) {
    if (!seen[i]) continue;
    const column = Math.floor((screen[3 * i]! - left) * scale);
    const row = Math.floor((screen[3 * i + 1]! - top) * scale);
    // The farthest of the pixels around: a steep surface does not hide itself.
    let farthest = Number.NEGATIVE_INFINITY;
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
        const z = depth[y * width + x]!;
        // Beside the head's outline there is no surface at all, which hides nothing.
        farthest = Math.max(farthest, z < 0 ? -1 / z : Number.POSITIVE_INFINITY);
      }
    }
    const behind = -1 / screen[3 * i + 2]! - farthest;
    hidden[i] = behind > OCCLUSION_TOLERANCE ? 1 : 0;
    deeplyHidden[i] = behind > DEEP ? 1 : 0;
  }
  const away = (marks: Uint8Array, feather: number) =>
    distanceTo(marks, size, size).map((distance) =>
      smoothStep(0.5, Math.max(1.5, feather * size), distance),
    );
  const deep = away(deeplyHidden, OCCLUSION_FEATHER.deep);
  return away(hidden, OCCLUSION_FEATHER.shallow).map((value, i) => value * deep[i]!);
}

/** Lashes are cards that are mostly transparent: what they stand before is seen. */
function withoutLashes({ triangles, parts }: MorphableModel): Uint32Array {
  const out = triangles.slice();
  for (const { kind, start, count } of parts) {
    if (kind === "lashes") out.fill(0, 3 * start, 3 * (start + count));
  }
  return out;
}

/** The factor of the segmentation at a place of the photo. */
function maskLookup(segmentation: FaceSegmentation | undefined): (x: number, y: number) => number {
  if (!segmentation) return () => 1;
  const { face, otherSkin, hair, glasses, mouth, eyes } = segmentation;
  const { width, height } = face;
  const excluded = face.data.map((value, i) => {
    const skin = Math.max(value, otherSkin.data[i]!);
    return skin * (1 - hair.data[i]!) * (1 - glasses.data[i]!) < 0.5 ? 1 : 0;
  });
  const opening = mouth.data.map((value, i) => (Math.max(value, eyes.data[i]!) > 0.5 ? 1 : 0));
  const farFrom = (marks: Float32Array, { from, to }: { readonly from: number; to: number }) =>
    distanceTo(marks, width, height).map((distance) => smoothStep(from, to, distance));
  const outer = farFrom(excluded, MASK_MARGIN);
  const inner = farFrom(opening, OPENING_MARGIN);
  const factor = outer.map((value, i) => value * inner[i]!);
  const fromPhoto = invertSimilarity(segmentation.toImage);
  const place = [0, 0];
  return (x, y) => {
    place[0] = x;
    place[1] = y;
    const [u, v] = applySimilarity(fromPhoto, place);
    return bilinear(factor, width, height, u! - 0.5, v! - 0.5);
  };
}

/** 0 outside. */
function bilinear(
  values: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
): number {
  if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) return 0;
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [wx, wy] = [x - x0, y - y0];
  return (
    (1 - wy) * ((1 - wx) * values[y0 * width + x0]! + wx * values[y0 * width + x1]!) +
    wy * ((1 - wx) * values[y1 * width + x0]! + wx * values[y1 * width + x1]!)
  );
}

function exposureOf(colour: Float32Array, at: number): number {
  const least = Math.min(colour[at]!, colour[at + 1]!, colour[at + 2]!);
  const most = Math.max(colour[at]!, colour[at + 1]!, colour[at + 2]!);
  return (1 - smoothStep(BURNT.from, BURNT.to, least)) * smoothStep(BLACK.from, BLACK.to, most);
}

function opacityAt({ width, height, alpha }: Image, x: number, y: number): number {
  if (!alpha) return 1;
  const column = Math.min(width - 1, Math.floor(x));
  const row = Math.min(height - 1, Math.floor(y));
  return alpha[row * width + column]! / 255;
}
