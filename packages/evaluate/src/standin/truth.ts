/** What truth.json says of a stand-in: all that was random, in millimetres and the model's frame. */
import type { KnownHead } from "./known-heads.js";
import type { Scan } from "./make-scan.js";
import { STAND_IN_DEFAULTS, type StandInOptions } from "./standin-options.js";
import { FACE_RADIUS, faceOf, type Reconstructions } from "./systems.js";

/** @param subjects what is known of each; JSON */
export function truthText(
  kind: string,
  {
    seed,
    vertices = STAND_IN_DEFAULTS.vertices,
    photos = STAND_IN_DEFAULTS.photos,
  }: StandInOptions,
  noise: number,
  subjects: readonly unknown[],
): string {
  const truth = { kind, seed, vertices, noise, photos, faceRadius: FACE_RADIUS, subjects };
  return `${JSON.stringify(truth, null, 1)}\n`;
}

export function scanTruth({ mesh, motion, defects }: Scan) {
  return { vertices: mesh.positions.length / 3, motion, ...defects };
}

/** Of the vertices within {@link FACE_RADIUS} of the tip of the nose. */
export function reconstructionTruth(
  head: KnownHead,
  { motion, displacement, positions }: Reconstructions,
) {
  const face = faceOf(head);
  const vertices = [...displacement.keys()].filter(face);
  const mean = (of: (vertex: number) => number) =>
    vertices.reduce((sum, vertex) => sum + of(vertex), 0) / vertices.length;
  const truth = head.mesh.positions;
  const average = positions["mean-face"];
  const apart = (vertex: number) =>
    Math.hypot(...[0, 1, 2].map((k) => average[3 * vertex + k]! - truth[3 * vertex + k]!));
  return {
    motion,
    displacement: {
      mean: mean((vertex) => Math.abs(displacement[vertex]!)),
      signedMean: mean((vertex) => displacement[vertex]!),
    },
    /** Mean distance from the head's vertices to the mean head's, as they stand. */
    meanFace: mean(apart),
  };
}
