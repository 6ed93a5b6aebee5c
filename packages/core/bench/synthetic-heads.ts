/** Random heads of a shape model in random textures, views, lights and expressions, whose truth is known. */
import type { Image } from "../src/image/image.js";
import { evaluateModel } from "../src/models/evaluate-model.js";
import { modesOfExpression } from "../src/models/expression-aliases.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { surfacePositions } from "../src/models/surface-points.js";
import type { TexturedHead } from "../src/models/textured-head.js";
import { renderHead } from "../src/portrait/render-head.js";
import { normals, uniform } from "../src/random.js";
import type { Camera } from "../src/render/camera.js";
import type { SphericalHarmonicsLighting } from "../src/render/lighting.js";

/** Where the camera of a synthetic photo stands. */
export interface View {
  /** Degrees by which the head turns to its own left. */
  readonly yaw: number;
  /** Degrees by which the head looks up. */
  readonly pitch: number;
  /** Degrees by which the head is turned clockwise in the picture. */
  readonly roll: number;
  /** Millimetres from the camera to the middle between the eyes. */
  readonly distance: number;
  /** Pixels per millimetre there. */
  readonly scale: number;
}

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

/** A random head has so many everyday expressions at once, each up to its largest weight. */
const EXPRESSIONS = 2;
const LARGEST_WEIGHTS: readonly (readonly [name: string, largest: number])[] = [
  ["smile", 0.6],
  ["frown", 0.5],
  ["jaw", 0.3],
  ["kiss", 0.4],
  ["squint", 0.5],
  ["sneer", 0.4],
  ["brows-up", 0.6],
  ["surprise", 0.4],
  ["anger", 0.5],
];

const IRISES = [
  [92, 64, 44],
  [120, 96, 60],
  [96, 120, 140],
  [100, 112, 88],
] as const;

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
  const next = uniform(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const identity = Float32Array.from(normals(model.identity.names.length, seed + 1_000_000), (p) =>
    Math.min(IDENTITY_LIMIT, Math.max(-IDENTITY_LIMIT, p)),
  );
  return {
    head: {
      model,
      identity,
      expression: randomExpression(model, next),
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

/** A camera that looks at the middle of the neutral face, so that a view is the same for every expression. */
function cameraAt(
  { model, identity }: TexturedHead,
  { yaw, pitch, roll, distance, scale }: View,
  side: number,
): Camera {
  const neutral = new Float32Array(model.expression.names.length);
  const vertices = evaluateModel(model, identity, neutral);
  const points = surfacePositions(vertices, model.triangles, model.landmarks!.mediapipe478!);
  const middle = [0, 1, 2].map((k) => (points[3 * 468 + k]! + points[3 * 473 + k]!) / 2) as [
    number,
    number,
    number,
  ];
  // Seen from the head's right where it turns to its left, from below where it looks up.
  const [a, b] = [radians(yaw), radians(pitch)];
  const towards = [-Math.sin(a) * Math.cos(b), -Math.sin(b), Math.cos(a) * Math.cos(b)];
  const position = middle.map((value, k) => value + distance * towards[k]!) as [
    number,
    number,
    number,
  ];
  return {
    position,
    lookAt: middle,
    focalLength: scale * distance,
    roll: radians(roll),
    principalPoint: [side / 2, side / 2],
  };
}

function randomExpression(model: MorphableModel, next: () => number): Float32Array {
  const weights = new Float32Array(model.expression.names.length);
  for (let i = 0; i < EXPRESSIONS; i++) {
    const [name, largest] = LARGEST_WEIGHTS[Math.floor(next() * LARGEST_WEIGHTS.length)]!;
    const weight = largest * next();
    for (const [mode, share] of modesOfExpression(model, name) ?? []) {
      weights[mode] = Math.min(1, weights[mode]! + weight * share);
    }
  }
  return weights;
}

/** Mostly ambient, with a first-order part from before and above, slightly coloured. */
function softLight(next: () => number): SphericalHarmonicsLighting {
  const azimuth = Math.PI * (next() - 0.5);
  const elevation = 0.2 + 0.7 * next();
  const strength = 0.15 + 0.3 * next();
  const ambient = 0.6 + 0.2 * next();
  const direction = [
    Math.sin(azimuth) * Math.cos(elevation),
    Math.sin(elevation),
    Math.cos(azimuth) * Math.cos(elevation),
  ];
  const tint = [1 + 0.1 * (next() - 0.5), 1, 1 + 0.1 * (next() - 0.5)];
  const rows = [ambient, ...direction.map((d) => strength * d), 0, 0, 0, 0, 0];
  return {
    kind: "spherical-harmonics",
    coefficients: rows.flatMap((value) => tint.map((colour) => value * colour)),
  };
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
