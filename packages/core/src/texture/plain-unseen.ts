/**
 * What no photo shows of a fitted texture is the generator's guess, and where hair hides the forehead nothing held it:
 * it may have made that part as red or as dark as the hair that it never saw. There its colour is brought nearer to
 * the skin's tone; detail stays.
 */
import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import type { FaceRegions } from "./face-regions.js";
import { blurred, enlarged, reductionOf, weightedMean } from "./smooth-field.js";
import { type PartialTexture, shrinkTexture, shrunk, type TextureMap } from "./texture-map.js";

/** Standard deviation of the mean that is changed, and of how far what is seen holds it; parts of the side. */
const SLOW = 1 / 40;
const NEAR = 1 / 40;
/** What is left of the departures from the skin's tone: of brightness, and of the colours' ratios. */
const KEPT = { brightness: 0.4, ratio: 0.2 } as const;
/** A texel with so much that is seen around it is held, and with so little is not. */
const HELD = { from: 0.05, to: 0.5 } as const;

/**
 * @param fitted complete
 * @param seen of the same size
 * @throws GanfitError `usage` where the sizes differ
 */
export function plainUnseen(
  fitted: TextureMap,
  seen: PartialTexture,
  regions: FaceRegions,
): TextureMap {
  const { size } = fitted;
  if (seen.size !== size || regions.size !== size) {
    throw new GanfitError("usage", `Regions and textures must all have ${size} x ${size} texels.`);
  }
  const factor = reductionOf(size);
  const small = size / factor;
  const reduced = (values: Float32Array) => shrunk(values, size, 1, factor);
  const skin = reduced(regions.skin);
  const parts = [regions.lips, regions.brows, regions.eyes, regions.nostrils].map(reduced);
  const bare = skin.map((_, i) => 1 - Math.max(...parts.map((part) => part[i]!)));
  const confidence = reduced(seen.confidence);
  const logs = shrinkTexture(fitted, factor).colour.map((value) => Math.log(Math.max(value, 0.02)));
  const known = skin.map((value, i) => value * confidence[i]!);
  const tone = toneOf(logs, known.some((value) => value > 0.5) ? known : skin);
  const slow = weightedMean(logs, bare, small, 3, SLOW * small, { otherwise: tone });
  const around = blurred(confidence, small, NEAR * small);
  const gains = new Float32Array(slow.length);
  for (let i = 0; i < bare.length; i++) {
    const free = bare[i]! * (1 - smoothStep(HELD.from, HELD.to, around[i]!));
    const away = tone.map((value, c) => slow[3 * i + c]! - value);
    const brightness = (away[0]! + away[1]! + away[2]!) / 3;
    for (let c = 0; c < 3; c++) {
      const kept = KEPT.brightness * brightness + KEPT.ratio * (away[c]! - brightness);
      gains[3 * i + c] = Math.exp(free * (kept - away[c]!));
    }
  }
  const factors = enlarged(gains, small, 3, factor);
  return { size, colour: fitted.colour.map((value, i) => value * factors[i]!) };
}

/** Medians of the logarithms over the bare skin. */
function toneOf(logs: Float32Array, weights: Float32Array): number[] {
  return [0, 1, 2].map((c) => {
    const values: number[] = [];
    weights.forEach((weight, i) => {
      if (weight > 0.5) values.push(logs[3 * i + c]!);
    });
    return values.sort((a, b) => a - b)[values.length >> 1] ?? Math.log(0.5);
  });
}
