/** Views, expressions and lights of photographs whose truth is known. */
import {
  type Camera,
  evaluateModel,
  type MorphableModel,
  modesOfExpression,
  type SphericalHarmonicsLighting,
  surfacePositions,
  type TexturedHead,
} from "@ganfit/core";

/** Where a camera stands. */
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

/** Everyday expressions and how strong each may be. */
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

/** sRGB, 0 to 255. */
export const IRISES = [
  [92, 64, 44],
  [120, 96, 60],
  [96, 120, 140],
  [100, 112, 88],
] as const;

/** MediaPipe's points in the middle of the eyes. */
const PUPILS = [468, 473] as const;

/**
 * A camera that looks at the middle of the neutral face, so that a view is the same for every expression.
 *
 * @param side of the square picture, pixels
 */
export function cameraAt(
  { model, identity }: Pick<TexturedHead, "model" | "identity">,
  { yaw, pitch, roll, distance, scale }: View,
  side: number,
): Camera {
  const neutral = new Float32Array(model.expression.names.length);
  const vertices = evaluateModel(model, identity, neutral);
  const points = surfacePositions(vertices, model.triangles, model.landmarks!.mediapipe478!);
  const [right, left] = PUPILS;
  const middle = [0, 1, 2].map((k) => (points[3 * right + k]! + points[3 * left + k]!) / 2);
  // Seen from the head's right where it turns to its left, from below where it looks up.
  const [a, b] = [radians(yaw), radians(pitch)];
  const towards = [-Math.sin(a) * Math.cos(b), -Math.sin(b), Math.cos(a) * Math.cos(b)];
  const position = middle.map((value, k) => value + distance * towards[k]!);
  return {
    position: position as [number, number, number],
    lookAt: middle as [number, number, number],
    focalLength: scale * distance,
    roll: radians(roll),
    principalPoint: [side / 2, side / 2],
  };
}

/** So many everyday expressions at once, each up to its largest weight. */
export function randomExpression(
  model: MorphableModel,
  count: number,
  next: () => number,
): Float32Array {
  const weights = new Float32Array(model.expression.names.length);
  for (let i = 0; i < count; i++) {
    const [name, largest] = LARGEST_WEIGHTS[Math.floor(next() * LARGEST_WEIGHTS.length)]!;
    const weight = largest * next();
    for (const [mode, share] of modesOfExpression(model, name) ?? []) {
      weights[mode] = Math.min(1, weights[mode]! + weight * share);
    }
  }
  return weights;
}

/** Of a soft light from before and above. */
export interface DirectedLight {
  /** Radians to the head's left. */
  readonly azimuth: number;
  /** Radians up. */
  readonly elevation: number;
  /** Irradiance of the directed part. */
  readonly strength: number;
  /** Irradiance from everywhere. */
  readonly ambient: number;
  /** Factors of red, green and blue. */
  readonly tint: readonly [number, number, number];
}

/** Mostly ambient, with a first-order part. */
export function directedLight({
  azimuth,
  elevation,
  strength,
  ambient,
  tint,
}: DirectedLight): SphericalHarmonicsLighting {
  const direction = [
    Math.sin(azimuth) * Math.cos(elevation),
    Math.sin(elevation),
    Math.cos(azimuth) * Math.cos(elevation),
  ];
  const rows = [ambient, ...direction.map((d) => strength * d), 0, 0, 0, 0, 0];
  return {
    kind: "spherical-harmonics",
    coefficients: rows.flatMap((value) => tint.map((colour) => value * colour)),
  };
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
