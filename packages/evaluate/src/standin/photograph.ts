/** Photographs of random heads in random views, lights and expressions, whose truth is known. */
import {
  type Image,
  type MorphableModel,
  randomUniform,
  renderHead,
  type SphericalHarmonicsLighting,
  type TexturedHead,
} from "@ganfit/core";
import { cameraAt, directedLight, IRISES, randomExpression } from "./views.js";

type Range = readonly [low: number, high: number];

/** Of what photographs are drawn. Angles are degrees. */
export interface PhotoStyle {
  readonly yaw: Range;
  readonly pitch: Range;
  readonly roll: Range;
  /** Millimetres, log-uniform. */
  readonly distance: Range;
  /** Pixels per millimetre. */
  readonly scale: Range;
  /** How many everyday expressions at once, each up to its largest weight. */
  readonly expressions: number;
  /** Of the directed part of the light. */
  readonly contrast: Range;
  /** Whether something hides part of the face. */
  readonly hidden?: boolean;
}

/** Who is photographed. */
export interface Sitter {
  readonly model: MorphableModel;
  readonly identity: Float32Array;
  readonly skin: Image;
  /** Decides the eyes' colour. */
  readonly seed: number;
}

/** Side of the square pictures, pixels. */
const SIDE = 512;

/** A photograph whose everything is decided by the sitter, the style and the seed. */
export function photograph(sitter: Sitter, style: PhotoStyle, seed: number): Image {
  const next = randomUniform(seed);
  const between = ([low, high]: Range) => low + (high - low) * next();
  const { model, identity, skin } = sitter;
  const head: TexturedHead = {
    model,
    identity,
    expression: randomExpression(model, style.expressions, next),
    skin,
    irisColour: IRISES[sitter.seed % IRISES.length]!,
    exposure: 1,
  };
  const [nearest, farthest] = style.distance;
  const place = {
    yaw: between(style.yaw),
    pitch: between(style.pitch),
    roll: between(style.roll),
    distance: nearest * (farthest / nearest) ** next(),
    scale: between(style.scale),
  };
  const grey = Math.floor(between([40, 215]));
  const { image } = renderHead(head, {
    camera: cameraAt(head, place, SIDE),
    lighting: randomLight(between(style.contrast), next),
    width: SIDE,
    height: SIDE,
    background: [grey, grey, grey],
  });
  return style.hidden ? withSomethingBefore(image, place.scale, next) : image;
}

function randomLight(strength: number, next: () => number): SphericalHarmonicsLighting {
  return directedLight({
    strength,
    azimuth: Math.PI * (next() - 0.5),
    elevation: 0.2 + 0.7 * next(),
    ambient: 0.6 + 0.2 * next(),
    tint: [1 + 0.1 * (next() - 0.5), 1, 1 + 0.1 * (next() - 0.5)],
  });
}

/** Lays a disc of one colour over part of the face, below the eyes. */
function withSomethingBefore(image: Image, scale: number, next: () => number): Image {
  const colour = [0, 1, 2].map(() => Math.floor(30 + 190 * next()));
  const [x, y] = [SIDE / 2 + 90 * scale * (next() - 0.5), SIDE / 2 + scale * (45 + 40 * next())];
  const radius = scale * (20 + 15 * next());
  const data = image.data.slice();
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const away = Math.hypot((pixel % SIDE) + 0.5 - x, Math.floor(pixel / SIDE) + 0.5 - y);
    if (away < radius) data.set(colour, 3 * pixel);
  }
  return { width: SIDE, height: SIDE, data };
}
