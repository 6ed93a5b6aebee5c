/**
 * One texture from several photographs of a person, each unwrapped and with its light taken out.
 *
 * 1. Balance: exposures, colours and what is left of light differ. Each photo is brought to the weighted mean of all by
 *    slow factors.
 * 2. Agreement: what lies before the skin in one photo (hair, glasses, a shadow) is elsewhere in another. Where a photo
 *    departs from the weighted median, in which the skin of the fit has a small say, it loses its confidence.
 * 3. Two bands (Burt and Adelson 1983; Baumberg 2002 for textures): slow changes are averaged by confidence, so that
 *    no border shows; detail is taken mostly from the photo that shows it best, since means of detail that lies a texel
 *    apart are blurred.
 */
import { GanfitError } from "../errors.js";
import { smoothStep } from "../smooth-step.js";
import { blurred, enlarged, reductionOf, weightedMean } from "./smooth-field.js";
import {
  type PartialTexture,
  shrinkPartial,
  shrinkTexture,
  type TextureMap,
} from "./texture-map.js";

export interface TextureObservation {
  readonly texture: PartialTexture;
  /** Pixels of the photo per millimetre of the head: the more, the finer its detail. */
  readonly resolution: number;
}

/** Standard deviations, parts of the texture's side: between the two bands, and of the balance. */
const BAND = 1 / 50;
const BALANCE = 1 / 10;
/** Weight with which the balance stays at one factor for the whole of a photo. */
const BALANCE_PRIOR = 0.05;
/** No more than this, as a logarithm. */
const MOST_BALANCE = 0.4;
const ROUNDS = 4;
/** The say of the fit's skin in the median, against 1 of a photo that is sure. */
const VOTE = 0.35;
/** Logarithms of colours, gamma-coded, by which photos of the same skin differ, and do not. */
const AGREEMENT = { from: 0.1, to: 0.25 } as const;
/** Powers of confidence and resolution by which detail is weighed. */
const DETAIL = { confidence: 4, resolution: 2 } as const;

/**
 * @param observations at least one, of the same size
 * @param expected complete, of that size: the skin as the fit has it
 * @throws GanfitError `usage` without observations or where sizes differ
 */
export function mergeTextures(
  observations: readonly TextureObservation[],
  expected: TextureMap,
): PartialTexture {
  const { size } = expected;
  const [first, ...others] = observations;
  if (!first || observations.some(({ texture }) => texture.size !== size)) {
    throw new GanfitError("usage", `Merging needs textures of ${size} x ${size} texels.`);
  }
  if (others.length === 0) return first.texture;
  const factor = reductionOf(size);
  const small = size / factor;
  const shrinked = observations.map(({ texture }) => shrinkPartial(texture, factor));
  const weights = shrinked.map(({ confidence }) => confidence);
  const logs = shrinked.map(({ colour }) => logarithms(colour));
  const balances = balanceOf(logs, weights, small);
  const even = logs.map((log, k) => log.map((value, i) => value + balances[k]![i]!));
  const skin = logarithms(shrinkTexture(expected, factor).colour);
  const agreements = agreementOf(even, weights, skin, small);

  const count = size * size;
  const colour = new Float32Array(3 * count);
  const detail = new Float32Array(3 * count);
  const slowWeight = new Float32Array(count);
  const fineWeight = new Float32Array(count);
  const unseen = new Float32Array(count).fill(1);
  observations.forEach(({ texture, resolution }, k) => {
    const gains = enlarged(balances[k]!.map(Math.exp), small, 3, factor);
    const agreement = enlarged(agreements[k]!, small, 1, factor);
    const slow = enlarged(
      weightedMean(shrinked[k]!.colour, weights[k]!, small, 3, BAND * small),
      small,
      3,
      factor,
    );
    const sharpness = resolution ** DETAIL.resolution;
    for (let i = 0; i < count; i++) {
      const weight = texture.confidence[i]! * agreement[i]!;
      if (!(weight > 0)) continue;
      const fine = weight ** DETAIL.confidence * sharpness;
      slowWeight[i]! += weight;
      fineWeight[i]! += fine;
      unseen[i]! *= 1 - weight;
      for (let c = 3 * i; c < 3 * i + 3; c++) {
        colour[c]! += weight * gains[c]! * slow[c]!;
        detail[c]! += fine * gains[c]! * (texture.colour[c]! - slow[c]!);
      }
    }
  });
  for (let i = 0; i < count; i++) {
    if (!(fineWeight[i]! > 0)) continue;
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      colour[c] = colour[c]! / slowWeight[i]! + detail[c]! / fineWeight[i]!;
    }
  }
  return { size, colour, confidence: unseen.map((value) => 1 - value) };
}

function logarithms(colour: Float32Array): Float32Array {
  return colour.map((value) => Math.log(Math.max(value, 0.02)));
}

