// Photos' own skin as a texture: what they show with confidence, under even light, and where they show nothing the
// texture of the fit. Or the other way about: the texture of the fit, with the detail that the photos show.

import { GanfitError } from "../errors.js";
import { flatten } from "../image/composite.js";
import type { Image } from "../image/image.js";
import { evaluateModel } from "../models/evaluate-model.js";
import type { TexturedHead } from "../models/textured-head.js";
import type { UvFrame } from "../models/uv/uv-frame.js";
import type { FaceSegmentation } from "../networks/segmentation.js";
import type { Camera } from "../render/camera.js";
import { GAMMA, IRRADIANCE_FLOOR, type Lighting } from "../render/lighting.js";
import { irradianceAt } from "../render/lighting-evaluate.js";
import { addDetail } from "../texture/add-detail.js";
import { completeTexture } from "../texture/complete-texture.js";
import { confirmSkin } from "../texture/confirm-skin.js";
import { evenLight } from "../texture/even-light.js";
import { type FaceRegions, faceRegions } from "../texture/face-regions.js";
import { mergeTextures, type TextureObservation } from "../texture/merge-textures.js";
import { plainLids } from "../texture/plain-lids.js";
import { plainUnseen } from "../texture/plain-unseen.js";
import { resizeTexture } from "../texture/resize-texture.js";
import { type TexelSurface, texelSurface } from "../texture/texel-surface.js";
import {
  imageOfTexture,
  type PartialTexture,
  type TextureMap,
  textureOfImage,
} from "../texture/texture-map.js";
import { unwrapTexture } from "../texture/unwrap.js";

/** A photo of a person, and what a fit found in it. */
export interface TexturePhoto {
  readonly photo: Image;
  /** One coefficient per expression mode of the head's model. */
  readonly expression: Float32Array;
  /** In pixels of the photo. */
  readonly camera: Camera;
  /** As fitted to the photo; it is taken out of the texture. */
  readonly lighting: Lighting;
  readonly segmentation: FaceSegmentation;
}

export interface PersonTextureInput {
  /** As fitted to all photos, in any expression; its skin fills what they do not show. */
  readonly head: TexturedHead;
  /** At least one. All are held in memory at `size`, 16 bytes for each texel. */
  readonly photos: readonly TexturePhoto[];
  /** The layout that the head's model has. */
  readonly frame: UvFrame;
  /** Texels along each side. */
  readonly size: number;
}

export interface PhotoTextureInput extends Omit<TexturePhoto, "expression"> {
  /** As fitted to the photo; its skin fills what the photo does not show. */
  readonly head: TexturedHead;
  /** The layout that the head's model has. */
  readonly frame: UvFrame;
  /** Texels along each side. */
  readonly size: number;
}

/** Bounds of the light's brightness over the skin and of its changes around that, whatever the fit found. */
const LEVEL = { least: 0.7, most: 1.4 } as const;
const CHANGE = { least: 0.5, most: 1.8 } as const;

/**
 * The skin that one photo shows, completed.
 *
 * @returns square, `size` texels wide
 * @throws GanfitError `usage` where the model has no texture coordinates or the size makes no sense
 */
export function photoTexture({ head, frame, size, ...photo }: PhotoTextureInput): Image {
  return personTexture({ head, photos: [{ ...photo, expression: head.expression }], frame, size });
}

/**
 * The skin that several photos of one person show, merged and completed.
 *
 * @returns square, `size` texels wide
 * @throws GanfitError `usage` without photos, where the model has no texture coordinates or the size makes no sense
 */
export function personTexture(input: PersonTextureInput): Image {
  const { regions, fitted, seen } = observed(input);
  const base = plainUnseen(fitted, seen, regions);
  const whole = completeTexture(seen, base, { skin: regions.skin });
  return imageOfTexture(plainLids(whole, regions));
}

/**
 * The head's own skin with the detail that the photos show and it lacks: moles, scars, wrinkles, freckles, stubble.
 * Everything slower than a few millimetres stays as it is, and so do places that no photo shows well.
 *
 * @returns square, `size` texels wide
 * @throws GanfitError `usage` as {@link personTexture} does
 */
export function detailTexture(input: PersonTextureInput): Image {
  const { regions, fitted, seen } = observed(input);
  return imageOfTexture(addDetail(fitted, seen, regions));
}

interface Observed {
  readonly regions: FaceRegions;
  /** The head's own skin. */
  readonly fitted: TextureMap;
  /** What the photos show, without light. */
  readonly seen: PartialTexture;
}

function observed({ head, photos, frame, size }: PersonTextureInput): Observed {
  if (photos.length === 0) throw new GanfitError("usage", "A texture needs at least one photo.");
  const regions = faceRegions(frame, size);
  const fitted = textureOfImage(resizeTexture(head.skin, size));
  const observations = photos.map((photo) => observe(head, photo, regions, fitted));
  return { regions, fitted, seen: mergeTextures(observations, fitted) };
}

function observe(
  { model, identity }: TexturedHead,
  { photo, expression, camera, lighting, segmentation }: TexturePhoto,
  regions: FaceRegions,
  fitted: TextureMap,
): TextureObservation {
  const { size } = regions;
  const vertices = evaluateModel(model, identity, expression);
  const surface = texelSurface(model, vertices, size);
  const seen = unwrapTexture({
    model,
    vertices,
    camera,
    photo: flatten(photo),
    segmentation,
    size,
    surface,
  });
  const even = withoutLight(confirmSkin(seen, regions), surface, lighting);
  const { position, lookAt, focalLength } = camera;
  const distance = Math.hypot(...position.map((value, k) => value - lookAt[k]!));
  return { texture: evenLight(even, fitted, regions), resolution: focalLength / distance };
}

/**
 * Divides the light's brightness, gamma-coded, out of what is seen: its middle over the skin within the bounds of
 * `LEVEL`, as how dark the skin is one photo does not tell, and its changes around that within those of `CHANGE`.
 */
function withoutLight(
  texture: PartialTexture,
  { places, normals }: TexelSurface,
  lighting: Lighting,
): PartialTexture {
  const { confidence } = texture;
  const factors = new Float32Array(texture.colour.length);
  const levels = new Float32Array(confidence.length);
  let count = 0;
  const irradiance = [0, 0, 0];
  for (let i = 0; i < confidence.length; i++) {
    if (confidence[i] === 0) continue;
    const at = 3 * i;
    irradianceAt(lighting, places.subarray(at, at + 3), normals.subarray(at, at + 3), irradiance);
    for (let c = 0; c < 3; c++) {
      factors[at + c] = Math.max(irradiance[c]!, IRRADIANCE_FLOOR) ** (1 / GAMMA);
    }
    if (confidence[i]! > 0.5) levels[count++] = brightnessAt(factors, at);
  }
  const level = levels.subarray(0, count).sort()[count >> 1] ?? 1;
  const within = ({ least, most }: typeof LEVEL | typeof CHANGE, value: number) =>
    Math.min(most, Math.max(least, value));
  const colour = texture.colour.slice();
  for (let i = 0; i < confidence.length; i++) {
    if (confidence[i] === 0) continue;
    const brightness = brightnessAt(factors, 3 * i);
    // All channels alike: a bound on each would change the light's colour.
    const bounded = within(LEVEL, level) * within(CHANGE, brightness / level);
    for (let c = 3 * i; c < 3 * i + 3; c++) colour[c]! *= brightness / (factors[c]! * bounded);
  }
  return { ...texture, colour };
}

function brightnessAt(factors: Float32Array, at: number): number {
  return (factors[at]! + factors[at + 1]! + factors[at + 2]!) / 3;
}
