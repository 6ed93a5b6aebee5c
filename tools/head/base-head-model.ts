import type { Basis, MorphableModel } from "../../packages/core/src/models/morphable-model.js";
import type { BaseHead } from "./base-head.js";

const NO_MODES: Basis = {
  names: [],
  displacements: new Float32Array(0),
  standardDeviations: new Float32Array(0),
  prior: "normal",
};

/** The base head's mean as a model that cannot change, in MakeHuman's own texture layout. */
export function baseHeadModel(head: BaseHead): MorphableModel {
  return {
    name: "base head",
    licence: "CC0-1.0",
    attribution: "MakeHuman",
    mean: head.mean,
    triangles: head.triangles,
    parts: head.parts,
    identity: NO_MODES,
    expression: { ...NO_MODES, prior: "unit-interval" },
    landmarks: null,
    symmetry: head.symmetry,
    uv: {
      frame: "makehuman",
      coordinates: head.sourceUv,
      triangles: Uint32Array.from(head.triangles, (_, corner) => corner),
    },
  };
}
