import type { Mesh } from "../geometry/mesh.js";

/** A mesh with the 68 landmarks of iBUG. */
export interface LandmarkedMesh extends Mesh {
  /** `68 x 3`, in the mesh's place and unit. */
  readonly landmarks: Float64Array;
}
