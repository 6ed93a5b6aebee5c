// How far apart two neutral heads of one model are in shape alone.

import { GanfitError } from "../src/errors.js";
import { faceRegion } from "../src/export/overlay.js";
import { sampleMask } from "../src/image/sample.js";
import type { MorphableModel } from "../src/models/morphable-model.js";
import { alignPoints, movePoints } from "./similarity3.js";

/**
 * The vertices of the face: skin inside the oval of the landmarks.
 *
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
 * Mean distance between corresponding vertices, after the rigid motion of one head that brings them closest in
 * the sense of least squares.
 *
 * @param a `V x 3`, millimetres
 * @param b `V x 3`
 * @param vertices the indices of those that count, at least three that are not on a line
 * @returns millimetres
 */
export function rigidDistance(a: Float32Array, b: Float32Array, vertices: Uint32Array): number {
  const [from, to] = [positionsOf(a, vertices), positionsOf(b, vertices)];
  const moved = movePoints(from, alignPoints(from, to, { scale: false }));
  let sum = 0;
  for (let i = 0; i < moved.length; i += 3) {
    sum += Math.hypot(moved[i]! - to[i]!, moved[i + 1]! - to[i + 1]!, moved[i + 2]! - to[i + 2]!);
  }
  return sum / vertices.length;
}

function positionsOf(all: Float32Array, vertices: Uint32Array): Float32Array {
  const out = new Float32Array(3 * vertices.length);
  vertices.forEach((v, i) => {
    out.set(all.subarray(3 * v, 3 * v + 3), 3 * i);
  });
  return out;
}

/** Neutral heads fitted to two photos of one person, independently: `V x 3` each. */
export interface ShapePair {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Mean {@link rigidDistance} of both photos of a person, and of a first and a second photo of two people. */
export function describeShapes(people: readonly ShapePair[], vertices: Uint32Array) {
  const same: number[] = [];
  const different: number[] = [];
  people.forEach(({ first }, i) => {
    people.forEach(({ second }, j) => {
      (i === j ? same : different).push(rigidDistance(first, second, vertices));
    });
  });
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return { same: mean(same), different: mean(different), ratio: mean(same) / mean(different) };
}
