/**
 * Takes the soft light of a photograph out of an unwrapped texture. Bare skin has about the same colour
 * all over a face, so its brightness tells the light: second-order spherical harmonics of the normal
 * (render/lighting.ts) are fitted to it, the same for all channels, and divided out. The mean over the front
 * of the face stays what it was: how much of it is skin and how much light, one photograph cannot tell.
 */
import { Matrix, solve } from "ml-matrix";
import { GanfitError } from "../errors.js";
import { luminance } from "../image/colour.js";
import { GAMMA, harmonicBasis, type SphericalHarmonicsLighting } from "../render/lighting.js";
import type { FaceRegions } from "./face-regions.js";
import type { PartialTexture, TextureMap } from "./texture-map.js";

export interface DelightInput {
  readonly texture: PartialTexture;
  /** `size x size x 3`: unit normals at the texels in the head's frame (`directionsAtTexels`). */
  readonly normals: Float32Array;
  readonly regions: FaceRegions;
  /**
   * A texture whose brightness the skin is expected to vary by (redder cheeks, a darker lid): what it explains
   * is not taken for light. Even skin where absent.
   */
  readonly expected?: TextureMap | undefined;
}

export interface Delighted {
  readonly texture: PartialTexture;
  /** The light that was found, 1 on average over the front of the face, the same in all channels. */
  readonly lighting: SphericalHarmonicsLighting;
}

/** Coefficients beyond the constant. */
const TERMS = 8;
/** Standard deviation that each coefficient is expected to have, first and second order. */
const EXPECTED = [0, 0.3, 0.3, 0.3, 0.06, 0.06, 0.04, 0.06, 0.06] as const;
/** Standard deviation of the skin's own brightness around its mean, relative. */
const SKIN_VARIATION = 0.12;
/** Texels are many but not independent: of neighbours within a few millimetres only one counts. */
const INDEPENDENT = 200;
/** Colours change at most by these factors. */
const LEAST = 0.6;
const MOST = 1.6;
const ROUNDS = 12;
/** Light is smooth: about so many texels tell all of it. */
const SAMPLES = 12_000;
/** Fewer confident texels of bare skin tell nothing of the light. */
const FEWEST = 50;

/**
 * @returns the texture under even light, confidences unchanged; as it came where too little skin is seen
 * @throws GanfitError `usage` where the sizes differ
 */
export function delightTexture({ texture, normals, regions, expected }: DelightInput): Delighted {
  const { size, colour, confidence } = texture;
  const count = size * size;
  if (
    normals.length !== 3 * count ||
    regions.size !== size ||
    (expected && expected.size !== size)
  ) {
    throw new GanfitError(
      "usage",
      `Normals, regions and textures must all have ${size} x ${size} texels.`,
    );
  }
  let chosen: number[] = [];
  for (let i = 0; i < count; i++) if (confidence[i]! * regions.skin[i]! > 0.3) chosen.push(i);
  const step = Math.ceil(chosen.length / SAMPLES);
  chosen = chosen.filter((_, n) => n % step === 0);
  const coefficients =
    chosen.length < FEWEST
      ? [1, ...new Array<number>(TERMS).fill(0)]
      : fitLight(texture, normals, regions, chosen, expected);
  const out = colour.slice();
  for (let i = 0; i < count; i++) {
    if (confidence[i] === 0) continue;
    const basis = harmonicBasis(normals[3 * i]!, normals[3 * i + 1]!, normals[3 * i + 2]!);
    const irradiance = basis.reduce((sum, value, k) => sum + coefficients[k]! * value, 0);
    const shade = Math.max(irradiance, 1e-3) ** (1 / GAMMA);
    const factor = Math.min(MOST, Math.max(LEAST, 1 / shade));
    for (let c = 0; c < 3; c++) out[3 * i + c] = colour[3 * i + c]! * factor;
  }
  return {
    texture: { size, colour: out, confidence },
    lighting: {
      kind: "spherical-harmonics",
      coefficients: coefficients.flatMap((value) => [value, value, value]),
    },
  };
}

