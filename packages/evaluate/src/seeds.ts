/** Seeds of their own for every random thing, so that adding one changes no other. */

/**
 * A seed from a seed and what it is for: FNV-1a (Fowler, Noll, Vo) over its text, mixed by the last steps of
 * MurmurHash3 (Austin Appleby, public domain) because close seeds must not give close numbers.
 *
 * @param labels of one use, such as `"subject", 3, "noise"`
 * @returns 32 bits, unsigned
 */
export function seedFor(seed: number, ...labels: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of [seed, ...labels].join("/")) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
