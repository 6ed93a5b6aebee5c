/** A head with a made-up skin, for tests and for looking at. */
import type { Image } from "../src/image/image.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { surfacePositions } from "../src/models/surface-points.js";
import type { TexturedHead } from "../src/models/textured-head.js";
import {
  LEFT_BROW,
  OUTER_LIPS,
  polygonOf,
  RIGHT_BROW,
  signedDistance,
} from "../src/networks/mask-geometry.js";
import { random } from "./sample-model.js";

export interface SampleHeadOptions {
  readonly size?: number;
  readonly seed?: number;
  /** Standard deviation of the identity's coefficients. */
  readonly identity?: number;
  /** Expressions by name. */
  readonly expression?: Readonly<Record<string, number>>;
}

/** The model's mean or a random identity with even skin, redder lips, brows and a fine pattern. */
export function sampleHead(model: MorphableModel, options: SampleHeadOptions = {}): TexturedHead {
  const { size = 512, seed = 1, identity = 0, expression = {} } = options;
  const next = random(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const weights = new Float32Array(model.expression.names.length);
  for (const [name, weight] of Object.entries(expression)) {
    const k = model.expression.names.indexOf(name);
    if (k < 0) throw new Error(`${model.name} has no ${name}`);
    weights[k] = weight;
  }
  return {
    model,
    identity: Float32Array.from(model.identity.names, () => identity * normal()),
    expression: weights,
    skin: sampleSkin(model, size, next),
    irisColour: [96, 74, 52],
    exposure: 1,
  };
}

function sampleSkin(model: MorphableModel, size: number, next: () => number): Image {
  const data = new Uint8Array(3 * size * size);
  const landmarks = placesInTexture(model).map((value) => value * size);
  const lips = signedDistance(polygonOf(landmarks, OUTER_LIPS), size, size);
  const brows = [LEFT_BROW, RIGHT_BROW].map((indices) =>
    signedDistance(polygonOf(landmarks, indices), size, size),
  );
  for (let i = 0; i < size * size; i++) {
    const [x, y] = [(i % size) / size, Math.floor(i / size) / size];
    const mottle = 4 * Math.sin(60 * x + 3 * Math.sin(20 * y)) + 6 * (next() - 0.5);
    const lip = softly(lips[i]!, size);
    const brow = 0.8 * Math.max(...brows.map((distance) => softly(distance[i]!, size)));
    const skin = [214 + mottle, 170 + mottle, 148 + mottle];
    const mouth = [176, 96, 92];
    const hair = [70, 52, 42];
    for (let c = 0; c < 3; c++) {
      const tinted = skin[c]! + lip * (mouth[c]! - skin[c]!);
      data[3 * i + c] = Math.round(tinted + brow * (hair[c]! - tinted));
    }
  }
  return { width: size, height: size, data };
}

function softly(distance: number, size: number): number {
  return Math.min(1, Math.max(0, 0.5 - (distance / size) * 120));
}

/** `478 x 2`, u and v of MediaPipe's landmarks. */
function placesInTexture(model: MorphableModel): number[] {
  const uv = model.uv!;
  const points = model.landmarks!.mediapipe478!;
  const flat = new Float32Array((uv.coordinates.length / 2) * 3);
  for (let i = 0; i < uv.coordinates.length / 2; i++) {
    flat[3 * i] = uv.coordinates[2 * i]!;
    flat[3 * i + 1] = uv.coordinates[2 * i + 1]!;
  }
  const places = surfacePositions(flat, uv.triangles, points);
  return Array.from(
    { length: 2 * points.triangles.length },
    (_, i) => places[3 * Math.floor(i / 2) + (i % 2)]!,
  );
}
