/**
 * Takes out of an unwrapped texture what is left of the light where the light of the fit has been divided out: shine,
 * and slow changes of brightness that smooth distant light does not explain, such as shadows that the nose casts. Both
 * are judged by the skin that is expected there, the texture of the fit, which knows no light.
 *
 * Shine (the dichromatic model, Shafer 1985): light that the surface mirrors has the colour of the lamp, and adds to
 * the skin's, so in linear light
 *
 *     seen_c = a expected_c + m        c = R, G, B
 *
 * with the local brightness a >= 0 and the shine m >= 0, the same in all channels of a texture whose light is white.
 * Skin is dark in blue, so a brighter patch has little more blue than before and a shining one much; m is the least
 * of what the three channels leave, and no more than what gives the colour its expected saturation.
 *
 * Shadows: where the brightness departs from the expected one over half a centimetre and more while the colours'
 * ratios do not, it is mostly light and brought nearer to what is expected. Beards, freckled and flushed skin have
 * other ratios, moles are smaller: they stay.
 *
 * Both give smooth factors on the texture, so that its detail stays.
 */
import { GanfitError } from "../errors.js";
import { luminance } from "../image/colour.js";
import { GAMMA } from "../render/lighting.js";
import { smoothStep } from "../smooth-step.js";
import type { FaceRegions } from "./face-regions.js";
import { enlarged, reductionOf, weightedMean } from "./smooth-field.js";
import {
  type PartialTexture,
  shrinkPartial,
  shrinkTexture,
  shrunk,
  type TextureMap,
} from "./texture-map.js";

/** Standard deviations of the means, parts of the texture's side, of which a face's width is about a half. */
const FINE = 1 / 200;
const SLOW = 1 / 40;
const WIDE = 1 / 10;

/** Shine below this part of the skin's brightness in blue, linear, may be the skin's own. */
const SHINE_THRESHOLD = 0.06;
/** The same for the texture of the fit against its tone, which varies by nature. */
const OWN = 0.3;
/** Of the shine that is found so much is taken out. */
const SHINE_STRENGTH = 0.9;
/** At least this part of what is seen is the skin's. */
const LEAST_REST = 0.25;
/** Times the part of what is seen that is shine: the skin's colour there is so much the expected one. */
const COLOUR_LOSS = 2.5;
/** Part of what is seen that is shine: from the first on the colour below is less and less certain. */
const DROWNED = { from: 0.35, to: 0.7 } as const;

/** Logarithms of brightness, gamma-coded, that are skin's, and that are surely light. */
const SHADE = { from: 0.02, to: 0.1 } as const;
/** Of slow differences of brightness so much is taken out at most. */
const SHADE_STRENGTH = 0.75;
/** Logarithms of the colours' ratios, gamma-coded, over which trust in that being light falls. */
const RATIO = { from: 0.03, to: 0.11 } as const;
/** The same as a part of the logarithm of brightness. */
const SHARE = { from: 0.15, to: 0.4 } as const;
/** No more than this, as a logarithm. */
const MOST = 0.45;
const ROUNDS = 4;

/**
 * @param texture with the light of the fit taken out
 * @param expected complete, of the same size: the skin as the fit has it
 * @returns with less confidence where shine drowns the skin
 * @throws GanfitError `usage` where the sizes differ
 */
export function evenLight(
  texture: PartialTexture,
  expected: TextureMap,
  regions: FaceRegions,
): PartialTexture {
  const { size } = texture;
  if (expected.size !== size || regions.size !== size) {
    throw new GanfitError("usage", `Regions and textures must all have ${size} x ${size} texels.`);
  }
  const factor = reductionOf(size);
  const small = size / factor;
  const seen = shrinkPartial(texture, factor);
  const skin = shrunk(regions.skin, size, 1, factor);
  const eyes = shrunk(regions.eyes, size, 1, factor);
  const weights = Float32Array.from(seen.confidence, (value, i) => value * skin[i]!);
  const total = weights.reduce((sum, value) => sum + value, 0);
  if (total < 1e-3 * weights.length) return texture;

  const known = Float32Array.from(seen.confidence, (value, i) => value * (1 - eyes[i]!));
  const fine = (values: Float32Array) => weightedMean(values, known, small, 3, FINE * small);
  const bright = fine(seen.colour);
  const wanted = inTone(fine(shrinkTexture(expected, factor).colour), bright, weights);
  // The texture of the fit may have taken shine for skin as well: no skin is paler than its tone by much.
  const matt = withoutShine(
    wanted,
    shineOf(wanted, evenTone(wanted, weights), weights, small, OWN),
  );
  const shine = shineOf(bright, matt, weights, small, SHINE_THRESHOLD);
  const gains = new Float32Array(3 * small * small);
  const drowned = new Float32Array(small * small);
  for (let i = 0; i < drowned.length; i++) {
    const light = luminance(
      linear(bright[3 * i]!),
      linear(bright[3 * i + 1]!),
      linear(bright[3 * i + 2]!),
    );
    const present = known[i]! > 0 ? 1 - eyes[i]! : 0;
    const share = (present * shine[i]!) / light;
    drowned[i] = smoothStep(DROWNED.from, DROWNED.to, share);
    // The less the skin has in what is seen, the more its colour is that of noise and of the lamp.
    const trust = 1 - Math.min(1, COLOUR_LOSS * share);
    const level = Math.max(1 - SHINE_STRENGTH * share, LEAST_REST) * light;
    const own = luminance(linear(matt[3 * i]!), linear(matt[3 * i + 1]!), linear(matt[3 * i + 2]!));
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      const whole = linear(bright[c]!);
      const rest = Math.max(whole - SHINE_STRENGTH * share * light, LEAST_REST * whole);
      const mixed = trust * rest + (1 - trust) * level * (linear(matt[c]!) / own);
      gains[c] = (mixed / whole) ** (1 / GAMMA);
    }
  }
  const dull = bright.map((value, i) => value * gains[i]!);
  const shade = shadeOf(dull, matt, weights, small);
  for (let i = 0; i < gains.length; i++) gains[i]! *= Math.exp(-shade[Math.floor(i / 3)]!);

  const fullGains = enlarged(gains, small, 3, factor);
  const lost = enlarged(drowned, small, 1, factor);
  return {
    size,
    colour: texture.colour.map((value, i) => value * fullGains[i]!),
    confidence: texture.confidence.map((value, i) => value * (1 - lost[i]!)),
  };
}

