/**
 * Whether products of coordinates can be computed with: of those beyond, further products lose their digits or
 * overflow, and a decomposition of them fails or never ends.
 *
 * @param size of the products
 */
export function isComputable(size: number): boolean {
  return size > 1e-200 && size < 1e200;
}
