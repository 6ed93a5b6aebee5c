/** What files may hold, so that a wrong one ends in a message and not in a machine without memory. */

/** Of a mesh file. */
export const MAX_MESH_BYTES = 512 * 2 ** 20;
/** Of a file of landmarks or indices. */
export const MAX_LIST_BYTES = 16 * 2 ** 20;
export const MAX_VERTICES = 20_000_000;
export const MAX_TRIANGLES = 40_000_000;
