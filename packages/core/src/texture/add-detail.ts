/**
 * Carries what photographs show and a generator cannot (moles, scars, wrinkles, freckles, stubble) into the
 * generator's texture: the photo's departure from it, as the ratio of their colours, of which only detail up to a few
 * millimetres is taken. Slow changes stay the generator's; they are what light makes.
 *
 *     out = base exp(mask (r - mean of r around))      r = log seen - log base
 *
 * What light makes on a small scale is kept out: glints are brighter than what is around them, while most of what skin
 * has is darker, so brighter detail is bounded; and the border of a shadow is a step, on whose two sides the mean
 * differs, whereas a wrinkle or a mole ends.
 */
import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import type { FaceRegions } from "./face-regions.js";
import { enlarged, reductionOf, weightedMean } from "./smooth-field.js";
import {
  type PartialTexture,
  shrinkPartial,
  shrinkTexture,
  type TextureMap,
} from "./texture-map.js";

/** Standard deviation of the mean that is left out, parts of the texture's side. */
const BAND = 1 / 60;
/** Confidence from which on detail is carried over, and from which wholly. */
const SURE = { from: 0.35, to: 0.8 } as const;
/** Bounds of detail that is brighter and darker than the base, logarithms of gamma-coded colour. */
const BRIGHTEST = 0.12;
const DARKEST = 1.2;
/** Of detail in colour, beside that in brightness: noise and coloured borders are mostly there. */
const COLOUR = 0.6;
/** Difference of logarithms between both sides of a border of light, which is kept out. */
const STEP = { from: 0.12, to: 0.3 } as const;

/**
 * @param base complete
 * @param seen of the same size, with its light taken out
 * @throws GanfitError `usage` where the sizes differ
 */
export function addDetail(
  base: TextureMap,
  seen: PartialTexture,
  regions: FaceRegions,
): TextureMap {
  const { size, colour, confidence } = seen;
  if (base.size !== size || regions.size !== size) {
    throw new GanfitError("usage", `Regions and textures must all have ${size} x ${size} texels.`);
  }
  const factor = reductionOf(size);
  const small = size / factor;
  const shrunkSeen = shrinkPartial(seen, factor);
  const coarse = logRatio(shrunkSeen.colour, shrinkTexture(base, factor).colour);
  const around = weightedMean(coarse, shrunkSeen.confidence, small, 3, BAND * small);
  const borders = stepsOf(coarse, shrunkSeen.confidence, small);
  const slow = enlarged(around, small, 3, factor);
  const outside = enlarged(borders, small, 1, factor);
  const out = base.colour.slice();
  const detail = [0, 0, 0];
  for (let i = 0; i < size * size; i++) {
    // Lids fold: what one photo shows of them is no skin when they close.
    const mask =
      smoothStep(SURE.from, SURE.to, confidence[i]!) * (1 - regions.lids[i]!) * (1 - outside[i]!);
    if (mask === 0) continue;
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c;
      detail[c] = logOf(colour[at]!) - logOf(base.colour[at]!) - slow[at]!;
    }
    const brightness = (detail[0]! + detail[1]! + detail[2]!) / 3;
    for (let c = 0; c < 3; c++) {
      const ratio = brightness + COLOUR * (detail[c]! - brightness);
      const bound = ratio > 0 ? BRIGHTEST : DARKEST;
      const gain = Math.exp(mask * bound * Math.tanh(ratio / bound));
      out[3 * i + c] = Math.min(1, out[3 * i + c]! * gain);
    }
  }
  return { size, colour: out };
}

function logOf(value: number): number {
  return Math.log(Math.max(value, 0.02));
}

function logRatio(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => logOf(value) - logOf(b[i]!));
}

/** In [0, 1], where brightness has a step that is wider than detail is. */
function stepsOf(ratio: Float32Array, weights: Float32Array, size: number): Float32Array {
  const brightness = weights.map(
    (_, i) => (ratio[3 * i]! + ratio[3 * i + 1]! + ratio[3 * i + 2]!) / 3,
  );
  const deviation = (BAND / 2) * size;
  const mean = weightedMean(brightness, weights, size, 1, deviation);
  const apart = Math.max(1, Math.round(2 * deviation));
  const out = new Float32Array(size * size);
  const at = (x: number, y: number) =>
    mean[Math.min(size - 1, Math.max(0, y)) * size + Math.min(size - 1, Math.max(0, x))]!;
  for (let y = 0, i = 0; y < size; y++) {
    for (let x = 0; x < size; x++, i++) {
      if (weights[i] === 0) continue;
      const step = Math.hypot(
        at(x + apart, y) - at(x - apart, y),
        at(x, y + apart) - at(x, y - apart),
      );
      out[i] = smoothStep(STEP.from, STEP.to, step);
    }
  }
  return out;
}
