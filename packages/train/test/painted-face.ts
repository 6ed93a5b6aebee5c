/** Maps drawn from a formula, for tests: skin of a colour with pores, and features of their own in their places. */
import {
  type FaceRegions,
  faceRegions,
  loadUvFrame,
  type PartialTexture,
  randomUniform,
} from "@ganfit/core";
import type { Face } from "../src/augment/regional-mix.js";
import { skinField } from "../src/augment/skin-field.js";

export const frame = await loadUvFrame();

export interface Paint {
  readonly skin?: readonly [r: number, g: number, b: number];
  readonly seed?: number;
  /** Amplitude of the pores, of the skin's colour. */
  readonly pores?: number;
  /** Of the brows and lips. */
  readonly features?: boolean;
}

export function paintedMap(size: number, paint: Paint = {}): PartialTexture {
  const { skin = [0.7, 0.5, 0.4], seed = 1, pores = 0.05, features = true } = paint;
  const { brows, lips } = faceRegions(frame, size);
  const random = randomUniform(seed);
  const colour = new Float32Array(3 * size * size);
  for (let i = 0; i < size * size; i++) {
    const pore = 1 + pores * (2 * random() - 1);
    const brow = features ? brows[i]! : 0;
    const lip = features ? lips[i]! : 0;
    for (let c = 0; c < 3; c++) {
      const bare = skin[c]! * pore;
      const browed = bare + brow * (0.15 - bare);
      colour[3 * i + c] = browed + lip * ([0.6, 0.3, 0.3][c]! - browed);
    }
  }
  return { size, colour, confidence: new Float32Array(size * size).fill(1) };
}

export function paintedFace(size: number, paint: Paint = {}): Face {
  return faceOf(paintedMap(size, paint));
}

export function faceOf(map: PartialTexture): Face {
  return { map, skin: skinField(map, regionsOf(map.size)) };
}

export function regionsOf(size: number): FaceRegions {
  return faceRegions(frame, size);
}

/** The largest difference between two arrays. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}
