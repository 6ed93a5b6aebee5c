/** Random heads of a shape model in random textures, views, lights and expressions, whose truth is known. */
import {
  type Camera,
  type Image,
  type MorphableModel,
  randomNormals,
  randomUniform,
  renderHead,
  type SphericalHarmonicsLighting,
  type TexturedHead,
} from "@ganfit/core";
import {
  cameraAt,
  directedLight,
  IRISES,
  randomExpression,
  type View,
} from "../src/standin/views.js";

export interface SyntheticHead {
  readonly head: TexturedHead;
  readonly view: View;
  readonly lighting: SphericalHarmonicsLighting;
  /** Grey level behind the head. */
  readonly background: number;
}

/** Side of the square pictures, pixels. */
export const SIDE = 640;

/** Coefficients of identity are not further from 0. */
const IDENTITY_LIMIT = 3;

/** A random head has so many everyday expressions at once. */
const EXPRESSIONS = 2;

/**
 * A head whose everything is decided by the seed: identity from N(0, I) cut off at 3, yaw within 30 degrees,
 * pitch within 12, roll within 10, distance log-uniform from 0.6 to 2 m, a soft light from before and above, up to
 * two expressions of moderate strength.
 *
 * @param model with landmarks and texture coordinates
 * @param skins textures in the model's layout, at least one
 */
export function syntheticHead(
  model: MorphableModel,
  skins: readonly Image[],
  seed: number,
): SyntheticHead {
  const next = randomUniform(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const identity = Float32Array.from(
    randomNormals(model.identity.names.length, seed + 1_000_000),
    (p) => Math.min(IDENTITY_LIMIT, Math.max(-IDENTITY_LIMIT, p)),
  );
  return {
    head: {
      model,
      identity,
      expression: randomExpression(model, EXPRESSIONS, next),
      skin: skins[seed % skins.length]!,
      irisColour: IRISES[Math.floor(next() * IRISES.length)]!,
      exposure: 1,
    },
    view: {
      yaw: between(-30, 30),
      pitch: between(-12, 12),
      roll: between(-10, 10),
      distance: 600 * (2000 / 600) ** next(),
      scale: between(1.7, 2.1),
    },
    lighting: softLight(next),
    background: Math.floor(between(40, 215)),
  };
}

/** The picture, and the camera that took it, in its pixels. */
export function photograph(
  { head, view, lighting, background }: SyntheticHead,
  side = SIDE,
): { readonly photo: Image; readonly camera: Camera } {
  const camera = cameraAt(head, view, side);
  const { image } = renderHead(head, {
    camera,
    lighting,
    width: side,
    height: side,
    background: [background, background, background],
  });
  return { photo: image, camera };
}

/** Mostly ambient, with a first-order part from before and above, slightly coloured. */
function softLight(next: () => number): SphericalHarmonicsLighting {
  return directedLight({
    azimuth: Math.PI * (next() - 0.5),
    elevation: 0.2 + 0.7 * next(),
    strength: 0.15 + 0.3 * next(),
    ambient: 0.6 + 0.2 * next(),
    tint: [1 + 0.1 * (next() - 0.5), 1, 1 + 0.1 * (next() - 0.5)],
  });
}
