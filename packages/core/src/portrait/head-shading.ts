// Colours of the samples of a picture. Attributes are interpolated with perspective: linear in the picture
// is what is divided by depth, and so is 1 / depth.

import type { Colour } from "../image/composite.js";
import { sampleImage, sampleMask } from "../image/sample.js";
import { reddened } from "../models/ambient-occlusion.js";
import { PART_MATERIALS, partColour } from "../models/part-materials.js";
import type { Vector3 } from "../render/camera.js";
import { GAMMA, type Lighting } from "../render/lighting.js";
import { shadeColour } from "../render/lighting-evaluate.js";
import { barycentricAt } from "../render/rasterize.js";
import { doubleArea, type HeadSurface, type RenderHeadOptions } from "./head-surface.js";

const CLAY: Colour = [198, 193, 188];

/** Share of linear light that comes back from the inside of a surface that should not be seen. */
const INSIDE = 0.25;

/**
 * A cornea is more curved than its eyeball, 7.8 mm to 12 mm or more: its reflections lie closer to the
 * pupil, below the lid.
 */
const CORNEA_CURVATURE = 1.2;
/** Cosine of how far it reaches from the eye's axis. */
const CORNEA_EDGE = Math.cos(0.45);

/** Sums over the samples of each pixel. */
export interface Samples {
  /** `R G B`, gamma-coded 0-1, times the opacity. */
  readonly colour: Float32Array;
  readonly opacity: Float32Array;
  /** Of skin alone. */
  readonly skin: Float32Array;
}

export function shadeSamples(surface: HeadSurface, options: RenderHeadOptions): Samples {
  const { model, positions, normals, screen, axes, lashes, coordinates, raster } = surface;
  const { camera, lighting, clay = false, supersampling: scale = 2 } = options;
  const viewer = camera.position;
  const { width, triangle: ids } = raster;
  const pixels = options.width * options.height;
  const samples: Samples = {
    colour: new Float32Array(3 * pixels),
    opacity: new Float32Array(pixels),
    skin: new Float32Array(pixels),
  };
  const lash = PART_MATERIALS.lashes.colour.map((value) => value / 255);
  const weights = [0, 0, 0];
  const position = [0, 0, 0];
  const normal = [0, 0, 0];
  const axis = [0, 0, 0];
  const albedo = [0, 0, 0];
  const colour = [0, 0, 0];
  const add = (p: number, value: readonly number[], opacity: number, skin: boolean) => {
    const column = p % width;
    const row = (p - column) / width;
    const into = Math.floor(row / scale) * options.width + Math.floor(column / scale);
    const cover = lashes?.[p] ?? 0;
    samples.opacity[into]! += opacity + cover * (1 - opacity);
    if (skin) samples.skin[into]! += opacity * (1 - cover);
    for (let c = 0; c < 3; c++) {
      const seen = Math.min(1, Math.max(0, value[c]!));
      samples.colour[3 * into + c]! += opacity * (1 - cover) * seen + cover * lash[c]!;
    }
  };
  for (let p = 0; p < ids.length; p++) {
    const t = ids[p]!;
    if (t < 0) {
      if (lashes && lashes[p]! > 0) add(p, lash, 0, false);
      continue;
    }
    const { kind } = model.parts[surface.partOf[t]!]!;
    const material = PART_MATERIALS[kind];
    const x = (p % width) + 0.5;
    const y = Math.floor(p / width) + 0.5;
    const front = perspectiveWeights(screen, model.triangles, t, x, y, weights);
    interpolate(positions, model.triangles, t, weights, position);
    interpolate(normals, model.triangles, t, weights, normal);
    normalise(normal, front ? 1 : -1);

    const skin = kind === "skin";
    const open = skin && !clay ? surface.nostrils : surface.open;
    let u = 0;
    let v = 0;
    let light = 0;
    for (let k = 0; k < 3; k++) {
      const at = 2 * coordinates.triangles[3 * t + k]!;
      u += weights[k]! * coordinates.coordinates[at]!;
      v += weights[k]! * coordinates.coordinates[at + 1]!;
      light += weights[k]! * open[model.triangles[3 * t + k]!]!;
    }
    if (skin && front && surface.relief) raise(surface, t, weights, u, v, normal);
    const texture = surface.textures.get(material.texture);
    const plain = clay ? CLAY : partColour(kind, surface.exposure);
    if (texture) sampleImage(texture, u, v, albedo);
    else for (let c = 0; c < 3; c++) albedo[c] = plain[c]!;
    for (let c = 0; c < 3; c++) albedo[c]! /= 255;
    shadeColour(lighting, albedo, position, normal, viewer, colour);

    if (material.shaded && !clay) {
      if (material.texture === "eyes") {
        interpolate(axes, model.triangles, t, weights, axis);
        bulge(normal, axis);
      }
      addGloss(lighting, material.roughness, position, normal, viewer, colour);
    }
    if (light < 1) {
      const factors = clay ? [light, light, light] : reddened(light);
      for (let c = 0; c < 3; c++) colour[c]! *= factors[c]! ** (1 / GAMMA);
    }
    if (skin && !front) for (let c = 0; c < 3; c++) colour[c]! *= INSIDE ** (1 / GAMMA);
    add(p, colour, skin && options.opacity ? sampleMask(options.opacity, u, v) : 1, skin);
  }
  return samples;
}