/** What is to be added to each photo's logarithms, `size x size x 3`. */
function balanceOf(
  logs: readonly Float32Array[],
  weights: readonly Float32Array[],
  size: number,
): Float32Array[] {
  const count = size * size;
  const total = new Float32Array(count);
  for (const weight of weights) for (let i = 0; i < count; i++) total[i]! += weight[i]!;
  // Where only one photo sees the skin nothing can be compared.
  const shared = weights.map((weight) =>
    weight.map((value, i) => value * Math.min(1, total[i]! - value)),
  );
  const levels = logs.map(() => [0, 0, 0]);
  const meanOf = (add: (k: number, at: number) => number) => {
    const mean = new Float32Array(3 * count);
    weights.forEach((weight, k) => {
      for (let i = 0; i < count; i++) {
        const share = weight[i]! / (total[i]! + 1e-9);
        for (let c = 3 * i; c < 3 * i + 3; c++) mean[c]! += share * (logs[k]![c]! + add(k, c));
      }
    });
    return mean;
  };
  for (let round = 0; round < ROUNDS; round++) {
    const mean = meanOf((k, at) => levels[k]![at % 3]!);
    logs.forEach((log, k) => {
      for (let c = 0; c < 3; c++) {
        const differences: number[] = [];
        shared[k]!.forEach((weight, i) => {
          if (weight > 0.25) differences.push(mean[3 * i + c]! - log[3 * i + c]!);
        });
        if (differences.length === 0) continue;
        levels[k]![c] = differences.sort((a, b) => a - b)[differences.length >> 1]!;
      }
    });
    // The mean over the photos stays: none of them is known to be right.
    for (let c = 0; c < 3; c++) {
      const mean = levels.reduce((sum, level) => sum + level[c]!, 0) / levels.length;
      for (const level of levels) level[c]! -= mean;
    }
  }
  const mean = meanOf((k, at) => levels[k]![at % 3]!);
  return logs.map((log, k) => {
    const rest = log.map((value, at) => mean[at]! - value - levels[k]![at % 3]!);
    // Hair before the skin is no matter of light.
    const alike = shared[k]!.map((weight, i) => {
      const far = Math.max(...[0, 1, 2].map((c) => Math.abs(rest[3 * i + c]!)));
      return weight / (1 + (far / AGREEMENT.to) ** 4);
    });
    const slow = weightedMean(rest, alike, size, 3, BALANCE * size, { prior: BALANCE_PRIOR });
    return slow.map((value, at) => {
      const sum = levels[k]![at % 3]! + value;
      return Math.min(MOST_BALANCE, Math.max(-MOST_BALANCE, sum));
    });
  });
}

/** In [0, 1], how far each photo shows what most of them show. */
function agreementOf(
  logs: readonly Float32Array[],
  weights: readonly Float32Array[],
  skin: Float32Array,
  size: number,
): Float32Array[] {
  const count = size * size;
  const tone = toneOf(logs, weights, skin);
  const out = logs.map(() => new Float32Array(count));
  const votes = new Float64Array(logs.length + 1);
  const values = new Float64Array(logs.length + 1);
  for (let i = 0; i < count; i++) {
    const distances = new Float64Array(logs.length);
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c;
      logs.forEach((log, k) => {
        values[k] = log[at]!;
        votes[k] = weights[k]![i]!;
      });
      values[logs.length] = skin[at]! + tone[c]!;
      votes[logs.length] = VOTE;
      const middle = weightedMedian(values, votes);
      logs.forEach((_, k) => {
        distances[k] = Math.max(distances[k]!, Math.abs(values[k]! - middle));
      });
    }
    logs.forEach((_, k) => {
      out[k]![i] = 1 - smoothStep(AGREEMENT.from, AGREEMENT.to, distances[k]!);
    });
  }
  // Softly, and a little beyond what disagrees.
  return out.map((agreement) => {
    const around = blurred(agreement, size, 1.5);
    return agreement.map((value, i) => Math.min(value, around[i]!) ** 2);
  });
}

/** By how much the photos' skin is brighter than the fit's, per channel. */
function toneOf(
  logs: readonly Float32Array[],
  weights: readonly Float32Array[],
  skin: Float32Array,
): number[] {
  return [0, 1, 2].map((c) => {
    const differences = logs.flatMap((log, k) => {
      const list: number[] = [];
      weights[k]!.forEach((weight, i) => {
        if (weight > 0.5) list.push(log[3 * i + c]! - skin[3 * i + c]!);
      });
      return list;
    });
    return differences.sort((a, b) => a - b)[differences.length >> 1] ?? 0;
  });
}

/** The first value, ascending, at which half of the weight is reached. */
function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  let sum = 0;
  for (const k of order) {
    sum += weights[k]!;
    if (sum >= half) return values[k]!;
  }
  return values[order.at(-1)!]!;
}
