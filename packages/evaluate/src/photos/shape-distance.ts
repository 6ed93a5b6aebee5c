/** How far apart two neutral heads of one model are in shape alone. */
import { faceRegion, GanfitError, type MorphableModel, sampleMask } from "@ganfit/core";
import { distancesBetween } from "../geometry/points.js";
import { alignPoints, movePoints } from "../geometry/similarity3.js";
import { mean } from "../statistics/statistics.js";

/**
 * The vertices of the face: skin inside the oval of the landmarks.
 *
 * @returns indices, ascending
 * @throws GanfitError `model` where the model lacks landmarks or texture coordinates
 */
export function faceVertices(model: MorphableModel): Uint32Array {
  const region = faceRegion(model);
  if (!region || !model.uv) {
    throw new GanfitError("model", `${model.name} has no landmarks or texture coordinates.`);
  }
  const { coordinates, triangles } = model.uv;
  const found = new Set<number>();
  for (const { kind, start, count } of model.parts) {
    if (kind !== "skin") continue;
    for (let corner = 3 * start; corner < 3 * (start + count); corner++) {
      const at = 2 * triangles[corner]!;
      if (sampleMask(region, coordinates[at]!, coordinates[at + 1]!) > 0) {
        found.add(model.triangles[corner]!);
      }
    }
  }
  return Uint32Array.from(found).sort();
}

/**
 * Mean distance between corresponding points, after the rigid motion of one shape that brings them closest in
 * the sense of least squares.
 *
 * @param from `F x 3`, millimetres, at least three points that are not on a line
 * @param to `F x 3`
 * @returns millimetres
 */
export function rigidDistance(from: Float32Array, to: Float32Array): number {
  const moved = movePoints(from, alignPoints(from, to, { scale: false }));
  return mean(distancesBetween(moved, to));
}

/** A neutral shape fitted to one photo of a person. */
export interface PersonShape {
  readonly person: string;
  /** Which of the person's photos, from 0. */
  readonly place: number;
  /** `F x 3`, millimetres. */
  readonly points: Float32Array;
}

/** Mean distances, millimetres; NaN where there are no such pairs. */
export interface ShapeSeparation {
  readonly same: number;
  readonly different: number;
  /** Of the first by the second: 0 where shapes tell people apart wholly, 1 where they do not at all. */
  readonly ratio: number;
  readonly pairs: { readonly same: number; readonly different: number };
}

/**
 * Mean {@link rigidDistance} of two photos of a person, and of photos of two people. The latter have different places
 * among their people's photos, as those of one person have: where everybody's first photo has the same expression,
 * pairs of two people differ in it as pairs of one do.
 *
 * @param mostPairs of two people; where there are more, every so many-th counts
 */
export function describeShapes(
  shapes: readonly PersonShape[],
  mostPairs = 20_000,
): ShapeSeparation {
  const same: [PersonShape, PersonShape][] = [];
  const different: [PersonShape, PersonShape][] = [];
  shapes.forEach((a, i) => {
    for (const b of shapes.slice(i + 1)) {
      if (a.person === b.person) same.push([a, b]);
      else if (a.place !== b.place) different.push([a, b]);
    }
  });
  const stride = Math.max(1, Math.ceil(different.length / mostPairs));
  const counted = different.filter((_, i) => i % stride === 0);
  const meanOf = (pairs: readonly [PersonShape, PersonShape][]) =>
    mean(pairs.map(([a, b]) => rigidDistance(a.points, b.points)));
  const [own, others] = [meanOf(same), meanOf(counted)];
  return {
    same: own,
    different: others,
    ratio: own / others,
    pairs: { same: same.length, different: counted.length },
  };
}