/** Makes an eyeball's normal that of the cornea on it, which no model's mesh need have. */
function bulge(normal: number[], axis: readonly number[]): void {
  const along = normal[0]! * axis[0]! + normal[1]! * axis[1]! + normal[2]! * axis[2]!;
  if (along < CORNEA_EDGE) return;
  for (let k = 0; k < 3; k++) normal[k]! += CORNEA_CURVATURE * (normal[k]! - axis[k]!);
  normalise(normal, 1);
}

/**
 * Turns a unit normal of the skin as the normal map at a place of it says. The frame is MikkTSpace's: T along
 * u and square to the normal, B square to both, upwards in the map.
 */
function raise(
  { coordinates, relief }: HeadSurface,
  t: number,
  weights: readonly number[],
  u: number,
  v: number,
  normal: number[],
): void {
  const { normals, tangents } = relief!;
  sampleImage(normals, u, v, MAPPED);
  const [x, y, z] = [MAPPED[0]! - 128, MAPPED[1]! - 128, MAPPED[2]! - 128];
  if (x === 0 && y === 0) return;
  interpolate(tangents, coordinates.triangles, t, weights, TANGENT);
  const along = TANGENT[0]! * normal[0]! + TANGENT[1]! * normal[1]! + TANGENT[2]! * normal[2]!;
  for (let k = 0; k < 3; k++) TANGENT[k]! -= along * normal[k]!;
  normalise(TANGENT, 1);
  // v runs down: a layout that is not mirrored has its triangles the other way round.
  const mirrored = doubleArea(coordinates.coordinates, coordinates.triangles, 3 * t, 2) > 0;
  const up = mirrored ? -y : y;
  const [nx, ny, nz] = normal as [number, number, number];
  const [tx, ty, tz] = TANGENT as [number, number, number];
  normal[0] = x * tx + up * (ny * tz - nz * ty) + z * nx;
  normal[1] = x * ty + up * (nz * tx - nx * tz) + z * ny;
  normal[2] = x * tz + up * (nx * ty - ny * tx) + z * nz;
  normalise(normal, 1);
}

/** For {@link raise} to write to. */
const MAPPED = [0, 0, 0];
const TANGENT = [0, 0, 0];

function normalise(vector: number[], sign: number): void {
  const length = sign * (Math.hypot(vector[0]!, vector[1]!, vector[2]!) || 1);
  for (let k = 0; k < 3; k++) vector[k]! /= length;
}

/**
 * Barycentric coordinates on the surface of what is seen at a point of the picture.
 *
 * @returns whether the triangle is seen from its front
 */
function perspectiveWeights(
  screen: Float32Array,
  triangles: Uint32Array,
  triangle: number,
  x: number,
  y: number,
  out: number[],
): boolean {
  barycentricAt(screen, triangles, triangle, x, y, out);
  let sum = 0;
  for (let k = 0; k < 3; k++) {
    out[k]! *= -screen[3 * triangles[3 * triangle + k]! + 2]!;
    sum += out[k]!;
  }
  for (let k = 0; k < 3; k++) out[k]! /= sum;
  return doubleArea(screen, triangles, 3 * triangle, 3) < 0;
}

function interpolate(
  values: Float32Array,
  triangles: Uint32Array,
  triangle: number,
  weights: readonly number[],
  out: number[],
): void {
  const a = 3 * triangles[3 * triangle]!;
  const b = 3 * triangles[3 * triangle + 1]!;
  const c = 3 * triangles[3 * triangle + 2]!;
  for (let k = 0; k < 3; k++) {
    out[k] =
      weights[0]! * values[a + k]! + weights[1]! * values[b + k]! + weights[2]! * values[c + k]!;
  }
}

/**
 * The reflection of where most light comes from on a wet surface, added to a gamma-coded colour: eyes
 * without it look blind.
 */
function addGloss(
  lighting: Lighting,
  roughness: number,
  position: readonly number[],
  normal: readonly number[],
  viewer: Vector3,
  colour: number[],
): void {
  const light = [0, 0, 0];
  let strength = 0;
  if (lighting.kind === "phong") {
    for (let k = 0; k < 3; k++) light[k] = lighting.position[k]! - position[k]!;
    strength = (lighting.colour[0] + lighting.colour[1] + lighting.colour[2]) / 3;
  } else {
    // The first order of the harmonics points to where light comes from: rows 1 to 3 for x, y and z.
    for (let k = 0; k < 3; k++) {
      for (let c = 0; c < 3; c++) light[k]! += lighting.coefficients[3 * (1 + k) + c]! / 3;
    }
    strength = Math.hypot(light[0]!, light[1]!, light[2]!);
  }
  const distance = Math.hypot(light[0]!, light[1]!, light[2]!);
  if (distance === 0) return;
  const eye = [0, 1, 2].map((k) => viewer[k]! - position[k]!);
  const away = Math.hypot(eye[0]!, eye[1]!, eye[2]!);
  let facing = 0;
  let mirrored = 0;
  for (let k = 0; k < 3; k++) facing += (normal[k]! * eye[k]!) / away;
  for (let k = 0; k < 3; k++) {
    mirrored += ((2 * facing * normal[k]! - eye[k]! / away) * light[k]!) / distance;
  }
  if (mirrored <= 0) return;
  const shine = (1 - roughness) ** 2 * Math.min(1, 2.5 * strength);
  const highlight = shine * mirrored ** (2 / roughness ** 2);
  for (let c = 0; c < 3; c++) colour[c]! += highlight;
}
