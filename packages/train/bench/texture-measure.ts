/** The figures of a texture benchmark. */
import {
  faceRegions,
  type Image,
  imageOfTexture,
  mirrorTexture,
  type PartialTexture,
  resizeTexture,
  shrinkPartial,
  shrinkTexture,
  shrunk,
  similarityOf,
  type TextureMap,
  textureOfImage,
  type UvFrame,
} from "@ganfit/core";
import type { TextureDataset } from "../src/index.node.js";
import { OCTAVES, octaveSquares, trustedSkin, weightedMean } from "./texture-octaves.js";
import type { Portrait } from "./texture-portrait.js";
import { type Candidate, colourDistance, nearest } from "./texture-variety.js";

/** Of textures whose colours are compared as a whole, texels: detail is left out. */
const COARSE = 64;

/** Signal to noise where a texture is known, dB. */
export function psnr(truth: PartialTexture, { colour }: TextureMap): number {
  let sum = 0;
  let total = 0;
  truth.confidence.forEach((weight, i) => {
    for (let c = 3 * i; c < 3 * i + 3; c++) sum += weight * (colour[c]! - truth.colour[c]!) ** 2;
    total += 3 * weight;
  });
  return -10 * Math.log10(sum / total);
}

/** At the size of the truth and at half of it. */
export function psnrs(truth: PartialTexture, projected: Image): [full: number, half: number] {
  const found = textureOfImage(resizeTexture(projected, truth.size));
  return [psnr(truth, found), psnr(shrinkPartial(truth, 2), shrinkTexture(found, 2))];
}

/** What the real people of a data set are like, to compare generated ones with. */
export interface RealPeople {
  /** As in `OCTAVES`: energy of each map, mean over the maps. */
  readonly energies: readonly number[];
  /** `size x size`: how often each texel was measured. */
  readonly measured: Float32Array;
  readonly coarse: readonly Candidate[];
  /** Mirror images of `coarse`. */
  readonly mirrored: readonly Candidate[];
  /** The judge's embeddings, one of each person. */
  readonly embeddings: readonly Candidate[];
  readonly distance: (a: Float32Array, b: Float32Array) => number;
}

export async function measureReal(
  { maps, size, seen }: TextureDataset,
  frame: UvFrame,
  portrait: Portrait,
): Promise<RealPeople> {
  const { skin, face } = faceRegions(frame, size);
  const measured = new Float32Array(size * size);
  const energies = OCTAVES.map(() => [] as number[]);
  const coarse: Candidate[] = [];
  const mirrored: Candidate[] = [];
  const embeddings: Candidate[] = [];
  for (const { person, colour, confidence } of maps) {
    const map = { size, colour };
    const trusted = trustedSkin(skin, confidence, size);
    if (trusted.includes(1)) {
      octaveSquares(map).forEach((squares, octave) => {
        energies[octave]!.push(weightedMean(squares, trusted));
      });
      for (let i = 0; i < measured.length; i++) measured[i]! += trusted[i]!;
    }
    coarse.push({ person, values: coarseOf(map) });
    mirrored.push({ person, values: coarseOf(mirrorTexture(map)) });
    if (embeddings.some((known) => known.person === person)) continue;
    embeddings.push({ person, values: await portrait.embed(imageOfTexture(map)) });
  }
  const weight = shrunk(
    face.map((value, i) => value * seen[i]!),
    size,
    1,
    size / COARSE,
  );
  return {
    energies: energies.map(mean),
    measured,
    coarse,
    mirrored,
    embeddings,
    distance: colourDistance(weight),
  };
}

/** Energy of samples over that of real people, at the same places; the spread is over samples. */
export function detailFigures(samples: readonly TextureMap[], real: RealPeople) {
  const squares = samples.map(octaveSquares);
  return OCTAVES.map((octave, o) => {
    const ratios = squares.map(
      (both) => weightedMean(both[o as 0 | 1], real.measured) / real.energies[o]!,
    );
    return {
      octave,
      realDeviation: round(255 * Math.sqrt(real.energies[o]!), 3),
      ratio: round(mean(ratios), 3),
      least: round(Math.min(...ratios), 3),
      most: round(Math.max(...ratios), 3),
    };
  });
}

/** Distances to nearest neighbours, of samples and of real people. */
export async function varietyFigures(
  samples: readonly TextureMap[],
  real: RealPeople,
  portrait: Portrait,
) {
  const coarse: Candidate[] = [];
  const embeddings: Candidate[] = [];
  for (const [i, sample] of samples.entries()) {
    const person = `sample ${i}`;
    coarse.push({ person, values: coarseOf(sample) });
    embeddings.push({ person, values: await portrait.embed(imageOfTexture(sample)) });
  }
  const { distance } = real;
  const everybody = [...real.coarse, ...real.mirrored];
  const colours = (from: readonly Candidate[], to: readonly Candidate[]) => {
    const found = nearest(from, to, distance);
    return { mean: round(found.mean, 4), least: round(found.least, 4) };
  };
  const cosines = (from: readonly Candidate[], to: readonly Candidate[]) => {
    const found = nearest(from, to, (a, b) => 1 - similarityOf(a, b));
    return { mean: round(1 - found.mean, 3), most: round(1 - found.least, 3) };
  };
  return {
    colour: {
      samplesToTraining: colours(coarse, everybody),
      samplesToSamples: colours(coarse, coarse),
      realToReal: colours(real.coarse, everybody),
    },
    judge: {
      samplesToTraining: cosines(embeddings, real.embeddings),
      samplesToSamples: cosines(embeddings, embeddings),
      realToReal: cosines(real.embeddings, real.embeddings),
    },
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function coarseOf(map: TextureMap): Float32Array {
  return shrinkTexture(map, map.size / COARSE).colour;
}