/** The expected skin scaled per channel to the colour that is seen; medians leave out beards and shine. */
function inTone(expected: Float32Array, seen: Float32Array, weights: Float32Array): Float32Array {
  const gains = [0, 1, 2].map((c) => {
    const ratios: number[] = [];
    weights.forEach((weight, i) => {
      if (weight > 0.5) ratios.push(seen[3 * i + c]! / Math.max(expected[3 * i + c]!, 0.02));
    });
    ratios.sort((a, b) => a - b);
    return ratios[ratios.length >> 1] ?? 1;
  });
  return expected.map((value, i) => value * gains[i % 3]!);
}

/** Everywhere the median colour of the skin. */
function evenTone(colour: Float32Array, weights: Float32Array): Float32Array {
  const grey = new Float32Array(colour.length).fill(1);
  return inTone(grey, colour, weights);
}

function withoutShine(colour: Float32Array, shine: Float32Array): Float32Array {
  return colour.map((value, i) => {
    const light = linear(value);
    return Math.max(light - shine[Math.floor(i / 3)]!, LEAST_REST * light) ** (1 / GAMMA);
  });
}

function linear(value: number): number {
  return Math.max(value, 0.02) ** GAMMA;
}

/** How much light the skin mirrors at each texel, linear, the same in all channels. */
function shineOf(
  seen: Float32Array,
  expected: Float32Array,
  weights: Float32Array,
  size: number,
  threshold: number,
): Float32Array {
  const count = size * size;
  // Red tells the local brightness best: shine adds least to it.
  const ratios = new Float32Array(count);
  for (let i = 0; i < count; i++) ratios[i] = linear(seen[3 * i]!) / linear(expected[3 * i]!);
  let level = weightedMean(ratios, weights, size, 1, WIDE * size, { otherwise: [1] });
  for (let round = 0; round < ROUNDS; round++) {
    const matt = weights.map((weight, i) => {
      const above = Math.max(0, ratios[i]! / level[i]! - 1);
      return weight / (1 + (above / 0.1) ** 2);
    });
    level = weightedMean(ratios, matt, size, 1, WIDE * size, { otherwise: [1] });
  }
  const found = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let least = Number.POSITIVE_INFINITY;
    let darkest = Number.POSITIVE_INFINITY;
    for (let c = 3 * i; c < 3 * i + 3; c++) {
      const matt = level[i]! * linear(expected[c]!);
      least = Math.min(least, linear(seen[c]!) - matt);
      darkest = Math.min(darkest, matt);
    }
    // Without its shine the skin is not redder than expected.
    const red = 3 * i;
    for (const c of [3 * i + 1, 3 * i + 2]) {
      const [wanted, wantedRed] = [linear(expected[c]!), linear(expected[red]!)];
      if (wantedRed <= wanted) continue;
      const grey = linear(seen[c]!) * wantedRed - linear(seen[red]!) * wanted;
      least = Math.min(least, grey / (wantedRed - wanted));
    }
    found[i] = Math.max(0, least - threshold * darkest);
  }
  return found;
}

/** Logarithm of the slow brightness that is light, to be taken out. */
function shadeOf(
  seen: Float32Array,
  expected: Float32Array,
  weights: Float32Array,
  size: number,
): Float32Array {
  const count = size * size;
  const features = new Float32Array(3 * count);
  const log = (values: Float32Array, at: number) => Math.log(Math.max(values[at]!, 0.02));
  for (let i = 0; i < count; i++) {
    const [r, g, b] = [0, 1, 2].map((c) => log(seen, 3 * i + c) - log(expected, 3 * i + c));
    features[3 * i] = (r! + g! + b!) / 3;
    features[3 * i + 1] = r! - g!;
    features[3 * i + 2] = b! - g!;
  }
  // Where little is known the shade fades to none.
  const slow = weightedMean(features, weights, size, 3, SLOW * size, { prior: 0.02 });
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const shade = slow[3 * i]!;
    // Light that comes back from skin is redder: shadows may be so. Beards are less red, all over in proportion.
    const allowance = shade < 0 ? 0.25 * -shade : 0;
    const red = slow[3 * i + 1]!;
    const blue = slow[3 * i + 2]!;
    const ratio = Math.hypot(
      red - Math.min(allowance, Math.max(0, red)),
      blue + Math.min(allowance, Math.max(0, -blue)),
    );
    const trust =
      (1 - smoothStep(RATIO.from, RATIO.to, ratio)) *
      (1 - smoothStep(SHARE.from, SHARE.to, ratio / Math.max(Math.abs(shade), 1e-3)));
    const part = SHADE_STRENGTH * trust * smoothStep(SHADE.from, SHADE.to, Math.abs(shade));
    out[i] = Math.min(MOST, Math.max(-MOST, part * shade));
  }
  return out;
}
