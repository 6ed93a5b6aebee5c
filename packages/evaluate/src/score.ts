/** What is asked of, and comes back from, the scoring of one subject's reconstruction by one system. */

export const PROTOCOLS = ["micc", "realy", "now", "meshes"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Reconstructions by one system. */
export interface SystemFolder {
  readonly name: string;
  readonly folder: string;
}

/** One subject of one system; plain data, so that worker threads can be handed it. */
export interface ScoreTask<S = unknown> {
  /** Whose scorer this is for. */
  readonly protocol: Protocol;
  /** Name of the system that made the reconstruction. */
  readonly system: string;
  /** Unique within the system; may hold slashes. */
  readonly subject: string;
  /** Paths of all files whose content decides the score. */
  readonly files: readonly string[];
  /** JSON; all else that decides the score, and where in `files` what is to be found. */
  readonly settings: S;
}

/** A subject that cannot be scored, because something of it is missing. */
export interface Problem {
  readonly system: string;
  readonly subject: string;
  /** One sentence: what is wrong, where. */
  readonly problem: string;
}

/** What is to be scored and what cannot be. */
export interface Plan<S = unknown> {
  readonly tasks: readonly ScoreTask<S>[];
  readonly problems: readonly Problem[];
}

/** What one scorer finds. */
export interface Score {
  /** By name; millimetres where the name says nothing else. */
  readonly figures: Readonly<Record<string, number>>;
  /** Numbers that are pooled over subjects before statistics are taken; empty where there are none. */
  readonly pooled: Float32Array;
  /** To be drawn. */
  readonly errorMaps: readonly ErrorMap[];
}

/** Errors on a mesh, for a picture. */
export interface ErrorMap {
  /** What it shows, such as `nose` or `scan to reconstruction`. */
  readonly title: string;
  /** `V x 3`, y up and z out of the face, any unit. */
  readonly positions: Float64Array;
  /** `T x 3`. */
  readonly triangles: Uint32Array;
  /** `V`, millimetres; NaN where nothing was measured. */
  readonly errors: Float32Array;
}

/** A score as it is kept: pooled numbers and pictures are files. */
export interface KeptScore {
  readonly system: string;
  readonly subject: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly pooled: Float32Array;
  readonly pictures: readonly Picture[];
}

export interface Picture {
  readonly title: string;
  /** Of the PNG or JPEG, relative to the report's folder, with slashes. */
  readonly file: string;
}
