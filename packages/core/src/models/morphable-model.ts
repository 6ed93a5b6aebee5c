/**
 * A 3D morphable model of the head (Blanz and Vetter 1999): every head is
 *
 *     S(p_s, p_e) = mean + sum_k p_s[k] identity[k] + sum_k p_e[k] expression[k]
 *
 * in millimetres, in a right-handed frame with x to the person's left, y up and z out of the face,
 * the origin inside the head between the ears (so a photo taken from +z shows x to the right).
 */
export interface MorphableModel {
  /** Short name, as `ganfit models list` shows it. */
  readonly name: string;
  /** SPDX identifier, or a sentence naming the terms. */
  readonly licence: string;
  /** Whom the licence asks to be named, and where the model comes from. */
  readonly attribution: string;
  /** `V x 3` vertex positions of the mean head with no expression, millimetres. */
  readonly mean: Float32Array;
  /** `T x 3` vertex indices, counter-clockwise seen from outside, ordered by part. */
  readonly triangles: Uint32Array;
  /** Consecutive ranges of `triangles`, covering all of them. */
  readonly parts: readonly Part[];
  readonly identity: Basis;
  readonly expression: Basis;
  /** Null where the model's file has none and none has been found yet. */
  readonly landmarks: Landmarks | null;
  /** `V`: for each vertex its mirror image across x = 0 (itself on the midline); null where unknown. */
  readonly symmetry: Uint32Array | null;
  /** Null until the model has been unwrapped into the common frame. */
  readonly uv: UvMap | null;
}

/** What a part is made of; each has a material of its own. Only `skin` wears the face texture. */
export type PartKind = "skin" | "eyes" | "mouth" | "teeth" | "tongue" | "lashes" | "other";

export interface Part {
  /** Unique within the model, such as `skin` or `eye-left`. */
  readonly name: string;
  readonly kind: PartKind;
  /** First triangle. */
  readonly start: number;
  /** Number of triangles. */
  readonly count: number;
}

/** Linear directions in which the head can change. */
export interface Basis {
  /** `K` names, unique: ARKit's where a mode is one of its 52 blend shapes. */
  readonly names: readonly string[];
  /**
   * `K x V x 3`: displacement in millimetres for a coefficient of 1. For a `normal` prior a coefficient
   * of 1 is one standard deviation; for `unit-interval` it is the blend shape at full strength.
   */
  readonly displacements: Float32Array;
  /**
   * `K`, all positive: the scale of each direction in the model's own file, so that
   * `displacements[k] / standardDeviations[k]` is the component as published (1 for blend shapes).
   */
  readonly standardDeviations: Float32Array;
  /** How coefficients are distributed: N(0, 1), or weights in [0, 1]. */
  readonly prior: "normal" | "unit-interval";
}

/** Points on the surface that move with it: `n` triangles and `n x 3` barycentric coordinates. */
export interface SurfacePoints {
  readonly triangles: Uint32Array;
  readonly barycentric: Float32Array;
}

/** Sets of points that a model may know; null where its file has none and none have been embedded yet. */
export interface Landmarks {
  /** The 68 points of iBUG 300-W, in its order (0-16 jaw from the person's right ear). */
  readonly ibug68: SurfacePoints | null;
  /** MediaPipe's 478: 468 of the face mesh, then 5 for each iris (centre, then around it). */
  readonly mediapipe478: SurfacePoints | null;
}

/**
 * Texture coordinates, indexed apart from positions so that the seam can be cut: corner `c` of
 * triangle `t` has `coordinates[triangles[3 t + c]]`.
 */
export interface UvMap {
  /** Name of the layout: textures fit every model whose frame has the same name. */
  readonly frame: string;
  /** `M x 2`, u to the right and v down, both in [0, 1], as glTF has them. */
  readonly coordinates: Float32Array;
  /** `T x 3` indices into `coordinates`. */
  readonly triangles: Uint32Array;
}
