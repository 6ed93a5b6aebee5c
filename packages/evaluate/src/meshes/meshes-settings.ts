/** How any meshes are compared with any others. */

/**
 * How a reconstruction may be moved onto the truth: `similarity` turns, moves and scales it, `rigid` keeps its size,
 * `none` takes it as it lies.
 */
export const MESH_ALIGNMENTS = ["similarity", "rigid", "none"] as const;
export type MeshAlignment = (typeof MESH_ALIGNMENTS)[number];

/** `points`: coordinates beside the mesh; `ids`: numbers of vertices, for all meshes of a folder. */
export type LandmarkKind = "points" | "ids";

/** Files of a task: the truth, the reconstruction, then the landmarks of the one and of the other as far as they are used. */
export interface MeshesSettings {
  readonly align: MeshAlignment;
  /** About the truth's nose tip, millimetres; null for all of it. */
  readonly radius: number | null;
  readonly millimetresPerUnit: number;
  /** How many landmarks there are and what holds them; null where vertices correspond or nothing is moved. */
  readonly landmarks: {
    readonly count: number;
    readonly truth: LandmarkKind;
    /** Null where nothing is moved. */
    readonly mesh: LandmarkKind | null;
  } | null;
}