/** Iteratively reweighted least squares with a ridge; beards, moles and shadows are outliers. */
function fitLight(
  { colour, confidence }: PartialTexture,
  normals: Float32Array,
  { skin }: FaceRegions,
  chosen: readonly number[],
  expected: TextureMap | undefined,
): number[] {
  const lightOf = (values: Float32Array, i: number) =>
    luminance(
      Math.max(0, values[3 * i]!) ** GAMMA,
      Math.max(0, values[3 * i + 1]!) ** GAMMA,
      Math.max(0, values[3 * i + 2]!) ** GAMMA,
    );
  const light = Float64Array.from(chosen, (i) =>
    expected
      ? lightOf(colour, i) / Math.max(lightOf(expected.colour, i), 1e-3)
      : lightOf(colour, i),
  );
  // Relative to the median, the mean of E is about 1 and the ridge's scale the same for every skin.
  const level = Float64Array.from(light).sort()[light.length >> 1]!;
  for (let n = 0; n < light.length; n++) light[n]! /= Math.max(level, 1e-6);
  const bases = chosen.map((i) =>
    harmonicBasis(normals[3 * i]!, normals[3 * i + 1]!, normals[3 * i + 2]!),
  );
  const weights = Float64Array.from(chosen, (i) => confidence[i]! * skin[i]!);
  const total = weights.reduce((sum, value) => sum + value, 0);
  const ridge = EXPECTED.map((deviation) =>
    deviation === 0 ? 0 : (SKIN_VARIATION / deviation) ** 2 / INDEPENDENT,
  );
  let coefficients: number[] = [1, ...new Array<number>(TERMS).fill(0)];
  const residuals = new Float64Array(chosen.length);
  for (let round = 0; round < ROUNDS; round++) {
    const scale = 1.5 * spreadOf(residuals, bases, light, coefficients);
    coefficients = solveRidge(bases, light, ridge, (n) => {
      const share = round === 0 ? 1 : 1 / (1 + (residuals[n]! / Math.max(scale, 0.02)) ** 2);
      return (weights[n]! / total) * share;
    });
  }
  return normalised(coefficients, bases, weights, total);
}

/** Fills in the residuals. @returns a robust standard deviation of theirs */
function spreadOf(
  residuals: Float64Array,
  bases: readonly (readonly number[])[],
  light: Float64Array,
  coefficients: readonly number[],
): number {
  bases.forEach((basis, n) => {
    residuals[n] = light[n]! - basis.reduce((sum, value, k) => sum + value * coefficients[k]!, 0);
  });
  return 1.4826 * residuals.map(Math.abs).sort()[residuals.length >> 1]!;
}

/** Coefficients such that the gamma-coded shading is 1 on average over the skin. */
function normalised(
  coefficients: readonly number[],
  bases: readonly (readonly number[])[],
  weights: Float64Array,
  total: number,
): number[] {
  let mean = 0;
  bases.forEach((basis, n) => {
    const irradiance = basis.reduce((sum, value, k) => sum + value * coefficients[k]!, 0);
    mean += (weights[n]! / total) * Math.max(irradiance, 1e-3) ** (1 / GAMMA);
  });
  return coefficients.map((value) => value / mean ** GAMMA);
}

function solveRidge(
  bases: readonly (readonly number[])[],
  values: Float64Array,
  ridge: readonly number[],
  weightOf: (n: number) => number,
): number[] {
  const size = ridge.length;
  const sums = new Float64Array(size * size);
  const right = new Float64Array(size);
  bases.forEach((basis, n) => {
    const weight = weightOf(n);
    for (let a = 0; a < size; a++) {
      const share = weight * basis[a]!;
      right[a]! += share * values[n]!;
      for (let b = 0; b < size; b++) sums[a * size + b]! += share * basis[b]!;
    }
  });
  const matrix = Matrix.from1DArray(size, size, sums).add(Matrix.diag([...ridge]));
  return solve(matrix, Matrix.columnVector(right)).to1DArray();
}
