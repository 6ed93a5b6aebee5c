// The directions in which the head may vary, before statistics: MakeHuman's targets with the scale at
// which an artist would use them, none of which moves the head as a whole.

import { Matrix, solve } from "ml-matrix";
import type { BaseHead } from "./base-head.js";
import { nostrilDirections } from "./nostrils.js";

export interface PriorDirection {
  readonly name: string;
  /** Directions of one group share a scale that the photographs decide. */
  readonly group: string;
  /** Whether it moves both sides in opposite senses. */
  readonly antisymmetric: boolean;
  /** `V x 3`, millimetres, for a coefficient of 1. */
  readonly displacement: Float32Array;
  /** Standard deviation of its coefficient before anything has been learnt. */
  readonly deviation: number;
  /** Whether frontal landmarks can tell its coefficient; if not, the prior stays as it is. */
  readonly seen: boolean;
}

/**
 * A target at full strength is drawn to be conspicuous: about twice what is usual. Where that would
 * still move the skin far, the cap (millimetres for one standard deviation) decides instead.
 */
const USUAL = 0.5;
const CAPS: Readonly<Record<string, number>> = { macro: 4, head: 3, neck: 3, ears: 2 };
const OTHER_CAP = 1.5;
const ASYMMETRY_CAP = 0.6;

/**
 * Standard deviation of a head's overall size among adults. It is less than that of single measures, which
 * contain shape: head length 198.5 +- 7.1 mm (3.6 %), breadth 153.5 +- 4.7 mm (3.1 %) of the first 29 men of
 * ANSUR II (Gordon et al., 2012 Anthropometric Survey of U.S. Army Personnel, 2014).
 */
const SIZE_DEVIATION = 0.025;

/** The direction in which the whole head grows. */
export const SIZE_DIRECTION = "size";

/** Directions in which nostrils become deeper and wider inside, millimetres; the base mesh hardly has any. */
export const NOSTRIL_DEPTH = "nostril-depth";
export const NOSTRIL_WIDTH = "nostril-width";
const NOSTRIL_DEVIATION = 2;

export function priorDirections(head: BaseHead): PriorDirection[] {
  const areas = skinAreas(head);
  const rigid = rigidMotions(head.mean, areas);
  const out = head.targets.map(({ name, group, displacement }): PriorDirection => {
    const antisymmetric = group === "asymmetry";
    const still = rigid.remove(displacement);
    const cap = antisymmetric ? ASYMMETRY_CAP : (CAPS[group] ?? OTHER_CAP);
    return {
      name,
      group: antisymmetric ? `asymmetry/${name.split("/")[0]}` : group,
      antisymmetric,
      displacement: still,
      deviation: Math.min(USUAL, cap / peak(still, areas)),
      seen: true,
    };
  });
  out.push({
    name: SIZE_DIRECTION,
    group: "size",
    antisymmetric: false,
    displacement: rigid.remove(head.mean),
    deviation: SIZE_DEVIATION,
    seen: false,
  });
  const nostrils = nostrilDirections(head);
  for (const [name, displacement] of [
    [NOSTRIL_DEPTH, nostrils.depth],
    [NOSTRIL_WIDTH, nostrils.width],
  ] as const) {
    out.push({
      name,
      group: "nostrils",
      antisymmetric: false,
      displacement,
      deviation: NOSTRIL_DEVIATION,
      seen: false,
    });
  }
  return out;
}

/** `V`: square millimetres of skin around each vertex, 0 for those of other parts. */
export function skinAreas({ mean, triangles, parts }: BaseHead): Float64Array {
  const areas = new Float64Array(mean.length / 3);
  for (const { kind, start, count } of parts) {
    if (kind !== "skin") continue;
    for (let t = start; t < start + count; t++) {
      const [a, b, c] = [0, 1, 2].map((i) => triangles[3 * t + i]!) as [number, number, number];
      const u = [0, 1, 2].map((k) => mean[3 * b + k]! - mean[3 * a + k]!);
      const v = [0, 1, 2].map((k) => mean[3 * c + k]! - mean[3 * a + k]!);
      const area =
        Math.hypot(
          u[1]! * v[2]! - u[2]! * v[1]!,
          u[2]! * v[0]! - u[0]! * v[2]!,
          u[0]! * v[1]! - u[1]! * v[0]!,
        ) / 2;
      for (const vertex of [a, b, c]) areas[vertex]! += area / 3;
    }
  }
  return areas;
}

/** How far a direction moves the skin, but for the one percent of its area that moves most. */
function peak(displacement: Float32Array, areas: Float64Array): number {
  const lengths = [...areas.keys()]
    .filter((v) => areas[v]! > 0)
    .map((v) => Math.hypot(...displacement.subarray(3 * v, 3 * v + 3)))
    .sort((a, b) => a - b);
  return Math.max(lengths[Math.floor(0.99 * lengths.length)]!, 0.25 * lengths.at(-1)!);
}

/** Translations and small rotations of `mean`, weighted by vertex. */
export function rigidMotions(mean: Float32Array, weights: Float64Array) {
  const motions: Float64Array[] = [];
  const total = weights.reduce((sum, w) => sum + w, 0);
  const centre = [0, 1, 2].map(
    (k) => weights.reduce((sum, w, v) => sum + w * mean[3 * v + k]!, 0) / total,
  );
  for (let axis = 0; axis < 3; axis++) {
    const shift = new Float64Array(mean.length);
    const turn = new Float64Array(mean.length);
    const [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
    for (let v = 0; v < mean.length; v += 3) {
      shift[v + axis] = 1;
      turn[v + a] = -(mean[v + b]! - centre[b]!);
      turn[v + b] = mean[v + a]! - centre[a]!;
    }
    motions.push(shift, turn);
  }
  const inner = (x: ArrayLike<number>, y: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += weights[Math.floor(i / 3)]! * x[i]! * y[i]!;
    return sum;
  };
  const gram = new Matrix(motions.map((x) => motions.map((y) => inner(x, y))));
  return {
    /** What is left of a displacement when the rigid motion nearest to it is taken away. */
    remove(displacement: ArrayLike<number>): Float32Array {
      const right = Matrix.columnVector(motions.map((x) => inner(x, displacement)));
      const amounts = solve(gram, right).to1DArray();
      return Float32Array.from({ length: mean.length }, (_, i) =>
        motions.reduce((sum, motion, k) => sum - amounts[k]! * motion[i]!, displacement[i]!),
      );
    },
  };
}
