/** A triangle mesh as files hold it; the unit is the file's until a protocol says otherwise. */
export interface Mesh {
  /** `V x 3`. */
  readonly positions: Float64Array;
  /** `T x 3` vertex indices; polygons of files are cut into fans from their first corner. */
  readonly triangles: Uint32Array;
}
