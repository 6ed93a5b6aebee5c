// The lines that the likeness benchmark prints.

import type { PersonFigures, Texture } from "./likeness-person.js";
import type { PhotoLikeness } from "./likeness-photo.js";
import { describeShapes, rigidDistance } from "./likeness-shape.js";
import { describeSeparation } from "./recognition-measure.js";

/** A line for each texture of a person. */
export function personLines(
  { person, textures, real, shapes, seconds }: PersonFigures,
  face: Uint32Array,
): object[] {
  return textures.map(({ texture, identity, own, other }) => ({
    person: person.name,
    texture,
    ...(identity && {
      judge: rounded(identity.genuine, 3),
      ...(real !== undefined && { real: rounded(real, 3) }),
      [identity.nearest < identity.genuine ? "next" : "takenFor"]: identity.nearestPerson,
      nextJudge: rounded(identity.nearest, 3),
    }),
    ...(own && { own: photoLine(own) }),
    ...(other && { other: photoLine(other) }),
    ...(shapes && { shape: rounded(rigidDistance(shapes.first, shapes.second, face), 2) }),
    seconds: rounded(seconds, 1),
  }));
}

/**
 * All people in one texture.
 *
 * @param failed how many people more could not be measured: they count as not recognised
 * @param face the vertices by which shapes are compared
 */
export function summary(
  people: readonly PersonFigures[],
  texture: Texture,
  failed: number,
  face: Uint32Array,
): object {
  const figures = people.flatMap((each) => each.textures.filter((one) => one.texture === texture));
  const comparisons = figures.flatMap(({ identity }) => identity ?? []);
  const real = people.flatMap((each) => each.real ?? []);
  const shapes = people.flatMap((each) => each.shapes ?? []);
  const own = figures.flatMap((each) => each.own ?? []);
  const other = figures.flatMap((each) => each.other ?? []);
  return {
    texture,
    people: people.length,
    failed,
    ...(comparisons.length > 0 && { identity: identitySummary(comparisons, real, failed) }),
    ...(own.length > 0 && { own: photoSummary(own) }),
    ...(other.length > 0 && { other: photoSummary(other) }),
    ...(shapes.length > 1 && { shape: shapeSummary(shapes, face) }),
    ...(people.length > 0 && { seconds: rounded(median(people.map((one) => one.seconds)), 1) }),
  };
}

function identitySummary(
  comparisons: Parameters<typeof describeSeparation>[0],
  real: readonly number[],
  failed: number,
) {
  const { probes, rank1, auc, genuine, impostor } = describeSeparation(comparisons);
  return {
    rank1: rounded((rank1 * probes) / (probes + failed), 4),
    auc: rounded(auc, 4),
    judge: { mean: rounded(genuine.mean, 3), worst: rounded(genuine.least, 3) },
    ...(real.length > 0 && { real: meanAndWorst(real, 3) }),
    others: { mean: rounded(impostor.mean, 3), most: rounded(impostor.most, 3) },
  };
}

function shapeSummary(shapes: Parameters<typeof describeShapes>[0], face: Uint32Array) {
  const { same, different, ratio } = describeShapes(shapes, face);
  return { same: rounded(same, 2), different: rounded(different, 2), ratio: rounded(ratio, 3) };
}

function photoSummary(list: readonly PhotoLikeness[]) {
  const of = (which: "psnr" | "ssim" | "covered", digits: number) =>
    meanAndWorst(
      list.map((each) => each[which]),
      digits,
    );
  return { psnr: of("psnr", 2), ssim: of("ssim", 4), covered: of("covered", 3) };
}

function photoLine({ psnr, ssim, covered }: PhotoLikeness) {
  return { psnr: rounded(psnr, 2), ssim: rounded(ssim, 4), covered: rounded(covered, 3) };
}

/** Of figures of which more is better. */
function meanAndWorst(list: readonly number[], digits: number): { mean: number; worst: number } {
  const sum = list.reduce((a, b) => a + b, 0);
  return { mean: rounded(sum / list.length, digits), worst: rounded(Math.min(...list), digits) };
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[list.length >> 1]!;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
